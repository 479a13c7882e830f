import type { EventBodyWithProposal, EventToRecord, RecordedEvent } from './event-types.ts'

/** The longest line in bytes: what the log's proof format can hold (docs/architecture.md, The line). */
export const maxLineBytes = 65_535

/** Bytes of a line that are reserved: at most 72 for position and time, and 80 for what an erasure adds (its own id and the leaf, without the nonce). */
export const maxSplicedBytes = 152

/** The longest {@link encodeRest} in bytes of UTF-8. */
export const maxRestBytes = maxLineBytes - maxSplicedBytes

/**
 * An event's line without its beginning (position and time, which the database adds in front) and without its end. The envelope is in the
 * order of docs/architecture.md (The line), `data` in the order of its schema; absent members are left out.
 */
export function encodeRest(event: EventToRecord): string {
  return JSON.stringify({
    eventId: event.eventId,
    nonce: event.nonce,
    proposalId: event.proposalId,
    version: event.version,
    type: event.type,
    schemaVersion: event.schemaVersion,
    occurredOn: event.occurredOn,
    recordedBy: event.recordedBy,
    assertedBy: event.assertedBy,
    confidence: event.confidence,
    evidence: event.evidence,
    note: event.note,
    data: event.data,
    correlationId: event.correlationId,
    causationId: event.causationId,
    traceparent: event.traceparent,
    signature: event.signature,
  }).slice(1)
}

/** The whole line without its end: exactly what `append_events` makes from a rest. */
export function spliceLine(position: number, recordedAt: string, rest: string): string {
  return `{"position":${position},"recordedAt":"${recordedAt}",${rest}`
}

/** The event of a line of our own log. It was checked when it was recorded and is trusted here; a line that is not JSON throws. */
export function decodeLine(line: string): RecordedEvent {
  return JSON.parse(line) as RecordedEvent
}

/** The original request, without what was added on recording: for comparing a repeated key. */
export function bodyOf(event: RecordedEvent): EventBodyWithProposal {
  const { proposalId, type, occurredOn, assertedBy, confidence, evidence, note, data } = event
  const { correlationId, causationId, signature } = event
  const members = {
    proposalId,
    type,
    occurredOn,
    assertedBy,
    confidence,
    evidence,
    note,
    data,
    correlationId,
    causationId,
    signature,
  }
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as unknown as EventBodyWithProposal
}
