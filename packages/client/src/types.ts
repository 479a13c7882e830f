/** Names for the schemas of the OpenAPI documents. */
import type { components as Command } from './generated-command.ts'
import type { components as Projection, operations as Questions } from './generated-projection.ts'

/** The values that a caller can pass: optional members may be undefined, which JSON leaves out. */
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
/** The result of all lines of an atomic call. */
export type AtomicRecorded = Command['schemas']['AtomicRecorded']
/** How many lines there were, and their results. */
export type BulkSummary = Command['schemas']['BulkSummary']['summary']
/** The service's answer for one line: recorded (`status` 201), or refused with its problem. */
export type LineAnswer = Command['schemas']['LineRecorded'] | Command['schemas']['LineRefused']
/** The result of one line. `line` counts the caller's lines from 1. */
export type LineResult = LineAnswer & {
  /** The key with which the line was sent: the caller's, or one made for it. */
  readonly idempotencyKey: string
}
/** What a dry run says of one line: acceptable (`status` 200), or refused with its problem. */
export type LineTried = Command['schemas']['LineAcceptable'] | Command['schemas']['LineRefused']
/** What a dry run says of many events. */
export interface TriedEvents {
  readonly results: readonly LineTried[]
  readonly summary: Command['schemas']['BulkDryRunSummary']['summary']
}
/** The state that a source system wishes for a proposal, and the date and source of the changes. */
export type Wish = Given<Command['schemas']['Wish']>
/** What a wish would lead to. */
export type StepsTried = Command['schemas']['StepsTried']
/** What a wish was recorded as. As `atLeast` of a read, it makes that read include the events. */
export type KeptInStep = Command['schemas']['KeptInStep'] &
  LogPoint & {
    /** Whether an earlier request with the same wish and key had recorded the events already. */
    readonly replayed: boolean
    readonly idempotencyKey: string
  }
/** A problem document (RFC 9457). Its `code` is stable; `/problems/<code>` of the service says what to do. */
export type ProblemDocument = Command['schemas']['Problem']

/** The current status of a proposal. */
export type ProposalStatus = Projection['schemas']['ProposalStatus']
/** The whole ledger in numbers. */
export type Portfolio = Projection['schemas']['Portfolio']
/** An event of a proposal's history, and what was recorded about it later. */
export type EventItem = Projection['schemas']['EventItem']
/** Every type of event that can be recorded. */
export type EventTypes = Projection['schemas']['EventTypes']
/** A new value of a field of a proposal's status, and the event that set it. */
export type FieldChange = Projection['schemas']['Change'] & {
  /** Such as `stage` or `money.committed`. */
  readonly field: string
}
/** A proposal whose status changed, as it is now. */
export type ChangedProposal = Projection['schemas']['ChangedProposal']

/** A moment other than now, in the world and in our knowledge. */
export interface Moment {
  /** The state on that day, `YYYY-MM-DD`. */
  readonly asOf?: string | undefined
  /** What we knew at that instant (RFC 3339), which must not lie in the future. */
  readonly knownAt?: string | undefined
  /** What we knew at that position of the log. */
  readonly knownAtPosition?: number | undefined
}

/** The filters and order of a list, and its moment if that is not now. Members of one list are alternatives. */
export type ProposalFilters = Omit<
  NonNullable<Questions['listProposals']['parameters']['query']>,
  'cursor' | 'limit' | 'atLeast' | 'fields' | 'format'
>

/** A place in a log. Every answer that has seen the log has one, and it can be passed as `atLeast` to the next read. */
export interface LogPoint {
  readonly position: number
  /** The identity of the log; positions of two logs cannot be compared. */
  readonly logId: string
}

/** The value that was read, and the position up to which the answer has seen the log. */
export interface Seen<Value> extends LogPoint {
  readonly value: Value
  /** Pass it as `ifNoneMatch` to learn whether the answer is still the same. */
  readonly etag: string
}

/** The caller's answer is still current. */
export interface NotModified extends LogPoint {
  readonly value: null
  readonly etag: string
}

/** A recorded event. As `atLeast` of a read, it makes that read include the event. */
export interface Recorded extends LogPoint {
  readonly event: RecordedEvent
  /** The exact bytes of the log, without the line feed. */
  readonly line: string
  readonly version: number
  /** The version as an entity tag, for `ifMatch` of the next write. */
  readonly etag: string
  /** Whether an earlier request with the same key had already recorded it. */
  readonly replayed: boolean
  readonly idempotencyKey: string
}

/** A line of the log. */
export interface FeedLine extends LogPoint {
  /** The exact text of the log, without the line feed. `JSON.parse` gives the event; its UTF-8 bytes are those that proofs cover. */
  readonly line: string
}
