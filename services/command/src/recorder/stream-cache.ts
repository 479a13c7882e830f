import { evolveIfLast, type Proposal } from '@commitments/domain'
import { LRUCache } from 'lru-cache'
import { type AppendOutcome, type InLog, isInLog } from './append.ts'
import { lineBytes, type NewEvent } from './new-event.ts'

/** A folded stream, its last event, and the bytes of the lines that it was folded from. */
interface Folded {
  readonly proposal: Proposal
  readonly lastEventId: string | null
  readonly bytes: number
}

/** Folded streams, the least recently used dropped first. They can be behind the log, so nothing is refused on them alone. */
export type StreamCache = LRUCache<string, Folded>

/**
 * @param maxBytes rough bound of the memory held. A folded stream weighs as much as its lines: the parts of a line that are not kept make
 * up for the overhead of objects. In addition, 1 KiB for the object itself.
 */
export function createStreamCache(maxBytes: number): StreamCache {
  return new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => 1024 + bytes })
}

/** Streams as a batch read them (streams.ts). */
interface StreamsOfBatch {
  readonly byProposal: ReadonlyMap<string, Committed>
  readonly cache: StreamCache
  readonly timeZone: string
}

interface Committed {
  readonly proposalId: string
  readonly committed: Proposal | null
  readonly committedLast: string | null
  readonly committedBytes: number
}

/**
 * Keeps the streams of a batch, with the appended events folded in. A stream with any other outcome is dropped, and read when it is next
 * needed.
 */
export function remember(
  { byProposal, cache, timeZone }: StreamsOfBatch,
  outcomes: ReadonlyMap<NewEvent, AppendOutcome>,
  warn: (detail: object, message: string) => void,
): void {
  const folded = new Map<string, Folded>()
  for (const {
    proposalId,
    committed: proposal,
    committedLast: lastEventId,
    committedBytes: bytes,
  } of byProposal.values()) {
    if (proposal) folded.set(proposalId, { proposal, lastEventId, bytes })
  }
  const unsure = new Set<string>()
  for (const [added, outcome] of outcomes) {
    const { proposalId } = added.event
    const before = folded.get(proposalId) ?? { proposal: null, bytes: 0 }
    const goesOn = isInLog(outcome) && !unsure.has(proposalId)
    const proposal = goesOn ? foldedOrNull(before.proposal, added, outcome, timeZone, warn) : null
    if (proposal === null) unsure.add(proposalId)
    else folded.set(proposalId, { proposal, lastEventId: added.event.eventId, bytes: before.bytes + lineBytes(added) })
  }
  for (const [proposalId, stream] of folded) if (!unsure.has(proposalId)) cache.set(proposalId, stream)
  for (const proposalId of unsure) cache.delete(proposalId)
}

/** Null if the stream has to be read again: the event does not count last, or changes how the past is read, or cannot follow. */
function foldedOrNull(
  before: Proposal | null,
  { event }: NewEvent,
  { position, recordedAt }: InLog,
  timeZone: string,
  warn: (detail: object, message: string) => void,
): Proposal | null {
  try {
    return evolveIfLast(before, { position, recordedAt, ...event }, timeZone)
  } catch (err) {
    warn({ err, proposalId: event.proposalId, position }, 'a recorded event cannot be folded')
    return null
  }
}

/** Whatever happened to these events: their streams are read when they are next needed. */
export function forget(cache: StreamCache, events: Iterable<NewEvent>): void {
  for (const { event } of events) cache.delete(event.proposalId)
}
