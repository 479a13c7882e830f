import { readFileSync } from 'node:fs'
import {
  decide,
  foldStream,
  type Proposal,
  parseBulkLine,
  type RecordedEvent,
  Status,
  statusOf,
} from '@commitments/domain'
import { exampleDay, exampleNow, exampleZone, recorded } from '@commitments/test-kit/domain'
import t from 'tap'

const lines = readFileSync(new URL('../../../data/portfolio.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')

t.test('every line of the first portfolio is accepted, in order', async (t) => {
  const proposals = recordAll()
  t.equal(lines.length, 150)
  t.equal(proposals.size, 92)
  const stageOf = (proposalId: string) => proposals.get(proposalId)?.stage
  t.equal(stageOf('vkist'), 'delivered')
  t.equal(stageOf('vkist-phase-2'), 'proposed')
  t.equal(stageOf('jcm10'), 'proposed')
  t.equal(stageOf('v-compas'), 'delivered')
})

t.test('every status of the first portfolio fits its schema, and shows what was recorded', async (t) => {
  for (const proposal of recordAll().values()) {
    const status = statusOf(proposal, exampleDay, 'Asia/Ho_Chi_Minh')
    t.same(Status.parse(status), status, proposal.proposalId)
    t.same(status.flags, [])
  }
})

function recordAll(): Map<string, Proposal> {
  const streams = new Map<string, RecordedEvent[]>()
  const proposals = new Map<string, Proposal>()
  for (const [index, line] of lines.entries()) {
    const parsed = parseBulkLine(JSON.parse(line))
    if (!parsed.ok) throw new Error(`line ${index + 1}: ${JSON.stringify(parsed.errors)}`)
    const { body } = parsed
    const { proposalId } = body
    const stream = streams.get(proposalId) ?? []
    const decision = decide(proposals.get(proposalId) ?? null, body, {
      futureBegins: '2026-11-24',
      now: exampleNow,
      timeZone: exampleZone,
      find: (id: string) => proposals.get(id) ?? null,
      history: () => stream,
    })
    if (decision.outcome === 'refused') throw new Error(`line ${index + 1}: ${decision.detail}`)
    stream.push(recorded(body, { proposalId, version: stream.length + 1, position: index + 1 }))
    streams.set(proposalId, stream)
    proposals.set(proposalId, foldStream(stream, exampleZone) as Proposal)
  }
  return proposals
}
