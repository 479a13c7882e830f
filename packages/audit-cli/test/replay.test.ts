import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { exportLog } from '../src/export/export.ts'
import { replayPortfolio, replayProposal } from '../src/replay/replay.ts'
import { momentOf } from '../src/status/moment.ts'
import { openAudited, recordPortfolio } from './services.ts'

t.setTimeout(120_000)

const moments = [
  {},
  { asOf: '2024-01-01' },
  { knownAtPosition: 100 },
  { knownAtPosition: 200, asOf: '2023-06-30' },
  { knownAtPosition: 290, asOf: '2026-06-30' },
]

function queryOf(moment: object): string {
  const entries = Object.entries(moment).map(([name, value]): [string, string] => [name, String(value)])
  return new URLSearchParams(entries).toString()
}

t.test(
  'the portfolio at any moment is the one that the service shows, from the service or from a file alone',
  async (t) => {
    const audited = await openAudited(t)
    const size = await recordPortfolio(audited)
    await audited.signed(size)
    const file = join(temporaryFolder(t), 'log.ndjson')
    await exportLog({ source: audited.url, file })
    for (const moment of moments) {
      const query = queryOf(moment)
      const served = await (await fetch(`${audited.url}/v1/portfolio?${query}&atLeast=${size}`)).json()
      for (const source of [audited.url, file]) {
        const replayed = await replayPortfolio({ source, moment: momentOf(moment) })
        t.same(
          JSON.parse(JSON.stringify(replayed.value)),
          served,
          `${query} from ${source === file ? 'a file' : 'the service'}`,
        )
        t.equal(replayed.lines, size)
      }
    }
  },
)

t.test('a proposal at any moment is the one that the service shows; before it there is nothing', async (t) => {
  const audited = await openAudited(t)
  const size = await recordPortfolio(audited)
  await audited.signed(size)
  for (const proposalId of ['vkist-phase-2', 'jcm10']) {
    for (const moment of moments) {
      const query = queryOf(moment)
      const answer = await fetch(`${audited.url}/v1/proposals/${proposalId}?${query}&atLeast=${size}`)
      const { related: _, ...served } = (await answer.json()) as Record<string, unknown>
      const { value } = await replayProposal(proposalId, { source: audited.url, moment: momentOf(moment) })
      if (answer.status === 404) t.equal(value, null, `${proposalId} ${query}`)
      else t.same(JSON.parse(JSON.stringify(value)), served, `${proposalId} ${query}`)
    }
  }
  const misspelt = replayProposal('vkist-phase-3', { source: audited.url, moment: {} })
  await t.rejects(misspelt, {
    name: 'CannotCheck',
    message: /knows no proposal vkist-phase-3. Ids like it: vkist-phase-2/,
  })
})

t.test('an invalid day or instant is refused as such', async (t) => {
  t.throws(() => momentOf({ asOf: '2024-02-30' }), { name: 'CannotCheck', message: /is no day/ })
  t.throws(() => momentOf({ knownAt: 'yesterday' }), { name: 'CannotCheck', message: /is no instant/ })
  t.match(momentOf({ knownAt: '2026-03-01T00:00:00+07:00' }), { knownAt: '2026-03-01T00:00:00+07:00' })
})
