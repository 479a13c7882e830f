import { definitionOf, type EventToRecord, encodeRest, maxRestBytes } from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { uuidv7 } from 'uuidv7'
import type { RestsOn } from './judge.ts'
import { makeNonce } from './nonce.ts'
import type { RecordRequest } from './requests.ts'
import { addAccepted, type GroupStream, nextVersion } from './streams.ts'

/** An accepted request as an event, and as what the log is given of it. */
export interface MadeEvent {
  readonly event: EventToRecord
  readonly append: EventToAppend
}

/** Makes the event of an accepted request and puts it on top of its stream; or says how long its line is, where that is too long. */
export function acceptEvent(
  stream: GroupStream,
  request: RecordRequest,
  keyDigest: Buffer | null,
  restsOn: RestsOn[],
): MadeEvent | { bytes: number } {
  const event = makeEvent(request, nextVersion(stream))
  const rest = encodeRest(event)
  const bytes = Buffer.byteLength(rest)
  if (bytes > maxRestBytes) return { bytes }
  addAccepted(stream, event)
  const { proposalId, version, eventId } = event
  return { event, append: { proposalId, version, eventId, keyDigest, rest, restsOn } }
}

function makeEvent(request: RecordRequest, version: number): EventToRecord {
  const definition = definitionOf(request.body.type)
  if (!definition) throw new TypeError(`Not an event type: ${request.body.type}`)
  return {
    ...request.body,
    eventId: uuidv7(),
    nonce: makeNonce(),
    version,
    schemaVersion: definition.schemaVersion,
    recordedBy: request.recordedBy,
    ...(request.traceparent === null ? {} : { traceparent: request.traceparent }),
  }
}
