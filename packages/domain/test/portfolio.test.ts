import { readFileSync } from 'node:fs'
import { decide, evolve, type Proposal, parseBulkLine, Status, statusOf } from '@commitments/domain'
import { exampleDay, recorded } from '@commitments/test-kit/domain'
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

t.test('every status of the first portfolio fits its schema, and repeats what was said', async (t) => {
  for (const proposal of recordAll().values()) {
    const status = statusOf(proposal, exampleDay, 'Asia/Ho_Chi_Minh')
    t.same(Status.parse(status), status, proposal.proposalId)
    t.same(status.flags, [])
  }
})

function recordAll(): Map<string, Proposal> {
  const proposals = new Map<string, Proposal>()
  const world = { futureBegins: '2026-11-24', find: (id: string) => proposals.get(id) ?? null, history: () => [] }
  for (const [index, line] of lines.entries()) {
    const parsed = parseBulkLine(JSON.parse(line))
    if (!parsed.ok) throw new Error(`line ${index + 1}: ${JSON.stringify(parsed.errors)}`)
    const { body } = parsed
    const before = proposals.get(body.proposalId) ?? null
    const decision = decide(before, body, world)
    if (decision.outcome === 'refused') throw new Error(`line ${index + 1}: ${decision.detail}`)
    const place = { proposalId: body.proposalId, version: (before?.version ?? 0) + 1, position: index + 1 }
    proposals.set(body.proposalId, evolve(before, recorded(body, place)))
  }
  return proposals
}
