import {
  definitionOf,
  type EventToRecord,
  encodeRest,
  maxRestBytes,
  maxSplicedBytes,
  roomForBytes,
} from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { makeEventId } from './event-id.ts'
import type { RestsOn } from './judge.ts'
import { makeNonce } from './nonce.ts'
import type { NotRecorded, RecordRequest } from './requests.ts'
import { addAccepted, bytesOf, type GroupStream, nextVersion } from './streams.ts'

/** An accepted request as an event, and as what the log is given of it. */
export interface MadeEvent {
  readonly event: EventToRecord
  readonly append: EventToAppend
  /** What its line takes in the log, at most. */
  readonly lineBytes: number
}

/** Why an accepted request makes no event all the same. */
export interface NoRoom {
  readonly answer: NotRecorded
  /** Whether that rests on the request alone, and not on what else the proposal holds. */
  readonly whateverTheStream: boolean
}

/**
 * Makes the event of an accepted request and puts it on top of its stream; or says that its line is too long, or that it has no room in its
 * proposal.
 */
export function acceptEvent(
  stream: GroupStream,
  request: RecordRequest,
  keyDigest: string | null,
  restsOn: RestsOn[],
): MadeEvent | NoRoom {
  const event = makeEvent(request, nextVersion(stream))
  const rest = encodeRest(event)
  const bytes = Buffer.byteLength(rest)
  if (bytes > maxRestBytes) return { answer: { outcome: 'too-large', bytes }, whateverTheStream: true }
  const lineBytes = bytes + maxSplicedBytes
  const room = roomForBytes(event.type, bytesOf(stream), lineBytes)
  if (room.outcome === 'refused') return { answer: { outcome: 'refused', refusal: room }, whateverTheStream: false }
  addAccepted(stream, event, lineBytes)
  const { proposalId, version, eventId } = event
  return { event, lineBytes, append: { proposalId, version, eventId, keyDigest, rest, restsOn } }
}

function makeEvent(request: RecordRequest, version: number): EventToRecord {
  const definition = definitionOf(request.body.type)
  if (!definition) throw new TypeError(`Not an event type: ${request.body.type}`)
  return {
    ...request.body,
    eventId: makeEventId(),
    nonce: makeNonce(),
    version,
    schemaVersion: definition.schemaVersion,
    recordedBy: request.speaker.recordedBy,
    ...(request.traceparent === null ? {} : { traceparent: request.traceparent }),
  }
}
