import type { EventToAppend } from './append-events.ts'

/** The arguments of append_events, but its last, in the form that is cheapest to send and to take apart. */
export function appendColumns(events: readonly EventToAppend[]): unknown[] {
  const places = placesOfStreams(events)
  const place = (proposalId: string) => places.get(proposalId) as number
  const rests = events.flatMap((event, index) => event.restsOn.map((other) => ({ event: index + 1, ...other })))
  return [
    textArray([...places.keys()]),
    plainArray(events.map((event) => place(event.proposalId))),
    plainArray(events.map((event) => event.version)),
    plainArray(events.map((event) => event.eventId)),
    plainArray(events.map((event) => (event.keyDigest ? `"\\\\x${event.keyDigest}"` : 'NULL'))),
    linesOf(events),
    plainArray(rests.map((other) => other.event)),
    plainArray(rests.map((other) => place(other.proposalId))),
    plainArray(rests.map((other) => other.version)),
  ]
}

/** Every stream that is written to or rested on, once each, numbered from 1. */
function placesOfStreams(events: readonly EventToAppend[]): Map<string, number> {
  const places = new Map<string, number>()
  const note = (proposalId: string) => {
    if (!places.has(proposalId)) places.set(proposalId, places.size + 1)
  }
  for (const event of events) {
    note(event.proposalId)
    for (const other of event.restsOn) note(other.proposalId)
  }
  return places
}

function plainArray(members: readonly (string | number)[]): string {
  return `{${members.join(',')}}`
}

const lineEnd = Buffer.from('\n')

/**
 * As bytes, each line encoded by itself: joined as text, one line in Vietnamese or Korean makes all the others as slow to encode as it is
 * (twice the memory, and unit by unit).
 */
function linesOf(events: readonly EventToAppend[]): Buffer {
  const parts = events.flatMap((event) => [lineEnd, Buffer.from(event.rest)])
  return Buffer.concat(parts.slice(1))
}

function textArray(members: readonly string[]): string {
  return plainArray(members.map((member) => `"${member.replace(/["\\]/g, '\\$&')}"`))
}
