import { hash } from 'node:crypto'
import {
  bodyOf,
  decodeLine,
  type EventBodyWithProposal,
  erasedBody,
  type NotAllowed,
  type Refused,
  type Speaker,
} from '@commitments/domain'
import type { Signing } from '@commitments/http-kit'
import canonicalize from 'canonicalize'

/** A caller's condition on the stream for appending the event (RFC 9110, If-Match and If-None-Match). */
export type Precondition =
  | { demand: 'nothing' }
  | { demand: 'absent' }
  | { demand: 'present' }
  | { demand: 'version'; versions: readonly number[] }

/** One event to record: parsed, authenticated and allowed. */
export interface RecordRequest {
  readonly body: EventBodyWithProposal
  /**
   * The body as it was sent, if `body` has more members. An event that was recorded before they were filled in is repeated in this form.
   */
  readonly sent?: EventBodyWithProposal
  /** The party that the caller may speak for. `recordedBy` is `key:<name>`. */
  readonly speaker: Speaker
  /** How the caller may or must sign; absent: not at all. The signature in `body` holds, whoever's it is. */
  readonly signing?: Signing | undefined
  /** The digest of the caller's Idempotency-Key ({@link digestOfKey}); null without one. */
  readonly keyDigest: string | null
  readonly precondition: Precondition
  /** W3C Trace Context of the request, kept in the event. */
  readonly traceparent: string | null
}

/** The result of a request. Every expected outcome is a value; only the faults below are thrown. */
export type RecordResult = Recorded | NotRecorded

export interface Recorded {
  readonly outcome: 'recorded'
  readonly proposalId: string
  readonly version: number
  readonly position: number
  /** The event: the exact bytes in the log. */
  readonly line: string
  /** The key already belonged to this request; nothing new was recorded. */
  readonly replayed: boolean
}

export type NotRecorded =
  | { readonly outcome: 'refused'; readonly refusal: Refused | NotAllowed }
  /** The precondition does not hold; `actual` is the stream's version (0: there is no such proposal). */
  | { readonly outcome: 'version-conflict'; readonly actual: number }
  /**
   * The caller used this key before, for another body, or for one that it did not sign while it has signed this one; that event is at `position`
   * (0: it is an earlier line of the same import).
   */
  | { readonly outcome: 'key-reused'; readonly position: number; readonly isUnsigned?: boolean }
  | { readonly outcome: 'too-large'; readonly bytes: number }

/** The result of requests that are recorded all or not at all. */
export type AtomicResult =
  | { readonly outcome: 'recorded'; readonly results: readonly Recorded[] }
  /** At least one refusal. Requests after a refused one were decided as if it had not been there. */
  | { readonly outcome: 'refused'; readonly refusals: readonly IndexedRefusal[] }

export interface IndexedRefusal {
  /** The index of the request. */
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

/** The log has lost events, is changed or behind its witnesses, and takes no writes until an operator has decided. Certainly nothing was recorded. 503 `log-went-back`. */
export class Halted extends Error {
  override readonly name = 'Halted'
}

/** Other writers of the same proposals were faster each time. Certainly nothing was recorded. 503 `unavailable`. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'

  readonly tries: number

  constructor(tries: number) {
    super(`overtaken ${tries} times by other writers of the same proposals`)
    this.tries = tries
  }
}

/**
 * The batch was sent and no answer came within the limit. The event may or may not have been recorded. A caller with an idempotency key
 * sends the same request again; a caller without one reads the proposal first. 503 `outcome-unknown`.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** An atomic import needs to fold more events of histories than allowed. Nothing was recorded. 413 `too-large`. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork'
}

/**
 * The database refused this event alone, because of its content: one of our rules accepted what the log cannot store. 500, and a log line.
 */
export class Unstorable extends Error {
  override readonly name = 'Unstorable'
}

/**
 * The stored form of a key: the first 16 bytes of SHA-256 over the caller and the key, so that the index stays small and the log has no
 * caller's secret. The caller's name has no NUL, so two callers never share a digest. It is hexadecimal, because a text costs a quarter of
 * a buffer, which needs its own memory.
 */
export function digestOfKey(recordedBy: string, idempotencyKey: string): string {
  return hash('sha256', `${recordedBy}\0${idempotencyKey}`, 'hex').slice(0, 32)
}

/**
 * Whether a body with the request's key is the body of this request. Bodies are compared in the form of RFC 8785, which the contract's
 * fingerprint is taken over. Comparing the canonical text needs no stored hash, and costs nothing until a key is used again.
 *
 * A signature of the caller is as good as another one (its key may have been replaced since), but a signed request is no repeat of one that
 * was not signed: its caller would think that its signature is in the log.
 */
export function isBodyOf({ body, sent = body }: RecordRequest, known: EventBodyWithProposal): boolean {
  if (body.signature !== undefined && known.signature === undefined) return false
  const canonical = canonicalOf(known)
  return canonical === canonicalOf(body) || (sent !== body && canonical === canonicalOf(sent))
}

function canonicalOf({ signature: _signature, ...said }: EventBodyWithProposal): string | undefined {
  return canonicalize(said)
}

/** Its event was erased meanwhile: what can still be compared is. */
function withoutTexts({ sent, ...request }: RecordRequest): RecordRequest {
  return { ...request, body: erasedBody(request.body), ...(sent && { sent: erasedBody(sent) }) }
}

/** The answer to a repeated key: the same as the first time, or a refusal because the key was used for something else. */
export function answerOfKnownKey(line: string, request: RecordRequest): RecordResult {
  const event = decodeLine(line)
  const isRepeat = event.erased
    ? isBodyOf(withoutTexts(request), erasedBody(bodyOf(event)))
    : isBodyOf(request, bodyOf(event))
  if (!isRepeat) {
    const isUnsigned = request.body.signature !== undefined && event.signature === undefined
    return { outcome: 'key-reused', position: event.position, isUnsigned }
  }
  const { proposalId, version, position } = event
  return { outcome: 'recorded', proposalId, version, position, line, replayed: true }
}
