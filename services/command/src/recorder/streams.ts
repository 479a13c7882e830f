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
import type { Log } from './log.ts'
import { lineBytes, type NewEvent } from './new-event.ts'
import type { StreamCache } from './stream-cache.ts'

/** When and where a batch is recorded: for the log, all of it happens at once. */
interface Recording {
  /** In the form of `recordedAt`. */
  readonly now: string
  readonly futureBegins: Day
  /** The time zone of the ledger: decides on which day something is recorded. */
  readonly timeZone: string
}

/** How many events of histories were folded for requests that do not count last, or that correct or retract. */
export interface HistoryWork {
  done: number
  /** Once so many were folded, no further history is started. */
  readonly atMost: number
}

/** The streams of one batch: what the cache and the log say, plus what the batch itself has accepted. */
export interface BatchStreams extends Recording {
  readonly log: Log
  readonly cache: StreamCache
  readonly work: HistoryWork
  readonly byProposal: Map<string, BatchStream>
}

/** A stream as one batch sees it. */
export interface BatchStream {
  readonly proposalId: string
  readonly recording: Recording
  /**
   * - log: read by this batch; a refusal may depend on it
   * - cache: folded by an earlier batch
   * - presumed: a proposal that is being created, assumed not to exist yet (append_events finds out if it does)
   */
  readonly origin: 'log' | 'cache' | 'presumed'
  /** The state in the log, as far as we know. */
  readonly committed: Proposal | null
  /** The id of the last event of `committed`; null if there is none. */
  readonly committedLast: string | null
  /** Bytes of the lines that make `committed`. */
  readonly committedBytes: number
  /** The recorded events that make `committed`; null if only their fold was in memory. */
  readonly history: readonly RecordedEvent[] | null
  /** Why the stream cannot be folded, if it cannot: its own requests fail, and no others. */
  readonly fault: unknown
  /** Accepted by this batch, in order. */
  readonly accepted: EventToRecord[]
  /** An upper bound for the bytes of the lines of `accepted`. */
  acceptedBytes: number
  /** `committed` with the first `folded` of the accepted events applied ({@link catchingUp}). */
  expected: Proposal | null
  folded: number
}

export interface StreamSources {
  readonly log: Log
  readonly cache: StreamCache
  readonly clock: () => Date
  readonly timeZone: string
}

/** @param historyEvents the most events of histories to fold; one history is always folded */
export function openStreams({ log, cache, clock, timeZone }: StreamSources, historyEvents: number): BatchStreams {
  const now = clock()
  return {
    now: now.toISOString(),
    futureBegins: futureBegins(now),
    timeZone,
    log,
    cache,
    work: { done: 0, atMost: historyEvents },
    byProposal: new Map(),
  }
}

type Known = Pick<BatchStream, 'origin' | 'committed' | 'committedLast' | 'committedBytes' | 'history'> & {
  readonly fault?: unknown
}

function addStream(streams: BatchStreams, proposalId: string, known: Known): BatchStream {
  const { origin, committed, committedLast, committedBytes, history, fault = null } = known
  const stream: BatchStream = {
    proposalId,
    recording: streams,
    origin,
    committed,
    committedLast,
    committedBytes,
    history,
    fault,
    accepted: [],
    acceptedBytes: 0,
    expected: committed,
    folded: 0,
  }
  streams.byProposal.set(proposalId, stream)
  return stream
}

/** Reads these streams from the log now. A stream with accepted events is not read again, because they depend on it ({@link mayLoad}). */
export async function loadStreams(streams: BatchStreams, proposalIds: Iterable<string>): Promise<void> {
  const wanted = [...new Set(proposalIds)].filter((id) => mayLoad(streams, id))
  if (wanted.length === 0) return
  const found = await streams.log.readStreams(wanted)
  await inTurns(addingAll(streams, wanted, found))
}

/** An import can need ten thousand streams: even if each is short, others get a turn in between. */
function* addingAll(
  streams: BatchStreams,
  proposalIds: readonly string[],
  found: ReadonlyMap<string, readonly string[]>,
): Sliced<void> {
  for (const id of proposalIds) {
    yield* addFolded(streams, id, found.get(id) ?? [])
    yield
  }
}

/** A stream that this batch has added to is not read again: the accepted events depend on its old state. */
export function mayLoad({ byProposal }: BatchStreams, proposalId: string): boolean {
  return !byProposal.get(proposalId)?.accepted.length
}

