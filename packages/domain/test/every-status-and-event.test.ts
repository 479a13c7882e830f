import type { EventBody, Kind, Proposal, RefusalCode } from '@commitments/domain'
import { accepted, agreed, delivered, funded, given, proposed, refused } from '@commitments/test-kit/domain'
import t from 'tap'

/** Every status × every event: what a proposal of each sort answers. `ok` is accepted, the rest are codes. */
type Row = readonly [status: string, proposed: Answer, agreed: Answer, funded: Answer, delivered: Answer]
type Answer = RefusalCode | 'ok'

const again = 'already-proposed'
const events: readonly EventBody[] = [proposed(), agreed(), funded({ line: 'further' }), delivered()]

const tables: Record<string, readonly Row[]> = {
  'joint-research': [
    ['nothing', 'ok', 'unknown-proposal', 'unknown-proposal', 'unknown-proposal'],
    ['proposed', again, 'ok', 'not-agreed', 'not-funded'],
    ['agreed', again, 'already-agreed', 'ok', 'not-funded'],
    ['funded', again, 'already-agreed', 'ok', 'ok'],
    ['partly delivered', again, 'already-agreed', 'ok', 'ok'],
    ['delivered', again, 'already-agreed', 'ok', 'already-delivered'],
    ['suspended', again, 'suspended', 'suspended', 'suspended'],
    ['ended', again, 'ended', 'ended', 'ended'],
    ['delivered and ended', again, 'ended', 'ended', 'ended'],
    ['closed', again, 'closed', 'closed', 'closed'],
  ],
  system: [
    ['nothing', 'ok', 'unknown-proposal', 'unknown-proposal', 'unknown-proposal'],
    ['proposed', again, 'ok', 'not-agreed', 'not-agreed'],
    ['agreed', again, 'already-agreed', 'ok', 'ok'],
    ['funded', again, 'already-agreed', 'ok', 'ok'],
    ['delivered unfunded', again, 'already-agreed', 'ok', 'already-delivered'],
  ],
  treaty: [
    ['proposed', again, 'ok', 'takes-no-funding', 'not-agreed'],
    ['agreed', again, 'already-agreed', 'takes-no-funding', 'ok'],
    ['delivered unfunded', again, 'already-agreed', 'takes-no-funding', 'already-delivered'],
  ],
  'committee-session': [
    ['proposed', again, 'ok', 'takes-no-funding', 'ok'],
    ['agreed', again, 'already-agreed', 'takes-no-funding', 'ok'],
    ['delivered without agreement', again, 'ok', 'takes-no-funding', 'already-delivered'],
    ['delivered unfunded', again, 'already-agreed', 'takes-no-funding', 'already-delivered'],
  ],
}

const open = (kind: Kind) => [proposed({ kind })]
const histories: Record<string, (kind: Kind) => EventBody[]> = {
  nothing: () => [],
  proposed: open,
  agreed: (kind) => [...open(kind), agreed()],
  funded: (kind) => [...open(kind), agreed(), funded()],
  'partly delivered': (kind) => [...open(kind), agreed(), funded(), delivered({ complete: false })],
  delivered: (kind) => [...open(kind), agreed(), funded(), delivered()],
  'delivered unfunded': (kind) => [...open(kind), agreed(), delivered()],
  'delivered without agreement': (kind) => [...open(kind), delivered()],
  suspended: (kind) => [...open(kind), agreed(), funded()],
  ended: (kind) => [...open(kind), agreed(), funded()],
  'delivered and ended': (kind) => [...open(kind), agreed(), funded(), delivered()],
  closed: (kind) => [...open(kind), agreed(), funded(), delivered()],
}
/** What no event of this release does. */
const alterations: Record<string, Partial<Proposal>> = {
  suspended: { suspended: true },
  ended: { ending: 'cancelled' },
  'delivered and ended': { ending: 'superseded' },
  closed: { stage: 'closed' },
}

for (const [kind, rows] of Object.entries(tables)) {
  t.test(`what a ${kind} accepts in each status`, async (t) => {
    for (const [status, ...answers] of rows) {
      const history = histories[status]?.(kind as Kind) ?? []
      const proposal = given(...history).altered(alterations[status] ?? {})
      for (const [index, answer] of answers.entries()) {
        const event = events[index] as EventBody
        t.comment(`${kind}, ${status}: ${event.type} → ${answer}`)
        proposal.when(event).expect(t, answer === 'ok' ? accepted : refused(answer))
      }
    }
  })
}
