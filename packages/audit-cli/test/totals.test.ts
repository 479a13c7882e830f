import { readFileSync } from 'node:fs'
import { type EventBody, foldStream, type Proposal, parseBulkLine, type RecordedEvent } from '@commitments/domain'
import { agreed, example, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { entryOf, portfolioOf } from '../src/status/portfolio.ts'

/** The states of the real portfolio, folded from its lines without any service. */
function realPortfolio(): Proposal[] {
  const streams = new Map<string, RecordedEvent[]>()
  let position = 0
  for (const name of ['portfolio', 'portfolio-later']) {
    const file = readFileSync(new URL(`../../../data/${name}.ndjson`, import.meta.url), 'utf8')
    for (const line of file.trimEnd().split('\n')) {
      const parsed = parseBulkLine(JSON.parse(line))
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
      const { proposalId } = parsed.body
      const stream = streams.get(proposalId) ?? []
      position += 1
      stream.push(recorded(parsed.body, { proposalId, version: stream.length + 1, position }))
      streams.set(proposalId, stream)
    }
  }
  return [...streams.values()].map((stream) => foldStream(stream, 'Asia/Ho_Chi_Minh') as Proposal)
}

t.test('parts of a void proposal count as parts of the proposal above it', async (t) => {
  const [programme, mistake, part] = ['programme', 'mistake', 'part']
  const committed = (value: string) => [agreed(), funded({ amount: { value, currency: 'USD' } })]
  const entries = [
    stateOf(programme, proposed(), ...committed('100')),
    stateOf(mistake, proposed({ parent: programme }), example('ended', { ending: 'void' })),
    stateOf(part, proposed({ parent: mistake }), ...committed('40')),
  ].map((proposal) => entryOf(proposal, '2026-11-28', 'Asia/Ho_Chi_Minh'))
  const { money, ownMoneyBeside } = portfolioOf(entries, '2026-11-28', 'Asia/Ho_Chi_Minh')
  t.strictSame(money, { ...money, committed: { USD: '40' } })
  t.strictSame(ownMoneyBeside.proposals, [programme])
  t.strictSame(ownMoneyBeside.money.committed, { USD: '100' })
})

function stateOf(proposalId: string, ...history: EventBody[]): Proposal {
  const stream = history.map((body, index) => recorded(body, { proposalId, version: index + 1 }))
  return foldStream(stream, 'Asia/Ho_Chi_Minh') as Proposal
}

t.test('the totals of the real portfolio contain all of its US dollars', async (t) => {
  const proposals = realPortfolio()
  t.equal(proposals.length, 95)
  const { money, ownMoneyBeside } = portfolioOf(
    proposals.map((proposal) => entryOf(proposal, '2026-11-28', 'Asia/Ho_Chi_Minh')),
    '2026-11-28',
    'Asia/Ho_Chi_Minh',
  )
  t.match(money, {
    committed: { USD: '100000000', KRW: '3000000000' },
    disbursed: { USD: '35000000' },
    pledged: { USD: '30000000' },
  })
  t.match(ownMoneyBeside, { total: 0, proposals: [] })
})
