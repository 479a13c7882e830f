import { definitionOf, type EventToRecord, encodeRest, maxRestBytes } from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { makeEventId } from './event-id.ts'
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
  keyDigest: string | null,
  restsOn: RestsOn[],
): MadeEvent | { bytes: number } {
  const event = makeEvent(request, nextVersion(stream))
  const rest = encodeRest(event)
  if (isTooLong(rest)) return { bytes: Buffer.byteLength(rest) }
  addAccepted(stream, event)
  const { proposalId, version, eventId } = event
  return { event, append: { proposalId, version, eventId, keyDigest, rest, restsOn } }
}

/** No UTF-16 unit takes more than three bytes: the bytes of what is far from the limit need not be counted. */
function isTooLong(rest: string): boolean {
  return rest.length * 3 > maxRestBytes && Buffer.byteLength(rest) > maxRestBytes
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
    recordedBy: request.recordedBy,
    ...(request.traceparent === null ? {} : { traceparent: request.traceparent }),
  }
}
