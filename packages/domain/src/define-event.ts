import type { z } from 'zod'
import type { Acts } from './acts.ts'
import type { Day } from './dates.ts'
import type { BodyOfProposal, Recorded } from './envelope.ts'
import type { Proposal } from './proposal.ts'
import type { Decision } from './refusals.ts'
import { acceptanceWords, type FromText, groupWords } from './words/event-types.ts'
import { type CodeOf, codesOf, type Words } from './words/words.ts'

export const groups = codesOf(groupWords)
export type EventGroup = (typeof groups)[number]

/**
 * Everything that a decision can look at, in addition to the proposal itself.
 *
 * @typeParam Event what an event's own rules see of recorded events; code that knows all event types uses `World<RecordedEvent>`.
 */
export interface World<Event extends Recorded<string, unknown> = Recorded<string, unknown>> {
  /** The first day that is wholly in the future (`futureBegins` of dates.ts). */
  readonly futureBegins: Day
  /**
   * Another proposal as it is now; null if there is none. The caller records which proposals were looked at and at which version, because
   * the decision is valid only as long as they do not change. If the caller has not read a proposal yet, it also returns null, and then
   * throws the decision away.
   */
  find(proposalId: string): Proposal | null
  /** The instant at which it would be recorded, in the form of `recordedAt`. */
  readonly now: string
  /** The time zone of the ledger: decides on which day something is recorded. */
  readonly timeZone: string
  /**
   * The recorded events of the proposal itself, in order of version, up to the state that is decided on. Requested only if `needsHistory`
   * (decide.ts) says so.
   */
  history(): readonly Event[]
}

/**
 * The required state of the proposal: `new` it does not exist yet; `active` neither ended, closed nor suspended; `open` neither ended nor
 * closed; `any` it exists.
 */
export type Acceptance = CodeOf<typeof acceptanceWords>

/** The state before an event: nothing if the event begins a proposal, otherwise the proposal. */
export type Before<Accepts extends Acceptance> = Accepts extends 'new' ? null : Proposal

/** Everything that the product knows about one type of event. Routes, documents, the importer and the board are derived from it. */
export interface EventDefinition<
  Type extends string = string,
  Data = unknown,
  Accepts extends Acceptance = Acceptance,
> {
  readonly type: Type
  /** The version of `data`. A released version is never changed: a new one is added, and old lines still decode. */
  readonly schemaVersion: number
  readonly group: EventGroup
  readonly words: Words
  /** A strict object; its order is the order in the line. Its `.meta` has an id, a description and examples. */
  readonly data: z.ZodType<Data>
  /** True if it happened in the world, so that it cannot lie wholly in the future. */
  readonly happens: boolean
  /** True if it needs a source: at least one piece of evidence, or an `assertedBy`. */
  readonly sourced: boolean
  /** Who acts: decides which events a key that is bound to a party can record (acts.ts). */
  readonly acts: Acts<Data, Before<Accepts>>
  readonly accepts: Accepts
  /** The stages from which it is possible, in the words of the domain's table: for people, while `accepts` is for programs. */
  readonly from: FromText
  /**
   * True if it changes how earlier events of its stream are read (`corrected`, `retracted`, `erased`). A single step of `evolve` cannot do
   * that: the whole stream is folded again with `foldStream`.
   */
  readonly rereads?: boolean
  /** Only the rules of this event. The common rules are in decide.ts and have already been checked. */
  decide(proposal: Before<Accepts>, event: BodyOfProposal<Type, Data>, world: World): Decision
  /**
   * What later events can refer to: names of what exists once the event counts, such as `line kr-grant`. Absent if it introduces nothing.
   */
  brings?(event: BodyOfProposal<Type, Data>): readonly string[]
  /**
   * The name of something that it refers to and that the state before it does not have (the line of a disbursement, the flag that is
   * cleared); undefined if everything is there. The event waits for the event that {@link brings} it, and counts no earlier than that one.
   * Absent if it refers to nothing.
   */
  waitsFor?(proposal: Proposal, event: BodyOfProposal<Type, Data>): string | undefined
  /**
   * The state after the event, as a new object. It checks no rules. What it refers to must exist, or it throws `NothingThere` (lists.ts).
   * The changes that every event makes to the state are in evolve.ts.
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
 * Whether an event changes how earlier ones are read: its definition says `rereads: true`. Code that folds step by step folds the whole
 * stream again when such an event comes, because `evolve` refuses it. This is a comparison of texts instead of a lookup in the registry,
 * because it runs for every event of every stream.
 */
export function isRereading<Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { type: 'corrected' | 'retracted' | 'erased' }> {
  return event.type === 'corrected' || event.type === 'retracted' || event.type === 'erased'
}
