import type { Acts } from './acts.ts'
import type { World } from './define-event.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from './event-types.ts'
import { asIfRecorded } from './history/at-its-place.ts'
import { orderOf } from './history/dating.ts'
import { effectiveHistory } from './history/effective.ts'
import { inOrder } from './history/fold.ts'
import type { Proposal } from './proposal.ts'
import { type Accepted, accepted, type Refused, refused } from './refusals.ts'
import { eventsASlice, type Sliced } from './slices.ts'

/** The caller that wants to record an event, by its key or its token, and the party that it may speak for. */
export interface Speaker {
  readonly recordedBy: string
  /** The party that the caller's key is bound to; null: the key is bound to no party and can record anything. */
  readonly party: string | null
  /** Why the caller speaks for no party at all and records nothing: a sentence. Absent: it speaks for `party`. */
  readonly speaksForNobody?: string | undefined
  /** Can correct and retract any event, bound to a party or not. */
  readonly correctsAnything: boolean
}

/** The caller must not record this event, whatever the rules of the field say about it. */
export interface NotAllowed {
  readonly outcome: 'not-allowed'
  readonly code:
    | 'not-your-party'
    | 'not-your-event'
    | 'signature-required'
    | 'not-your-signing-key'
    | 'signed-for-another-log'
  /** A sentence for people that says what the caller can record instead. */
  readonly detail: string
  readonly [extra: string]: unknown
}

export type Permission = Accepted | NotAllowed | Refused

/**
 * Whether a caller can record an event. A caller whose key is bound to a party speaks only for that party: it asserts for nobody else, acts
 * only for its party (`acts` of the event's definition), and corrects and retracts only what it recorded itself or its party asserted. The
 * key of any of several acting parties can record their act (minutes, a joint end), but only with evidence, because the word of one does
 * not bind the others. This rule has no other place, for any way of recording.
 *
 * @param history the events of the proposal itself; requested only if an event changes others
 */
export function maySpeak(
  speaker: Speaker,
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  history: () => readonly RecordedEvent[],
): Permission {
  const { party, speaksForNobody } = speaker
  if (speaksForNobody !== undefined) return notAnyParty(speaksForNobody)
  if (party === null) return accepted
  if (event.assertedBy !== undefined && event.assertedBy !== party) return asserts(party, event.assertedBy)
  const definition = definitionOf(event.type)
  // Every caller gets the same answer for a proposal that does not exist.
  if (!definition || (proposal === null && definition.accepts !== 'new')) return accepted
  const { acts } = definition
  if (acts === 'whose-events')
    return speaker.correctsAnything ? accepted : ownEvents({ ...speaker, party }, event, history())
  return actsAs(party, acts, proposal, event)
}

interface BoundSpeaker extends Speaker {
  readonly party: string
}

function asserts(party: string, other: string): NotAllowed {
  return notYourParty(party, `This caller speaks for ${party}, and the event is asserted by ${other}.`, [other])
}

function actsAs(party: string, acts: Acts, proposal: Proposal | null, event: EventBodyWithProposal): Permission {
  if (acts === 'anybody' || acts === 'whose-events') return accepted
  const actors = acts === 'a-party' ? [] : acts.parties(event.data, proposal)
  return actors?.length === 0 ? amongParties(party, proposal, event) : amongActors(party, actors, event)
}

function amongParties(party: string, proposal: Proposal | null, event: EventBodyWithProposal): Permission {
  const parties = (event.type === 'proposed' ? event.data.parties : (proposal?.parties ?? [])).map((one) => one.party)
  if (parties.includes(party)) return accepted
  const detail = `This caller speaks for ${party}, which is not a party of this proposal: it may only contest, assess or confirm it. Its parties are ${parties.join(', ')}.`
  return notYourParty(party, detail, parties)
}

function amongActors(
  party: string,
  actors: readonly string[] | null,
  { type, evidence = [] }: Pick<EventBodyWithProposal, 'type' | 'evidence'>,
): Permission {
  if (actors === null || (isEachAlone(type) && actors.some((one) => one !== party))) {
    return forNobodyElse(party, actors ?? [], type)
  }
  const others = actors.filter((one) => one !== party)
  if (others.length === actors.length) {
    const detail = `This caller speaks for ${party}, and this event (${type}) is an act of ${actors.join(', ')}. Record it with one of their keys, or with a key that is bound to no party.`
    return notYourParty(party, detail, actors)
  }
  if (others.length === 0 || evidence.length > 0) return accepted
  const detail = `This caller speaks for ${party}, and ${others.join(', ')} acted as well: give at least one piece of evidence that shows it.`
  return refused('needs-evidence', detail, { acts: actors })
}

