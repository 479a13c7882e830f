import { randomFillSync } from 'node:crypto'
import { definitionOf, type EventToRecord, encodeRest, maxSplicedBytes, spliceLine } from '@commitments/domain'
import type { EventToAppend } from '@commitments/event-store'
import { V7Generator } from 'uuidv7'
import type { InLog } from './append.ts'
import type { Recorded, RecordRequest } from './requests.ts'

/** The event of an accepted request, and the row to append. */
export interface NewEvent {
  readonly event: EventToRecord
  readonly append: EventToAppend
  /** Bytes of its line without position and time, which the log adds. */
  readonly restBytes: number
}

/** Where in its stream an event is appended, and what its decision looked at besides. */
type Place = Pick<EventToAppend, 'version' | 'restsOn'> & { readonly follows: string | null }

/** @param eventId where it had to be known before */
export function newEvent(
  request: Pick<RecordRequest, 'body' | 'keyDigest' | 'traceparent'> & {
    readonly speaker: Pick<RecordRequest['speaker'], 'recordedBy'>
  },
  { version, follows, restsOn }: Place,
  eventId = newEventId(),
): NewEvent {
  const { body, keyDigest, speaker, traceparent } = request
  const definition = definitionOf(body.type)
  if (!definition) throw new TypeError(`Not an event type: ${body.type}`)
  const event: EventToRecord = {
    ...body,
    eventId,
    nonce: newNonce(),
    version,
    schemaVersion: definition.schemaVersion,
    recordedBy: speaker.recordedBy,
    ...(traceparent === null ? {} : { traceparent }),
  }
  const rest = encodeRest(event)
  const append = { proposalId: body.proposalId, version, eventId, keyDigest, rest, follows, restsOn }
  return { event, append, restBytes: Buffer.byteLength(rest) }
}

/** The most bytes that its line takes in the log. */
export function lineBytes({ restBytes }: NewEvent): number {
  return restBytes + maxSplicedBytes
}

/**
 * The answer for an event that is in the log. An event that was already in the log when it was sent again is answered with its original
 * bytes.
 */
export function recordedAs({ append }: NewEvent, { position, recordedAt }: InLog): Recorded {
  const { proposalId, version, rest } = append
  const line = spliceLine(position, recordedAt, rest)
  return { outcome: 'recorded', proposalId, version, position, line, replayed: false }
}

const idNumbers = new Uint32Array(1024)
let nextNumber = idNumbers.length

/** By itself, the generator draws eight random numbers at a time, and each draw is a system call. */
const idGenerator = new V7Generator({
  nextUint32() {
    if (nextNumber === idNumbers.length) {
      randomFillSync(idNumbers)
      nextNumber = 0
    }
    return idNumbers[nextNumber++] as number
  },
})

/** A UUID of version 7 (RFC 9562): ids of one process are ascending. */
export function newEventId(): string {
  return idGenerator.generate().toString()
}

const nonceBytes = 16
const nonces = Buffer.alloc(256 * nonceBytes)
let nextNonce = nonces.length

/** 128 random bits, base64url: prevents a short text from being guessed from its leaf hash. Drawn 256 at a time. */
function newNonce(): string {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces)
    nextNonce = 0
  }
  nextNonce += nonceBytes
  return nonces.toString('base64url', nextNonce - nonceBytes, nextNonce)
}
