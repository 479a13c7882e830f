import { hash } from 'node:crypto'
import {
  bodyOf,
  decodeLine,
  type EventBodyWithProposal,
  type NotAllowed,
  type RecordedEvent,
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
  /** For whom the caller may speak. `recordedBy` is `key:<name>`, and also the scope of the idempotency key. */
  readonly speaker: Speaker
  readonly idempotencyKey: string | null
  readonly precondition: Precondition
  /** W3C Trace Context of the request, kept in the event. */
  readonly traceparent: string | null
}

/** What became of a request. Every expected outcome is a value; only faults are thrown (faults.ts). */
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
  /** The caller used this key before, for another body; that event is at `position`. */
  | { readonly outcome: 'key-reused'; readonly position: number }
  | { readonly outcome: 'too-large'; readonly bytes: number }

/**
 * The form in which a key is kept: the first 16 bytes of SHA-256 over the caller and the key, so that the index stays small and the
 * log holds no caller's secret. The caller's name holds no NUL, so two callers never share a digest. In hexadecimal: a text costs a
 * quarter of what a buffer does, which has memory of its own.
 */
function keyDigest(recordedBy: string, idempotencyKey: string): string {
  return hash('sha256', `${recordedBy}\0${idempotencyKey}`, 'hex').slice(0, 32)
}

/** Of a request's key, where it has one. */
export function digestOf({ speaker, idempotencyKey }: RecordRequest): string | null {
  return idempotencyKey === null ? null : keyDigest(speaker.recordedBy, idempotencyKey)
}

/**
 * Whether the recorded event came from a request with this body. Both sides are compared in the form of RFC 8785, which is what the
 * contract's fingerprint is taken over: comparing the text that would be hashed needs no stored hash, and costs nothing until a key
 * is met again.
 */
function cameFrom(event: RecordedEvent, { body, sent = body }: RecordRequest): boolean {
  const recorded = canonicalize(bodyOf(event))
  return recorded === canonicalize(body) || (sent !== body && recorded === canonicalize(sent))
}

/** The answer to a repeated key: the same as the first time, or that the key was used for something else. */
export function answerOfKnownKey(line: string, request: RecordRequest): RecordResult {
  const event = decodeLine(line)
  if (!cameFrom(event, request)) return { outcome: 'key-reused', position: event.position }
  const { proposalId, version, position } = event
  return { outcome: 'recorded', proposalId, version, position, line, replayed: true }
}
