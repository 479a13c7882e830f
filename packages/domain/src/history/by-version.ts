import type { RecordedEvent } from '../event-types.ts'
import { readIfPossible } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import type { Read } from './fold.ts'

type Step = Omit<Read, 'from'>

/** The state of reading. */
interface Reading {
  proposal: Proposal | null
  /** Events that refer to something that no earlier event brought. */
  waiting: readonly RecordedEvent[]
}

/**
 * Reads events in the given order, except those that refer to something that a later event brings: such an event is read as soon as that is
 * there, and then the events that depend on it. For the order in which events count, see `inOrder`.
 *
 * @returns the state after all of them, and the events whose reference never came.
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

/** Each event that is read may bring what another one waits for. */
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
