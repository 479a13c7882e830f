import { readFileSync } from 'node:fs'
import {
  annotations,
  brokenEvents,
  decide,
  foldAsOf,
  foldStream,
  type Proposal,
  parseBulkLine,
  type RecordedEvent,
  Status,
  statusOf,
  type World,
} from '@commitments/domain'
import { exampleDay, exampleNow, exampleZone, recorded } from '@commitments/test-kit/domain'
import t from 'tap'

const zone = 'Asia/Ho_Chi_Minh'
const streams = new Map<string, RecordedEvent[]>()
const states = new Map<string, Proposal>()

t.test('every line of the later portfolio is accepted after the first portfolio, including corrections', async (t) => {
  const refused = [...record('portfolio'), ...record('portfolio-later')]
  t.same(refused, [])
  const types = [...streams.values()].flat().map(({ type }) => type)
  t.equal(types.filter((type) => type === 'corrected').length, 52)
  t.equal(types.length, 290)
})

t.test('no event of the portfolio is broken, and every state has a status', async (t) => {
  for (const [proposalId, stream] of streams) {
    t.same(brokenEvents(stream, worldOf(proposalId)), [], proposalId)
    const status = statusOf(stateOf(proposalId), exampleDay, zone)
    t.same(Status.parse(status), status)
  }
})

t.test('VKIST reads as corrected, and what was recorded first is shown as such', async (t) => {
  t.match(stateOf('vkist'), {
    stage: 'delivered',
    history: { proposed: { occurredOn: '2012' }, agreed: { occurredOn: '[2013-09-07..2013-09-11]' } },
  })
  t.same(annotations(streams.get('vkist') ?? [])[2], { version: 3, correctedBy: [5], retractedBy: null })
  const stageOn = (day: string) => foldAsOf(streams.get('vkist') ?? [], day, zone)?.stage
  t.equal(stageOn('2012-12-30'), undefined)
  t.equal(stageOn('2012-12-31'), 'proposed')
  t.equal(stageOn('2013-09-11'), 'agreed')
  t.equal(stageOn('2014-12-31'), 'funded')
  t.equal(stageOn('2023-01-17'), 'delivered')
})

/** @returns the refusals; there should be none */
function record(file: string): string[] {
  const text = readFileSync(new URL(`../../../../data/${file}.ndjson`, import.meta.url), 'utf8')
  return text.split('\n').flatMap((line, index) => (line === '' ? [] : recordLine(line, `${file} ${index + 1}`)))
}

function recordLine(line: string, where: string): string[] {
  const parsed = parseBulkLine(JSON.parse(line))
  if (!parsed.ok) return [`${where}: ${JSON.stringify(parsed.errors)}`]
  const { body } = parsed
  const { proposalId } = body
  const decision = decide(states.get(proposalId) ?? null, body, worldOf(proposalId))
  if (decision.outcome === 'refused') return [`${where}: ${decision.code}: ${decision.detail}`]
  const stream = streams.get(proposalId) ?? []
  streams.set(proposalId, [...stream, recorded(body, { proposalId, version: stream.length + 1 })])
  states.set(proposalId, foldStream(streams.get(proposalId) ?? [], exampleZone) as Proposal)
  return []
}

function worldOf(proposalId: string): World<RecordedEvent> {
  return {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find: (id) => states.get(id) ?? null,
    history: () => streams.get(proposalId) ?? [],
  }
}

function stateOf(proposalId: string): Proposal {
  return states.get(proposalId) as Proposal
}
