import { foldStream, type RecordedEvent } from '@commitments/domain'
import { apply, type Held, hold, type LogLine, readLine } from '../projector/apply.ts'

/** What is held of a proposal after its whole stream: the same as after applying its lines one by one. */
export function foldEntries(entries: readonly LogLine[]): Held {
  const events = entries.map(readLine)
  if (!events.every((event, index): event is RecordedEvent => event?.version === index + 1)) return stepByStep(entries)
  const last = events.at(-1)
  if (last === undefined) throw new RangeError('A stream has at least one event.')
  try {
    const state = foldStream(events)
    if (state !== null) return hold(state, last)
  } catch {
    // Which event it was, the next line finds out.
  }
  return stepByStep(entries)
}

function stepByStep(entries: readonly LogLine[]): Held {
  const held = entries.reduce<Held | null>((before, entry) => apply(before, entry), null)
  if (held === null) throw new RangeError('A stream has at least one event.')
  return held
}
