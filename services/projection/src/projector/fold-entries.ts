import { foldStream, type RecordedEvent } from '@commitments/domain'
import type { Stream } from '../rebuild/streams.ts'
import { apply, type Held, hold, type LogLine, type ReadLine, readLine, type Streams } from './apply.ts'

export interface FoldedStream {
  /** What is held of the proposal after its whole stream: the same as after applying its lines one by one. */
  readonly held: Held
  /** Up to the first that cannot be applied: mostly all of them. */
  readonly events: readonly RecordedEvent[]
}

/** Folds a stream, from its first line on, in the order of versions. */
export function foldEntries(entries: readonly LogLine[], timeZone: string): FoldedStream {
  return fold(entries.map(readLine), timeZone)
}

/** The same of each: all are read, and then all are folded. */
export function foldStreams(streams: readonly Pick<Stream, 'entries'>[], timeZone: string): FoldedStream[] {
  return streams.map(({ entries }) => entries.map(readLine)).map((read) => fold(read, timeZone))
}

function fold(read: readonly ReadLine[], timeZone: string): FoldedStream {
  const events = read.map(({ event }) => event)
  if (!events.every((event, index): event is RecordedEvent => event?.version === index + 1))
    return stepByStep(read, timeZone)
  const last = events.at(-1)
  if (last === undefined) throw new RangeError('A stream has at least one event.')
  try {
    const state = foldStream(events, timeZone)
    if (state !== null) return { held: hold(state, last), events }
  } catch {
    // Which event it was, the next line finds out.
  }
  return stepByStep(read, timeZone)
}

function stepByStep(read: readonly ReadLine[], timeZone: string): FoldedStream {
  const [first] = read
  if (first === undefined) throw new RangeError('A stream has at least one event.')
  const streams: Streams = new Map([[first.entry.proposalId, read.map(({ entry }) => entry.line)]])
  const held = read.reduce<Held | null>((before, line) => apply(before, line, timeZone, streams), null) as Held
  return { held, events: read.slice(0, held.version).flatMap(({ event }) => event ?? []) }
}
