import { foldStream, type RecordedEvent } from '@commitments/domain'
import { apply, type Held, hold, type LogLine, type ReadLine, readLine, type Streams } from '../projector/apply.ts'

/** What is held of a proposal after its whole stream: the same as after applying its lines one by one. */
export function foldEntries(entries: readonly LogLine[]): Held {
  const read = entries.map(readLine)
  const events = read.map(({ event }) => event)
  if (!events.every((event, index): event is RecordedEvent => event?.version === index + 1)) return stepByStep(read)
  const last = events.at(-1)
  if (last === undefined) throw new RangeError('A stream has at least one event.')
  try {
    const state = foldStream(events)
    if (state !== null) return hold(state, last)
  } catch {
    // Which event it was, the next line finds out.
  }
  return stepByStep(read)
}

function stepByStep(read: readonly ReadLine[]): Held {
  const [first] = read
  if (first === undefined) throw new RangeError('A stream has at least one event.')
  const streams: Streams = new Map([[first.entry.proposalId, read.map(({ entry }) => entry.line)]])
  const held = read.reduce<Held | null>((before, line) => apply(before, line, streams), null)
  return held as Held
}

/** The events of a stream up to the first that cannot be applied: mostly all of them. */
export function appliedEvents(entries: readonly LogLine[]): RecordedEvent[] {
  const { version } = foldEntries(entries)
  return entries.slice(0, version).flatMap((entry) => readLine(entry).event ?? [])
}
