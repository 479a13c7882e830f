import type { z } from 'zod'
import type { Acts } from './acts.ts'
import type { Day } from './dates.ts'
import type { BodyOfProposal, Recorded } from './envelope.ts'
import type { Proposal } from './proposal.ts'
import type { Decision } from './refusals.ts'
import { acceptanceWords, groupWords } from './words/event-types.ts'
import { type CodeOf, codesOf, type Words } from './words/words.ts'

export const groups = codesOf(groupWords)
export type EventGroup = (typeof groups)[number]

/**
 * Beside the proposal itself, all that a decision may look at.
 *
 * @typeParam Event what an event's own rules see of recorded ones; whoever knows all event types says `World<RecordedEvent>`.
 */
export interface World<Event extends Recorded<string, unknown> = Recorded<string, unknown>> {
  /** The first day that is wholly in the future (`futureBegins` of dates.ts). */
  readonly futureBegins: Day
  /**
   * Another proposal as it stands now, null where there is none. The caller notes what was looked at and at which version, because the
   * decision holds only as long as that does. A caller that has yet to read a proposal says null as well, and throws the decision away.
   */
  find(proposalId: string): Proposal | null
  /** The instant at which it would be recorded, in the form of `recordedAt`. */
  readonly now: string
  /** Of the ledger: decides on which day something is recorded. */
  readonly timeZone: string
  /**
   * The recorded events of the proposal itself, in order of version, up to the state that is decided on. Asked for only where `needsHistory`
   * (decide.ts) says so.
   */
  history(): readonly Event[]
}

/**
 * What the proposal must be for an event: `new` not there yet; `active` neither ended, closed nor suspended; `open` neither ended nor
 * closed; `any` just there.
 */
export type Acceptance = CodeOf<typeof acceptanceWords>

/** What an event finds: nothing where it begins a proposal, the proposal otherwise. */
export type Before<Accepts extends Acceptance> = Accepts extends 'new' ? null : Proposal

/** Everything that the product knows about one type of event. Routes, documents, the importer and the board are derived from it. */
export interface EventDefinition<
  Type extends string = string,
  Data = unknown,
  Accepts extends Acceptance = Acceptance,
> {
  readonly type: Type
  /** Of `data`. A released version is never changed: a new one is added, and the old lines still decode. */
  readonly schemaVersion: number
  readonly group: EventGroup
  readonly words: Words
  /** A strict object; its order is the order in the line. Its `.meta` has an id, a description and examples. */
  readonly data: z.ZodType<Data>
  /** True where it happened in the world, and so cannot lie wholly in the future. */
  readonly happens: boolean
  /** True where it needs a source: at least one piece of evidence, or an `assertedBy`. */
  readonly sourced: boolean
  /** Whose act it is: what a key that is bound to a party may record of it (acts.ts). */
  readonly acts: Acts<Data, Before<Accepts>>
  readonly accepts: Accepts
  /** From where it is possible, in the words of the domain's table: for people, beside what `accepts` says to programs. */
  readonly from: string
  /**
   * True where it changes how earlier events of its stream are read (`corrected`, `retracted`). No single step of `evolve` can do that:
   * whoever meets one folds the whole stream again with `foldStream`.
   */
  readonly rereads?: boolean
  /** Only the rules of this event; those that are common to all stand in decide.ts and hold when this is called. */
  decide(proposal: Before<Accepts>, event: BodyOfProposal<Type, Data>, world: World): Decision
  /** What events after it may refer to: names of what is there once it counts, such as `line kr-grant`. Absent where it brings nothing. */
  brings?(event: BodyOfProposal<Type, Data>): readonly string[]
  /**
   * The name of what it refers to and the state before it does not have (the line of a disbursement, the flag that is cleared); undefined
   * where all is there. It waits for the event that {@link brings} it, and counts with that one at the earliest. Absent where it refers to
   * nothing.
   */
  waitsFor?(proposal: Proposal, event: BodyOfProposal<Type, Data>): string | undefined
  /**
   * The state after the event, as a new object. It does not judge; what it refers to must be there, or it throws `NothingThere` (lists.ts). What
   * every event does to the state (evolve.ts) is not its business.
   */
  evolve(proposal: Before<Accepts>, event: Recorded<Type, Data>): Proposal
}

/** Checks a definition against its own schema, and keeps its exact types. */
export function defineEvent<const Type extends string, Data, const Accepts extends Acceptance>(
  definition: EventDefinition<Type, Data, Accepts>,
): EventDefinition<Type, Data, Accepts> {
  return definition
}

/**
 * Whether an event changes how earlier ones are read: its definition says `rereads: true`. Whoever folds step by step folds the whole stream
 * again when one arrives: `evolve` refuses it. A comparison of texts, and not a look into the registry, because it is asked of every event of
 * every stream.
 */
export function isRereading<Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { type: 'corrected' | 'retracted' }> {
  return event.type === 'corrected' || event.type === 'retracted'
}
