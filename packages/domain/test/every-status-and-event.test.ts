import type { EventBody, EventType, Kind, Proposal, RefusalCode } from '@commitments/domain'
import {
  accepted,
  agreed,
  delivered,
  example,
  funded,
  given,
  otherProposal,
  proposed,
  refused,
} from '@commitments/test-kit/domain'
import t from 'tap'

/** Every status × every event: the answer of a proposal in each status. `ok` is accepted, the others are codes. */
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
/** States that no event of this release leads to. */
const alterations: Record<string, Partial<Proposal>> = {
  suspended: { suspended: true },
  ended: { ending: 'cancelled' },
  'delivered and ended': { ending: 'superseded' },
  closed: { stage: 'closed' },
}

for (const [kind, rows] of Object.entries(tables)) {
  t.test(`which events a ${kind} accepts in each status`, async (t) => {
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

/**
 * Every other event × every status of joint research, as codes of refusals: the shortest example of each, with another proposal to link to.
 * What such an example needs to be accepted, where the table has `unknown-…` or `not-…`, is in the test of the event.
 */
const statuses = 'proposed agreed funded delivered suspended ended closed'
const others: Partial<Record<EventType, string>> = {
  'agenda-item-resolved': 'not-a-session not-a-session not-a-session not-a-session not-a-session ended closed',
  'agenda-set': 'not-a-session not-a-session not-a-session not-a-session not-a-session ended closed',
  amended: 'not-agreed ok ok already-delivered ok ended closed',
  assessed: 'ok ok ok ok ok ok ok',
  closed: 'not-delivered not-delivered not-delivered money-not-settled not-delivered ended closed',
  confirmed: 'ok ok ok ok ok ended closed',
  consented: 'ok ok ok ok ok ended closed',
  contested: 'ok ok ok ok ok ok ok',
  'contributed-in-kind': 'not-agreed ok ok ok ok ended closed',
  decommitted: 'unknown-line unknown-line ok ok ok ended closed',
  disbursed: 'unknown-line unknown-line ok ok ok ended closed',
  ended: 'ok ok ok already-delivered ok ended closed',
  'evidence-attached': 'ok ok ok ok ok ok ok',
  'indicator-reported': 'ok ok ok ok ok ended closed',
  linked: 'ok ok ok ok ok ok ok',
  'milestone-planned': 'ok ok ok ok ok ended closed',
  'party-joined': 'ok ok ok ok ok ended closed',
  'party-left': 'ok ok ok ok ok ended closed',
  'party-renamed': 'ok ok ok ok ok ok ok',
  pledged: 'ok ok ok ok ok ended closed',
  reopened: 'not-ended not-ended not-ended not-ended not-ended ok ok',
  rescheduled: 'ok ok ok ok ok ended closed',
  resumed: 'not-suspended not-suspended not-suspended not-suspended ok ended closed',
  'risk-cleared': 'no-risk-flagged no-risk-flagged no-risk-flagged no-risk-flagged no-risk-flagged ended closed',
  'risk-flagged': 'ok ok ok ok ok ended closed',
  started: 'not-agreed ok ok ok ok ended closed',
  suspended: 'ok ok ok ok already-suspended ended closed',
  'tranche-planned': 'unknown-line unknown-line ok ok ok ended closed',
  updated: 'ok ok ok ok ok ended closed',
}
const everything = { amount: { value: '2000000', currency: 'USD' } }
const beside = given().beside(otherProposal('other', proposed()))
const scenes: Record<string, EventBody[]> = {
  proposed: [proposed()],
  agreed: [proposed(), agreed()],
  funded: [proposed(), agreed(), funded()],
  delivered: [proposed(), agreed(), funded(), delivered()],
  suspended: [proposed(), agreed(), funded(), example('suspended')],
  ended: [proposed(), agreed(), funded(), example('ended')],
  closed: [proposed(), agreed(), funded(), example('disbursed', everything), delivered(), example('closed')],
}

for (const [at, status] of statuses.split(' ').entries()) {
  t.test(`which other events joint research accepts while it is ${status}`, async (t) => {
    const scene = beside.and(...(scenes[status] ?? []))
    for (const [type, row] of Object.entries(others)) {
      const answer = row.split(' ')[at] as Answer
      t.comment(`${status}: ${type} → ${answer}`)
      scene.when(example(type as EventType)).expect(t, answer === 'ok' ? accepted : refused(answer))
    }
  })
}
