import {
  type Day,
  eventsASlice,
  foldingAsOf,
  foldingStream,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import type { Parked } from '../projections/parked.ts'
import { type LogLine, type ReadLine, readLine } from '../streams/log-line.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { apply, type Held, hold, type Streams } from './apply.ts'

interface FoldedStream {
  /** The state of the proposal after its whole stream: the same as after applying its lines one by one. */
  readonly held: Held
  /** The events before the first one that cannot be applied: usually all of them. */
  readonly events: readonly RecordedEvent[]
}

/** Folds a stream, from its first line on, in the order of versions. */
export function* foldingEntries(entries: readonly LogLine[], timeZone: string): Sliced<FoldedStream> {
  const read: ReadLine[] = []
  for (const entry of entries) if (read.push(readLine(entry)) % eventsASlice === 0) yield
  return yield* folding(read, timeZone)
}

/** The same for each stream, in slices: all are read, and then all are folded. */
export function* foldStreams(streams: readonly Pick<Stream, 'entries'>[], timeZone: string): Sliced<FoldedStream[]> {
  const read: ReadLine[][] = []
  for (const { entries } of streams) {
    read.push(entries.map(readLine))
    yield
  }
  const folded: FoldedStream[] = []
  for (const lines of read) folded.push(yield* folding(lines, timeZone))
  return folded
}

function* folding(read: readonly ReadLine[], timeZone: string): Sliced<FoldedStream> {
  const events = read.map(({ event }) => event)
  if (!events.every((event, index): event is RecordedEvent => event?.version === index + 1))
    return yield* stepByStep(read, timeZone)
  const last = events.at(-1)
  if (last === undefined) throw new RangeError('A stream has at least one event.')
  try {
    const state = yield* foldingStream(events, timeZone)
    if (state !== null) return { held: hold(state, last), events }
  } catch {
    // The next line finds out which event it was.
  }
  return yield* stepByStep(read, timeZone)
}

function* stepByStep(read: readonly ReadLine[], timeZone: string): Sliced<FoldedStream> {
  const [first] = read
  if (first === undefined) throw new RangeError('A stream has at least one event.')
  const streams: Streams = new Map([[first.entry.proposalId, read.map(({ entry }) => entry.line)]])
  let held: Held | null = null
  for (const line of read) {
    held = apply(held, line, timeZone, streams)
    yield
  }
  const { version } = held as Held
  return { held: held as Held, events: read.slice(0, version).flatMap(({ event }) => event ?? []) }
}

/** The result of a stream, and where it is parked, if it is. */
export interface AsKnown {
  readonly proposal: Proposal | null
  readonly parked: Parked | null
}

/**
 * The state after these lines, or the state on a day according to them. For a stream with an event that cannot be applied, it is the state
 * before that event, as in the read model. In slices, because a stream can have ten thousand events.
 */
export function* asKnown(entries: readonly LogLine[], asOf: Day | undefined, timeZone: string): Sliced<AsKnown> {
  if (entries.length === 0) return { proposal: null, parked: null }
  const { held, events } = yield* foldingEntries(entries, timeZone)
  const { state, parked } = held
  if (asOf === undefined || state === null) return { proposal: state, parked }
  return { proposal: yield* foldingAsOf(events, asOf, timeZone), parked }
}