function isEachAlone(type: EventBodyWithProposal['type']): boolean {
  const acts = definitionOf(type)?.acts
  return typeof acts === 'object' && acts.each === true
}

function forNobodyElse(party: string, actors: readonly string[], type: string): NotAllowed {
  const others = actors.filter((one) => one !== party).join(', ') || 'somebody whom no key is bound to'
  const detail = `This caller speaks for ${party}, and this event (${type}) would speak for ${others} as well. Record it with a key that is bound to no party.`
  return notYourParty(party, detail, actors)
}

function notYourParty(party: string, detail: string, acts: readonly string[]): NotAllowed {
  return { outcome: 'not-allowed', code: 'not-your-party', detail, party, acts }
}

function notAnyParty(why: string): NotAllowed {
  const detail = `${why} A caller that speaks for no party records nothing here.`
  return { outcome: 'not-allowed', code: 'not-your-party', detail }
}

/** The events that a correction or a retraction names must be the speaker's own. */
function ownEvents(speaker: BoundSpeaker, event: EventBodyWithProposal, history: readonly RecordedEvent[]): Permission {
  const named = namedBy(event).flatMap((version) => history[version - 1] ?? [])
  const foreign = named.filter((target) => !isOwn(speaker, target))
  return foreign.length > 0 ? notYourEvent(speaker, foreign) : accepted
}

function namedBy(event: EventBodyWithProposal): readonly number[] {
  if (event.type === 'corrected') return event.data.corrections.map((correction) => correction.event)
  return event.type === 'retracted' ? event.data.events : []
}

function isOwn({ recordedBy, party }: BoundSpeaker, event: RecordedEvent): boolean {
  return event.recordedBy === recordedBy || event.assertedBy === party
}

function notYourEvent({ party }: BoundSpeaker, foreign: readonly RecordedEvent[]): NotAllowed {
  const events = foreign.map(({ version }) => version)
  const detail = `This caller speaks for ${party}, and neither recorded nor asserted event ${events.join(', ')}. Record "contested" on it with your evidence, or ask the registry.`
  return { outcome: 'not-allowed', code: 'not-your-event', detail, party, events }
}

/**
 * Whether a correction or a retraction that the rules of the field accept leaves each act with its actors. Together with `maySpeak` this
 * limits what a bound key can correct. No event of the proposal, neither a named one nor one that depends on it (a refund depends on the
 * receiver of its line), becomes the act of a party that did not act in it before, unless this key could have recorded it so. An act of
 * several parties keeps its evidence.
 */
export function* keepingActs(
  speaker: Speaker,
  event: EventBodyWithProposal,
  world: World<RecordedEvent>,
): Sliced<Permission> {
  const { party } = speaker
  if (party === null || speaker.correctsAnything || definitionOf(event.type)?.acts !== 'whose-events') return accepted
  const history = world.history()
  const before = yield* actsIn(history, world)
  const after = yield* actsIn([...history, asIfRecorded(event, history, world)], world)
  for (const [version, act] of after) {
    const known = before.get(version)
    if (known === undefined || isStill(act, known, party)) continue
    const permission = amongActors(party, act.actors, act)
    if (permission.outcome !== 'accepted') return permission
  }
  return accepted
}

interface Act extends Pick<RecordedEvent, 'type' | 'evidence'> {
  readonly actors: readonly string[] | null
}

/** The actors of each event that names some, as the events are understood now. */
function* actsIn(events: readonly RecordedEvent[], { timeZone }: World): Sliced<ReadonlyMap<number, Act>> {
  const found = new Map<number, Act>()
  let count = 0
  for (const { event, before } of inOrder(orderOf(effectiveHistory(events), timeZone))) {
    const { version, type, data, evidence } = event
    const acts = definitionOf(type)?.acts
    if (typeof acts === 'object') found.set(version, { type, evidence, actors: acts.parties(data, before) })
    count += 1
    if (count % eventsASlice === 0) yield
  }
  return found
}

function isStill(act: Act, before: Act, party: string): boolean {
  if (act.actors === null) return before.actors === null
  const others = act.actors.filter((one) => one !== party)
  const hasLostEvidence = (before.evidence ?? []).length > 0 && (act.evidence ?? []).length === 0
  return others.every((one) => before.actors?.includes(one)) && !(others.length > 0 && hasLostEvidence)
}
