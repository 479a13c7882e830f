import type { RecordedEvent } from '../event-types.ts'
import { readIfPossible } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import type { Read } from './fold.ts'

type Step = Omit<Read, 'from'>

/** How far events have been read. */
interface Reading {
  proposal: Proposal | null
  /** Events that refer to something which no event before them brought. */
  waiting: readonly RecordedEvent[]
}

/**
 * Reads events one after the other as they are given, but for those that cannot be read before a later one brings what they name: such an event
 * is read as soon as that is there, and so is what builds on it. For the order in which events count see `inOrder`.
 *
 * @returns the state after all of them, and the events whose thing never came.
 */
export function* byVersion(events: Iterable<RecordedEvent>): Generator<Step, Reading> {
  const reading: Reading = { proposal: null, waiting: [] }
  for (const event of events) {
    const step = readOne(reading, event)
    if (step === null) {
      reading.waiting = [...reading.waiting, event]
      continue
    }
    yield step
    yield* readWaiting(reading)
  }
  return reading
}

function readOne(reading: Reading, event: RecordedEvent): Step | null {
  const { proposal: before } = reading
  const after = readIfPossible(before, event, before?.countsFrom ?? '')
  if (after === null) return null
  reading.proposal = after
  return { event, before, after }
}

/** Each that is read may be what another one waits for. */
function* readWaiting(reading: Reading): Generator<Step, void> {
  for (let before = Infinity; reading.waiting.length > 0 && reading.waiting.length < before; ) {
    before = reading.waiting.length
    const still: RecordedEvent[] = []
    for (const event of reading.waiting) {
      const step = readOne(reading, event)
      if (step === null) still.push(event)
      else yield step
    }
    reading.waiting = still
  }
}
