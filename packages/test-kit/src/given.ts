import assert from 'node:assert/strict'
import {
  accepted,
  type Decision,
  decide,
  type EventBody,
  type EventType,
  foldStream,
  futureBegins,
  type Kind,
  type Proposal,
  parseEventBody,
  type RecordedEvent,
  type RefusalCode,
  type World,
} from '@commitments/domain'
import type { Test } from 'tap'
import { example, exampleDay, exampleNow, exampleZone, proposed, recorded } from './examples.ts'

/** The decision that a rule is expected to make: see {@link refused}. The sentence for people must be there; its words are not checked. */
export type Expected = { readonly outcome: 'accepted' } | { readonly outcome: 'refused'; readonly code: RefusalCode }

export { accepted }

/** Expects a refusal with this code. */
export function refused(code: RefusalCode): Expected {
  return { outcome: 'refused', code }
}

/** A history to which something is about to happen. */
export interface Given {
  /** The state after that history, changed by hand: for states that no event of this release leads to. */
  altered(change: Partial<Proposal>): Given
  /** Other proposals, by id, that rules may look at. */
  beside(...others: Proposal[]): Given
  /** The history continued, with the same other proposals. */
  and(...more: EventBody[]): Given
  /** The same with events that are not checked by any rule: for histories from before a rule, or while other proposals changed. */
  unjudged(...more: EventBody[]): Given
  when(event: EventBody): Decided
  readonly proposal: Proposal | null
}

export interface Decided {
  expect(t: Test, expected: Expected): Decision
  readonly decision: Decision
}

/**
 * A history of one proposal, each of whose events must itself be accepted.
 *
 * @example given(proposed()).when(funded()).expect(t, refused('not-agreed'))
 */
export function given(...history: EventBody[]): Given {
  return from({ proposal: null, events: [], others: [] }).and(...history)
}

/** A scene in which the example of a type is accepted: the shortest history before it, with a proposal `other` to link to. */
export function givenFor(type: EventType): Given {
  return given()
    .beside(otherProposal('other', proposed()))
    .and(...historyFor(type))
}

/** The shortest history after which the example of a type is accepted, if there is a proposal `other` to link to. */
export function historyFor(type: EventType): EventBody[] {
  const before: EventType[] = type === 'proposed' ? [] : ['proposed', ...(needed[type] ?? [])]
  const kind = kinds[type] ?? 'joint-research'
  return before.map((earlier) => (earlier === 'proposed' ? proposed({ kind }) : example(earlier)))
}

/** If a kind other than joint research is needed. */
const kinds: Partial<Record<EventType, Kind>> = {
  'agenda-set': 'forum',
  'agenda-item-resolved': 'forum',
  closed: 'treaty',
}

/** The events that must come before the example of a type. */
const needed: Partial<Record<EventType, readonly EventType[]>> = {
  funded: ['agreed'],
  delivered: ['agreed', 'funded'],
  amended: ['agreed'],
  resumed: ['suspended'],
  reopened: ['ended'],
  closed: ['agreed', 'delivered'],
  decommitted: ['agreed', 'funded'],
  'tranche-planned': ['agreed', 'funded'],
  disbursed: ['agreed', 'funded'],
  refunded: ['agreed', 'funded', 'disbursed'],
  'contributed-in-kind': ['agreed'],
  started: ['agreed'],
  'milestone-reached': ['milestone-planned'],
  'risk-cleared': ['risk-flagged'],
  'agenda-item-resolved': ['agenda-set'],
  unlinked: ['linked'],
  'contest-resolved': ['contested'],
  retracted: ['agreed'],
}

/** The state that a history leads to. */
export function stateAfter(...history: EventBody[]): Proposal {
  const { proposal } = given(...history)
  assert(proposal, 'a state needs at least one event')
  return proposal
}

/** A proposal that was only proposed, by its id, to be another one's parent. */
export function otherProposal(proposalId: string, body: EventBody): Proposal {
  const proposal = foldStream([recorded(body, { proposalId })], exampleZone)
  assert(proposal)
  return proposal
}

/** What has happened so far. */
interface Scene {
  readonly proposal: Proposal | null
  readonly events: readonly RecordedEvent[]
  readonly others: readonly Proposal[]
}

function from(scene: Scene): Given {
  const { proposal, others } = scene
  return {
    proposal,
    altered: (change) => from({ ...scene, proposal: proposal && { ...proposal, ...change } }),
    beside: (...more) => from({ ...scene, others: [...others, ...more] }),
    and: (...more) => from(more.reduce(record, scene)),
    unjudged: (...more) => from(more.reduce(append, scene)),
    when: (event) => decided(decideOn(scene, event)),
  }
}

/** Wraps a decision that was made elsewhere, to check it. */
export function decided(decision: Decision): Decided {
  return { decision, expect: (t, expected) => expectDecision(t, decision, expected) }
}

function expectDecision(t: Test, decision: Decision, expected: Expected): Decision {
  t.match(decision, expected)
  if (decision.outcome === 'refused') t.match(decision.detail, /^.+\.$/su, 'the refusal has a sentence for people')
  return decision
}

function record(scene: Scene, event: EventBody): Scene {
  assert.deepEqual(decideOn(scene, event), accepted, 'a history that is given must itself be accepted')
  return append(scene, event)
}

function append(scene: Scene, event: EventBody): Scene {
  const events = [...scene.events, recorded(event, { version: scene.events.length + 1 })]
  return { ...scene, events, proposal: foldStream(events, exampleZone) }
}

/** Through the schema first, like every request: an example that violates it would prove nothing. */
function decideOn(scene: Scene, event: EventBody): Decision {
  const parsed = parseEventBody(event)
  assert(parsed.ok, `not a valid body: ${JSON.stringify(parsed)}`)
  return decide(scene.proposal, { ...parsed.body, proposalId: 'joint-laboratory' }, worldOf(scene))
}

function worldOf({ others, events }: Scene): World<RecordedEvent> {
  return {
    futureBegins: futureBegins(new Date(`${exampleDay}T08:00:00Z`)),
    now: exampleNow,
    timeZone: exampleZone,
    find: (proposalId) => others.find((other) => other.proposalId === proposalId) ?? null,
    history: () => events,
  }
}