function* addFolded(streams: BatchStreams, proposalId: string, lines: readonly string[]): Sliced<void> {
  const committedBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  try {
    const history: RecordedEvent[] = []
    for (const line of lines) {
      history.push(decodeLine(line))
      if (history.length % eventsASlice === 0) yield
    }
    const committed = yield* foldingStream(history, streams.timeZone)
    const committedLast = history.at(-1)?.eventId ?? null
    addStream(streams, proposalId, { origin: 'log', committed, committedLast, committedBytes, history })
  } catch (fault) {
    const unknown = { committed: null, committedLast: null, history: null }
    addStream(streams, proposalId, { origin: 'log', ...unknown, committedBytes, fault })
  }
}

/**
 * A stream to decide on; undefined if it must be read from the log first.
 *
 * @param fromLogOnly take nothing from the cache; what this batch has accepted is still on top
 */
export function streamFor(streams: BatchStreams, proposalId: string, fromLogOnly: boolean): BatchStream | undefined {
  const known = streams.byProposal.get(proposalId)
  if (known && (!fromLogOnly || known.origin === 'log' || known.accepted.length > 0)) return known
  const cached = fromLogOnly ? undefined : streams.cache.get(proposalId)
  if (!cached) return undefined
  const { proposal: committed, lastEventId: committedLast, bytes: committedBytes } = cached
  return addStream(streams, proposalId, { origin: 'cache', committed, committedLast, committedBytes, history: null })
}

/** The same for a proposal that is being created: it is assumed not to exist, without asking the log. */
export function streamToBegin(
  streams: BatchStreams,
  proposalId: string,
  fromLogOnly: boolean,
): BatchStream | undefined {
  const known = streamFor(streams, proposalId, fromLogOnly)
  if (known || fromLogOnly) return known
  const nothing = { committed: null, committedLast: null, committedBytes: 0, history: [] }
  return addStream(streams, proposalId, { origin: 'presumed', ...nothing })
}

/**
 * The proposal with everything that this batch has accepted for it. It is folded only on demand, because most streams get one event.
 *
 * @throws the reason, if the stream cannot be folded
 */
export function current(stream: BatchStream): Proposal | null {
  return drained(catchingUp(stream))
}

/** Like `current`, in slices: an event that does not count last needs the whole stream folded again. */
export function* catchingUp(stream: BatchStream): Sliced<Proposal | null> {
  if (stream.fault !== null) throw stream.fault
  const { timeZone } = stream.recording
  for (; stream.folded < stream.accepted.length; stream.folded += 1) {
    const event = asIfRecorded(stream.accepted[stream.folded] as EventToRecord, stream.recording)
    stream.expected =
      evolveIfLast(stream.expected, event, timeZone) ??
      (yield* foldingStream(eventsUpTo(stream, stream.folded + 1), timeZone))
  }
  return stream.expected
}

/** The events that make `current`. Only for a stream whose `history` was read. */
export function historyOf(stream: BatchStream): readonly RecordedEvent[] {
  return eventsUpTo(stream, stream.accepted.length)
}

function eventsUpTo({ history, accepted, proposalId, recording }: BatchStream, count: number): RecordedEvent[] {
  if (history === null) throw new Error(`the events of ${proposalId} were not read`)
  return [...history, ...accepted.slice(0, count).map((event) => asIfRecorded(event, recording))]
}

/** As if it were in the log, where it will get its position and its own time. */
function asIfRecorded(event: EventToRecord, { now }: Recording): RecordedEvent {
  return { position: 0, recordedAt: now, ...event }
}

/** The version of the stream's next event. */
export function nextVersion(stream: BatchStream): number {
  return (stream.committed?.version ?? 0) + stream.accepted.length + 1
}

/** The id of the stream's last event, which the next one follows; null if it begins the stream. */
export function lastEventId({ accepted, committedLast }: BatchStream): string | null {
  return accepted.at(-1)?.eventId ?? committedLast
}

/** The bytes of all lines of the stream, including those that this batch has accepted. */
export function bytesOf({ committedBytes, acceptedBytes }: BatchStream): number {
  return committedBytes + acceptedBytes
}

/** Puts an event on top of its stream, for later requests of the batch. */
export function accept({ byProposal }: BatchStreams, added: NewEvent): void {
  const stream = byProposal.get(added.event.proposalId)
  if (!stream) throw new Error(`nothing was decided on ${added.event.proposalId}`)
  stream.accepted.push(added.event)
  stream.acceptedBytes += lineBytes(added)
}

/** Whether this batch read the stream, and it has nothing that is not in the log. Then a refusal may depend on it. */
export function isAsLogged(stream: BatchStream): boolean {
  return stream.origin === 'log' && stream.accepted.length === 0
}
