/** Names for what the OpenAPI documents describe. */
import type { components as Command } from './generated-command.ts'
import type { components as Projection, operations as Questions } from './generated-projection.ts'

/** What a caller may hand in: optional members may also be there as undefined, which JSON leaves out. */
type Given<Value> = Value extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Given<Value[Name]> | (object extends Pick<Value, Name> ? undefined : never) }
    : Value

/** One event to record. `type` decides what `data` holds. */
export type EventBody = Given<Command['schemas']['EventBody']>
/**
 * One event with its proposal, for a bulk call; optionally with an `idempotencyKey` and the version that the proposal
 * must have.
 */
export type BulkLine = Given<Command['schemas']['BulkLine']>
/** One event as it is in the log. */
export type RecordedEvent = Command['schemas']['RecordedEvent']
/** What a dry run says: the event would be recorded, as this version. */
export type DryRun = Command['schemas']['DryRun']
/** What became of all lines of an atomic call. */
export type AtomicRecorded = Command['schemas']['AtomicRecorded']
/** How many lines there were, and what became of them. */
export type BulkSummary = Command['schemas']['BulkSummary']['summary']
/** What the service says of one line: recorded (`status` 201), or refused with its problem. */
export type LineAnswer = Command['schemas']['LineRecorded'] | Command['schemas']['LineRefused']
/** What became of one line. `line` counts from 1 in what the caller gave. */
export type LineResult = LineAnswer & {
  /** The key under which the line was sent, the caller's or one made for it. */
  readonly idempotencyKey: string
}
/** A problem document (RFC 9457). Its `code` is stable; `/problems/<code>` of the service says what to do. */
export type ProblemDocument = Command['schemas']['Problem']

/** Where a proposal stands. */
export type ProposalStatus = Projection['schemas']['ProposalStatus']
/** The whole ledger in numbers. */
export type Portfolio = Projection['schemas']['Portfolio']
/** An event of a proposal's history, and what was said about it later. */
export type EventItem = Projection['schemas']['EventItem']
/** Every type of event that can be recorded. */
export type EventTypes = Projection['schemas']['EventTypes']
/** What a field of a proposal's status became, and by which event. */
export type FieldChange = Projection['schemas']['Change'] & {
  /** Such as `stage` or `money.committed`. */
  readonly field: string
}
/** A proposal whose status changed, as it stands now. */
export type ChangedProposal = Projection['schemas']['ChangedProposal']

/** Another moment than now, of the world and of our knowledge. */
export interface Moment {
  /** As it was in force on that day, `YYYY-MM-DD`. */
  readonly asOf?: string | undefined
  /** As we knew it at that instant (RFC 3339), which must not lie in the future. */
  readonly knownAt?: string | undefined
  /** As we knew it at that position of the log. */
  readonly knownAtPosition?: number | undefined
}

/**
 * What a list can be narrowed and sorted by, and the moment that it is of where that is not now. Members of one list are
 * alternatives.
 */
export type ProposalFilters = Omit<
  NonNullable<Questions['listProposals']['parameters']['query']>,
  'cursor' | 'limit' | 'atLeast'
>

/**
 * A place in a log. Every answer that has seen a log is one, so that it can be given as `atLeast` to the next question.
 */
export interface LogPoint {
  readonly position: number
  /** Identity of the log: positions of two logs cannot be compared. */
  readonly logId: string
}

/** What was read, and how far in the log it has seen. */
export interface Seen<Value> extends LogPoint {
  readonly value: Value
  /** Give it as `ifNoneMatch` to be told whether the answer is still the same. */
  readonly etag: string
}

/** What the caller has is still the answer. */
export interface NotModified extends LogPoint {
  readonly value: null
  readonly etag: string
}

/** A recorded event. As `atLeast` of a read it makes that read see the event. */
export interface Recorded extends LogPoint {
  readonly event: RecordedEvent
  /** The very bytes of the log, without the line's end. */
  readonly line: string
  readonly version: number
  /** The version as an entity tag, for the next write's `ifMatch`. */
  readonly etag: string
  /** Whether it had been recorded already, by an earlier request with the same key. */
  readonly replayed: boolean
  readonly idempotencyKey: string
}

/** A line of the log. */
export interface FeedLine extends LogPoint {
  /**
   * The very text of the log, without the line's end: `JSON.parse` makes the event of it, UTF-8 the bytes that proofs
   * speak of.
   */
  readonly line: string
}
