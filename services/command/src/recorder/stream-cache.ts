import { evolveIfLast, type Proposal } from '@commitments/domain'
import { LRUCache } from 'lru-cache'
import { type AppendOutcome, type InLog, isInLog } from './append.ts'
import { lineBytes, type NewEvent } from './new-event.ts'

/** A folded stream, and the bytes of the lines that it was folded from. */
interface Folded {
  readonly proposal: Proposal
  readonly bytes: number
}

/** Folded streams, the least recently used dropped first. What is in here may be behind the log: nothing is refused on its word. */
export type StreamCache = LRUCache<string, Folded>

/**
 * @param maxBytes rough bound of the memory held. A folded stream weighs what its parties, texts and dates weigh, and these are most of
 *   its lines: what of a line is not kept makes up for what objects take beside their texts, and 1 KiB for the object itself.
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
  readonly committedBytes: number
}

/** Keeps the streams of a batch, with what was appended folded in. One with any other outcome is forgotten, and read when it is next wanted. */
export function remember(
  { byProposal, cache, timeZone }: StreamsOfBatch,
  outcomes: ReadonlyMap<NewEvent, AppendOutcome>,
  warn: (detail: object, message: string) => void,
): void {
  const folded = new Map<string, Folded>()
  for (const { proposalId, committed: proposal, committedBytes: bytes } of byProposal.values()) {
    if (proposal) folded.set(proposalId, { proposal, bytes })
  }
  const unsure = new Set<string>()
  for (const [added, outcome] of outcomes) {
    const { proposalId } = added.event
    const before = folded.get(proposalId) ?? { proposal: null, bytes: 0 }
    const goesOn = isInLog(outcome) && !unsure.has(proposalId)
    const proposal = goesOn ? foldedOrNull(before.proposal, added, outcome, timeZone, warn) : null
    if (proposal === null) unsure.add(proposalId)
    else folded.set(proposalId, { proposal, bytes: before.bytes + lineBytes(added) })
  }
  for (const [proposalId, stream] of folded) if (!unsure.has(proposalId)) cache.set(proposalId, stream)
  for (const proposalId of unsure) cache.delete(proposalId)
}

/** Null where the stream has to be read again: the event does not count last, or rereads the past, or cannot follow. */
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

/** Whatever became of these: their streams are read when they are next wanted. */
export function forget(cache: StreamCache, events: Iterable<NewEvent>): void {
  for (const { event } of events) cache.delete(event.proposalId)
}
