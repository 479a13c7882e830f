import { hash } from 'node:crypto'
import {
  bodyOf,
  decodeLine,
  type EventBodyWithProposal,
  type NotAllowed,
  type Refused,
  type Speaker,
} from '@commitments/domain'
import canonicalize from 'canonicalize'

/** What a caller demands of the stream before the event may be appended (RFC 9110, If-Match and If-None-Match). */
export type Precondition =
  | { demand: 'nothing' }
  | { demand: 'absent' }
  | { demand: 'present' }
  | { demand: 'version'; versions: readonly number[] }

/** One event that somebody wants recorded: parsed, authenticated and allowed. */
export interface RecordRequest {
  readonly body: EventBodyWithProposal
  /** As it was sent, where `body` has more than that: what was recorded before it was filled in is repeated so. */
  readonly sent?: EventBodyWithProposal
  /** For whom the caller may speak. `recordedBy` is `key:<name>`. */
  readonly speaker: Speaker
  /** Of the caller's Idempotency-Key ({@link digestOfKey}); null where there is none. */
  readonly keyDigest: string | null
  readonly precondition: Precondition
  /** W3C Trace Context of the request, kept in the event. */
  readonly traceparent: string | null
}

/** What became of a request. Every expected outcome is a value; only the faults below are thrown. */
export type RecordResult = Recorded | NotRecorded

export interface Recorded {
  readonly outcome: 'recorded'
  readonly proposalId: string
  readonly version: number
  readonly position: number
  /** The event: exactly the bytes in the log. */
  readonly line: string
  /** The key belonged to this very request already; nothing new was recorded. */
  readonly replayed: boolean
}

export type NotRecorded =
  | { readonly outcome: 'refused'; readonly refusal: Refused | NotAllowed }
  /** The precondition does not hold; `actual` is the stream's version (0: there is no such proposal). */
  | { readonly outcome: 'version-conflict'; readonly actual: number }
  /** The caller used this key before, for another body; that event is at `position` (0: it is an earlier line of the same import). */
  | { readonly outcome: 'key-reused'; readonly position: number }
  | { readonly outcome: 'too-large'; readonly bytes: number }

/** What became of requests of which all are recorded, or none. */
export type AtomicResult =
  | { readonly outcome: 'recorded'; readonly results: readonly Recorded[] }
  /** At least one. Requests after a refused one were judged as if that had not been there. */
  | { readonly outcome: 'refused'; readonly refusals: readonly IndexedRefusal[] }

export interface IndexedRefusal {
  /** Of the request. */
  readonly index: number
  readonly answer: NotRecorded
}

/** The queue is full. Nothing was recorded; the same request may be sent again shortly. 503 `unavailable`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

/** The log could not be reached. Certainly nothing was recorded. 503 `unavailable`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** Other writers of the same proposals were always quicker. Certainly nothing was recorded. 503 `unavailable`. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'

  readonly tries: number

  constructor(tries: number) {
    super(`overtaken ${tries} times by other writers of the same proposals`)
    this.tries = tries
  }
}

/**
 * The batch was sent and no answer came within the limit. The event may or may not have been recorded: a caller with an idempotency
 * key sends the same request again, one without looks at the proposal first. 503 `outcome-unknown`.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** An atomic import goes through more of histories than one may. Nothing was recorded. 413 `too-large`. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork'
}

/** The database refused this event for its content, alone: a rule of ours let through what the log cannot hold. 500, and a log line. */
export class Unstorable extends Error {
  override readonly name = 'Unstorable'
}

/**
 * The form in which a key is kept: the first 16 bytes of SHA-256 over the caller and the key, so that the index stays small and the
 * log holds no caller's secret. The caller's name holds no NUL, so two callers never share a digest. In hexadecimal: a text costs a
 * quarter of what a buffer does, which has memory of its own.
 */
export function digestOfKey(recordedBy: string, idempotencyKey: string): string {
  return hash('sha256', `${recordedBy}\0${idempotencyKey}`, 'hex').slice(0, 32)
}

/**
 * Whether a body that has the request's key is the body of this request. They are compared in the form of RFC 8785, which is what the contract's
 * fingerprint is taken over: comparing the text that would be hashed needs no stored hash, and costs nothing until a key is met again.
 */
export function isBodyOf({ body, sent = body }: RecordRequest, known: EventBodyWithProposal): boolean {
  const canonical = canonicalize(known)
  return canonical === canonicalize(body) || (sent !== body && canonical === canonicalize(sent))
}

/** The answer to a repeated key: the same as the first time, or that the key was used for something else. */
export function answerOfKnownKey(line: string, request: RecordRequest): RecordResult {
  const event = decodeLine(line)
  if (!isBodyOf(request, bodyOf(event))) return { outcome: 'key-reused', position: event.position }
  const { proposalId, version, position } = event
  return { outcome: 'recorded', proposalId, version, position, line, replayed: true }
}
