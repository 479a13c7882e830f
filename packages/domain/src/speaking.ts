import type { Acts } from './acts.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from './event-types.ts'
import { effectiveHistory } from './history/effective.ts'
import type { Proposal } from './proposal.ts'
import { type Accepted, accepted, type Refused, refused } from './refusals.ts'

/** Who wants to record an event, and for whom that caller may speak. */
export interface Speaker {
  readonly recordedBy: string
  /** The party that the caller's key is bound to; null: it is bound to none, and everything may be recorded with it. */
  readonly party: string | null
  /** May correct and retract whatever was recorded, for the party that it is bound to or not. */
  readonly correctsAnything: boolean
}

/** The caller may not record this event, whatever the rules of the field say of it. */
export interface NotAllowed {
  readonly outcome: 'not-allowed'
  readonly code: 'not-your-party' | 'not-your-event'
  /** A sentence for people that says what the caller may record instead. */
  readonly detail: string
  readonly [extra: string]: unknown
}

export type Permission = Accepted | NotAllowed | Refused

/**
 * Whether a caller may record an event: one whose key is bound to a party speaks for that party only. It asserts for nobody else; acts are
 * those of its party (`acts` of the event's definition); it corrects and retracts what it recorded itself or its party asserted. An act of
 * several parties (minutes, a joint end) is recorded by the key of any of them, with evidence, since its word alone does not bind the
 * others. The one place of this rule, for every way of recording.
 *
 * @param history the events of the proposal itself; asked for only where an event rereads others.
 * @throws whatever `history` throws, untouched
 */
export function maySpeak(
  speaker: Speaker,
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  history: () => readonly RecordedEvent[],
): Permission {
  const { party } = speaker
  if (party === null) return accepted
  if (event.assertedBy !== undefined && event.assertedBy !== party) return asserts(party, event.assertedBy)
  const definition = definitionOf(event.type)
  // What a proposal that is not there is told is the same for everybody.
  if (!definition || (proposal === null && definition.accepts !== 'new')) return accepted
  const { acts } = definition
  if (acts === 'whose-events')
    return speaker.correctsAnything ? accepted : ownEvents({ ...speaker, party }, proposal, event, history())
  return actsAs(party, acts, proposal, event)
}

interface BoundSpeaker extends Speaker {
  readonly party: string
}

function asserts(party: string, other: string): NotAllowed {
  return notYourParty(party, `This key speaks for ${party}, and the event is asserted by ${other}.`, [other])
}

function actsAs(party: string, acts: Acts, proposal: Proposal | null, event: EventBodyWithProposal): Permission {
  if (acts === 'anybody' || acts === 'whose-events') return accepted
  const actors = acts === 'a-party' ? [] : acts.parties(event.data, proposal)
  return actors.length === 0 ? amongParties(party, proposal) : amongActors(party, actors, event)
}

function amongParties(party: string, proposal: Proposal | null): Permission {
  if (proposal === null || proposal.parties.some((one) => one.party === party)) return accepted
  const parties = proposal.parties.map((one) => one.party)
  const detail = `This key speaks for ${party}, which is no party of this proposal: it contests, assesses or confirms it. Its parties are ${parties.join(', ')}.`
  return notYourParty(party, detail, parties)
}

function amongActors(
  party: string,
  actors: readonly string[],
  { type, evidence = [] }: Pick<EventBodyWithProposal, 'type' | 'evidence'>,
): Permission {
  const others = actors.filter((one) => one !== party)
  if (others.length === actors.length) {
    const detail = `This key speaks for ${party}, and this event (${type}) is an act of ${actors.join(', ')}. It is recorded with a key of theirs, or with one that is bound to no party.`
    return notYourParty(party, detail, actors)
  }
  if (others.length === 0 || evidence.length > 0) return accepted
  const detail = `This key speaks for ${party}, and ${others.join(', ')} acted as well: give at least one piece of evidence that shows it.`
  return refused('needs-evidence', detail, { acts: actors })
}

function notYourParty(party: string, detail: string, acts: readonly string[]): NotAllowed {
  return { outcome: 'not-allowed', code: 'not-your-party', detail, party, acts }
}

/** What a correction or a retraction names is the speaker's own, and stays an act of the speaker's party. */
function ownEvents(
  speaker: BoundSpeaker,
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  history: readonly RecordedEvent[],
): Permission {
  const named = namedBy(event).flatMap((version) => history[version - 1] ?? [])
  const foreign = named.filter((target) => !isOwn(speaker, target))
  if (foreign.length > 0) return notYourEvent(speaker, foreign)
  return event.type === 'corrected' ? staysOwn(speaker, proposal, event, history) : accepted
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
  const detail = `This key speaks for ${party}, and neither recorded nor asserted event ${events.join(', ')}. Record "contested" on it with what you know, or ask the registry.`
  return { outcome: 'not-allowed', code: 'not-your-event', detail, party, events }
}

type Corrected = Extract<EventBodyWithProposal, { type: 'corrected' }>

/** A correction makes no event the act of somebody who did not act in it before, unless this key could record it so. */
function staysOwn(
  { party }: BoundSpeaker,
  proposal: Proposal | null,
  { data }: Corrected,
  history: readonly RecordedEvent[],
): Permission {
  const effective = new Map(effectiveHistory(history).map((event) => [event.version, event]))
  for (const { event: version, data: right, evidence } of data.corrections) {
    const target = effective.get(version) ?? history[version - 1]
    if (!target || right === undefined) continue
    const before = actorsOf(target, target.data, proposal)
    const after = actorsOf(target, right, proposal)
    if (after.every((one) => one === party || before.includes(one))) continue
    const permission = amongActors(party, after, { type: target.type, evidence: evidence ?? target.evidence })
    if (permission.outcome !== 'accepted') return permission
  }
  return accepted
}

/** Nobody where the data does not fit its type: that is refused by the rules of the correction. */
function actorsOf({ type }: RecordedEvent, data: unknown, proposal: Proposal | null): readonly string[] {
  const definition = definitionOf(type)
  if (!definition || typeof definition.acts === 'string') return []
  const fitting = definition.data.safeParse(data)
  return fitting.success ? definition.acts.parties(fitting.data, proposal) : []
}
