import {
  type Day,
  decodeLine,
  drained,
  type EventToRecord,
  eventsASlice,
  evolveIfLast,
  foldingStream,
  futureBegins,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { inTurns } from '@commitments/http-kit/slices'
import { LRUCache } from 'lru-cache'
import type { Log } from './log.ts'

/** A folded stream, and the bytes of the lines that it was folded from. */
export interface Folded {
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

/** A stream as one group sees it. */
export interface GroupStream {
  readonly proposalId: string
  readonly recording: Recording
  /**
   * - database: read from the log by this group; a refusal may rest on it
   * - memory: from the cache
   * - presumed: a proposal that is being made, taken not to exist yet (append_events finds out if it does)
   */
  readonly origin: 'database' | 'memory' | 'presumed'
  /** As the log has it, as far as we know. */
  committed: Proposal | null
  /** Of the lines that make `committed`. */
  committedBytes: number
  /** Of the lines of `accepted`. */
  acceptedBytes: number
  /** The recorded events that make `committed`; null where only their fold was in memory. */
  readonly history: readonly RecordedEvent[] | null
  /** Accepted by this group, in order. */
  readonly accepted: EventToRecord[]
  /** `committed` with the first `folded` of the accepted events folded in (`current` catches up). */
  expected: Proposal | null
  folded: number
  /** Why the stream cannot be folded, where it cannot: its requests fail, and nobody else's. */
  readonly fault: unknown
}

/** When and where a group records: as far as the log knows, at once. */
export interface Recording {
  /** In the form of `recordedAt`. */
  readonly now: string
  readonly futureBegins: Day
  /** Of the ledger: decides on which day something is recorded. */
  readonly timeZone: string
}

export function recordingAt(now: Date, timeZone: string): Recording {
  return { now: now.toISOString(), futureBegins: futureBegins(now), timeZone }
}

/** How many events of histories are gone through for what does not count last, or rereads the past. */
export interface Work {
  done: number
  /** Where this many were gone through, no further history is begun. */
  readonly atMost: number
}

/** Streams of one group: what the cache and the log say, with the group's own accepted events on top. */
export interface GroupStreams extends Recording {
  readonly work: Work
  readonly log: Log
  readonly cache: StreamCache
  readonly byProposal: Map<string, GroupStream>
}

export function createGroupStreams(
  log: Log,
  cache: StreamCache,
  recording: Recording,
  atMost = Number.POSITIVE_INFINITY,
): GroupStreams {
  return { ...recording, work: { done: 0, atMost }, log, cache, byProposal: new Map() }
}

function addStream(
  streams: GroupStreams,
  proposalId: string,
  origin: GroupStream['origin'],
  known: { proposal: Proposal | null; bytes: number; history: readonly RecordedEvent[] | null; fault?: unknown },
): GroupStream {
  const { proposal, bytes, history, fault = null } = known
  const stream: GroupStream = {
    proposalId,
    recording: streams,
    origin,
    committed: proposal,
    committedBytes: bytes,
    acceptedBytes: 0,
    history,
    accepted: [],
    expected: proposal,
    folded: 0,
    fault,
  }
  streams.byProposal.set(proposalId, stream)
  return stream
}

/** Reads these streams from the log now. A stream with accepted events in this group is left as it is: they rest on it. */
export async function loadStreams(streams: GroupStreams, proposalIds: Iterable<string>): Promise<void> {
  const wanted = [...new Set(proposalIds)].filter((id) => !streams.byProposal.get(id)?.accepted.length)
  if (wanted.length === 0) return
  const found = await streams.log.readStreams(wanted)
  for (const id of wanted) {
    const folding = inTurns(addFolded(streams, id, found.get(id) ?? []))
    if (folding instanceof Promise) await folding
  }
}

function* addFolded(streams: GroupStreams, proposalId: string, lines: readonly string[]): Sliced<void> {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  try {
    const history: RecordedEvent[] = []
    for (const line of lines) {
      history.push(decodeLine(line))
      if (history.length % eventsASlice === 0) yield
    }
    const proposal = yield* foldingStream(history, streams.timeZone)
    addStream(streams, proposalId, 'database', { proposal, bytes, history })
  } catch (fault) {
    addStream(streams, proposalId, 'database', { proposal: null, bytes, history: null, fault })
  }
}

/** The stream if it is known without asking the log. */
export function streamInMemory(streams: GroupStreams, proposalId: string): GroupStream | undefined {
  const known = streams.byProposal.get(proposalId)
  if (known) return known
  const cached = streams.cache.get(proposalId)
  return cached && addStream(streams, proposalId, 'memory', { ...cached, history: null })
}

/** The stream as far as it is known without asking the log; one that is not known is taken not to exist. */
export function streamOf(streams: GroupStreams, proposalId: string): GroupStream {
  const absent = { proposal: null, bytes: 0, history: [] }
  return streamInMemory(streams, proposalId) ?? addStream(streams, proposalId, 'presumed', absent)
}

/**
 * The proposal with everything that this group has accepted for it. Folded only when somebody asks: most streams get one event.
 *
 * @throws why the stream cannot be folded, where it cannot
 */
export function current(stream: GroupStream): Proposal | null {
  return drained(catchingUp(stream))
}

/** As `current`, in slices: what does not count last has the whole stream folded again. */
export function* catchingUp(stream: GroupStream): Sliced<Proposal | null> {
  if (stream.fault !== null) throw stream.fault
  const { timeZone } = stream.recording
  for (; stream.folded < stream.accepted.length; stream.folded += 1) {
    const event = asRecorded(stream.accepted[stream.folded] as EventToRecord, stream.recording)
    stream.expected =
      evolveIfLast(stream.expected, event, timeZone) ??
      (yield* foldingStream(eventsUpTo(stream, stream.folded + 1), timeZone))
  }
  return stream.expected
}

/**
 * The events that make `current`; null where they were not read.
 *
 * @throws why the stream cannot be folded, where it cannot
 */
export function historyOf(stream: GroupStream): readonly RecordedEvent[] | null {
  if (stream.fault !== null) throw stream.fault
  return stream.history && eventsUpTo(stream, stream.accepted.length)
}

function eventsUpTo({ history, accepted, proposalId, recording }: GroupStream, count: number): RecordedEvent[] {
  if (history === null) throw new Error(`the events of ${proposalId} were not read`)
  return [...history, ...accepted.slice(0, count).map((event) => asRecorded(event, recording))]
}

/** As if it were in the log, where it will get its position and its own time. */
function asRecorded(event: EventToRecord, { now }: Recording): RecordedEvent {
  return { position: 0, recordedAt: now, ...event }
}

/** The version that the next event of the stream takes. */
export function nextVersion(stream: GroupStream): number {
  return (stream.committed?.version ?? 0) + stream.accepted.length + 1
}

/** The bytes of all lines that the stream has, with those that this group has accepted. */
export function bytesOf({ committedBytes, acceptedBytes }: GroupStream): number {
  return committedBytes + acceptedBytes
}

export function addAccepted(stream: GroupStream, event: EventToRecord, bytes: number): void {
  stream.accepted.push(event)
  stream.acceptedBytes += bytes
}

/** A refusal may rest on this stream: it was read by this group, and holds nothing that is not in the log. */
export function isCertain(stream: GroupStream): boolean {
  return stream.origin === 'database' && stream.accepted.length === 0
}
