import { definitionOf, type RecordedEvent } from '../event-types.ts'
import { ImpossibleHistory, readEvent } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import { type Counting, orderOf } from './dating.ts'
import { effectiveHistory } from './effective.ts'
import { isRereading } from './rereading.ts'

/** How far events have been read. */
export interface Reading {
  proposal: Proposal | null
  /** Events that refer to something which no event before them brought. */
  waiting: RecordedEvent[]
}

export type Visit = (event: RecordedEvent, before: Proposal | null) => void

/**
 * Reads events one after the other as they are given, but for those that name what only a later one of them brings: such an event is read as
 * soon as what it names is there, and so is what builds on it. For the order in which events count see `inOrder`.
 *
 * @param visit is told of each event that is read, with the state before it.
 * @param before how far events before these have been read; it is left as it is.
 * @param waits whether an event waits also where it means something without what it refers to; false: only where it cannot be read without.
 * @returns the state, and the events whose thing never came.
 */
export function readInOrder(
  events: Iterable<RecordedEvent>,
  visit: Visit = nobody,
  before: Reading = nothingRead,
  waits = true,
): Reading {
  const reading: Reading = { proposal: before.proposal, waiting: [...before.waiting] }
  for (const event of events) {
    if (!readOne(reading, event, visit, waits)) reading.waiting.push(event)
    else if (reading.waiting.length > 0) readWaiting(reading, visit, waits)
  }
  return reading
}

function nobody(): void {}

const nothingRead: Reading = { proposal: null, waiting: [] }

function readOne(reading: Reading, event: RecordedEvent, visit: Visit, waits: boolean): boolean {
  const { proposal: before } = reading
  if (waits && before && definitionOf(event.type)?.waitsFor?.(before, event) !== undefined) return false
  try {
    reading.proposal = readEvent(before, event, before?.countsFrom ?? '')
  } catch (error) {
    if (error instanceof ImpossibleHistory && error.code === 'nothing-there') return false
    throw error
  }
  visit(event, before)
  return true
}

/** Each that is read may be what another one waits for. */
function readWaiting(reading: Reading, visit: Visit, waits: boolean): void {
  for (let before = Infinity; reading.waiting.length > 0 && reading.waiting.length < before; ) {
    before = reading.waiting.length
    reading.waiting = reading.waiting.filter((event) => !readOne(reading, event, visit, waits))
  }
}

/** Dates a stream that grows: `orderOf` of the events that were added so far, those as they are understood now. */
export interface Counter {
  /** The next recorded event. */
  add(event: RecordedEvent): void
  counting(): readonly Counting[]
}

export function createCounter(timeZone: string): Counter {
  const recorded: RecordedEvent[] = []
  let effective: RecordedEvent[] = []
  return {
    add(event) {
      recorded.push(event)
      if (isRereading(event)) effective = [...effectiveHistory(recorded)]
      else effective.push(event)
    },
    counting: () => orderOf(effective, timeZone),
  }
}
