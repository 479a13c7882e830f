import type { Day } from '../dates.ts'
import { isRereading } from '../define-event.ts'
import { definitionOf, type RecordedEvent } from '../event-types.ts'
import { evolveIfLast, ImpossibleHistory, readEvent, readIfPossible } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import { drained, eventsASlice, type Sliced } from '../slices.ts'
import { type Counting, orderOf } from './dating.ts'
import { effectiveHistory, reread } from './effective.ts'
import { type Rereading, rereadingOf } from './rereading.ts'

/**
 * The state of a whole stream, or null for an empty one. This is the only entry for whole streams, in order of version from 1.
 *
 * It is the fold of the events as they are understood now ({@link effectiveHistory}), in the order in which they count ({@link inOrder}).
 * `version`, `position` and `recordedAt` of the state are those of the last recorded event, whatever happened to it, and the evidence of
 * corrections and retractions in force is counted. If every event counts last when it is recorded, `evolve` alone folds the stream. After
 * such a fold, `evolve` continues as after any other.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 * @throws ImpossibleHistory for anything that cannot be a stream of our log.
 */
export function foldStream(events: Iterable<RecordedEvent>, timeZone: string): Proposal | null {
  const stream = Array.isArray(events) ? (events as readonly RecordedEvent[]) : [...events]
  return drained(foldingStream(stream, timeZone))
}

/** Like `foldStream`, in slices. */
export function* foldingStream(stream: readonly RecordedEvent[], timeZone: string): Sliced<Proposal | null> {
  return (yield* stepByStep(stream, timeZone)) ?? (yield* foldInOrder(stream, timeZone))
}

/** Null if an event does not count last, or there is none. */
export function* stepByStep(stream: readonly RecordedEvent[], timeZone: string): Sliced<Proposal | null> {
  let proposal: Proposal | null = null
  for (const [index, event] of stream.entries()) {
    proposal = evolveIfLast(proposal, event, timeZone)
    if (proposal === null) return null
    if (index % eventsASlice === eventsASlice - 1) yield
  }
  return proposal
}

function* foldInOrder(stream: readonly RecordedEvent[], timeZone: string): Sliced<Proposal | null> {
  followOneAnother(stream)
  const rereading = rereadingOf(stream)
  let proposal: Proposal | null = null
  const reading = inOrder(orderOf(reread(stream, rereading), timeZone))
  for (let count = 1; ; count += 1) {
    const read = reading.next()
    if (!read.done) proposal = read.value.after
    else if (read.value[0]) throw new ImpossibleHistory('nothing-there', read.value[0])
    else break
    if (count % eventsASlice === 0) yield
  }
  return proposal && asRecorded(proposal, stream, rereading)
}

/** One event in the order in which they count, with the state before it and after it. */
export interface Read extends Counting {
  readonly before: Proposal | null
  readonly after: Proposal
}

/**
 * Reads events in the order in which they count. An event that refers to something not there yet waits for the event that brings it, and
 * counts with that one. So no event counts before what it refers to. `from` never goes back.
 *
 * @param order as `orderOf` gives it.
 * @returns the events whose reference never came: in a stream of our log there are none.
 */
export function* inOrder(order: readonly Counting[]): Generator<Read, readonly RecordedEvent[]> {
  const waiting = new Waiting()
  let before: Proposal | null = null
  let from: Day = ''
  for (let place = 0; place < order.length; ) {
    ;({ from } = order[place] as Counting)
    let ofDay: RecordedEvent[] = []
    for (; order[place]?.from === from; place += 1) ofDay.push((order[place] as Counting).event)
    for (let index = 0; index < ofDay.length; index += 1) {
      const event = ofDay[index] as RecordedEvent
      if (waiting.keep(before, event)) continue
      const after = readEvent(before, event, from)
      yield { event, from, before, after }
      before = after
      const released = waiting.released(event)
      // They now count from this day, and take their place in it by version.
      if (released.length > 0)
        ofDay = [...ofDay.slice(0, index + 1), ...inVersions([...released, ...ofDay.slice(index + 1)])]
    }
  }
  return yield* withoutWaiting(waiting, before, from)
}

/**
 * Some events have a meaning even if what they refer to never comes, such as a resumption without a suspension. So history that was
 * recorded under other rules stays readable.
 */
function* withoutWaiting(
  waiting: Waiting,
  state: Proposal | null,
  from: Day,
): Generator<Read, readonly RecordedEvent[]> {
  const never: RecordedEvent[] = []
  const read = new Set<RecordedEvent>()
  let before = state
  for (const first of waiting.all()) {
    const ready = read.has(first) ? [] : [first]
    for (let event = ready.shift(); event; event = ready.shift()) {
      if (event !== first && waiting.keep(before, event)) continue
      const after = readIfPossible(before, event, from)
      if (after === null) {
        never.push(event)
        continue
      }
      read.add(event)
      yield { event, from, before, after }
      before = after
      ready.push(...inVersions(waiting.released(event)))
    }
  }
  return never.filter((event) => !read.has(event))
}

/** Events that refer to something that does not exist yet, by its name. */
class Waiting {
  readonly #events = new Map<string, RecordedEvent[]>()

  /** Keeps an event that has to wait. */
  keep(before: Proposal | null, event: RecordedEvent): boolean {
    const name = before && definitionOf(event.type)?.waitsFor?.(before, event)
    if (!name) return false
    const others = this.#events.get(name)
    if (others) others.push(event)
    else this.#events.set(name, [event])
    return true
  }

  /** Those that waited for what an event brings: they check again whether everything is there now. */
  released(event: RecordedEvent): readonly RecordedEvent[] {
    if (this.#events.size === 0) return []
    const names = definitionOf(event.type)?.brings?.(event) ?? []
    const events = names.flatMap((name) => this.#events.get(name) ?? [])
    for (const name of names) this.#events.delete(name)
    return events
  }

  all(): readonly RecordedEvent[] {
    return inVersions([...this.#events.values()].flat())
  }
}

function inVersions(events: readonly RecordedEvent[]): RecordedEvent[] {
  return events.toSorted((a, b) => a.version - b.version)
}

/**
 * The events of a stream as they are understood now, each with the day from which it counts, in the order in which they count.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function countsFrom(events: readonly RecordedEvent[], timeZone: string): readonly Counting[] {
  return [...inOrder(orderOf(effectiveHistory(events), timeZone))].map(({ event, from }) => ({ event, from }))
}

/**
 * The day from which each event of a stream counts, by version, in slices. An event that counts on no day is left out: it was retracted, or
 * cannot be applied. Corrections and retractions concern our record: those in force count wherever the proposal exists.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function* daysOfCounting(events: readonly RecordedEvent[], timeZone: string): Sliced<ReadonlyMap<number, Day>> {
  const { known, rereading } = asFarAsRereadable(events)
  const days = new Map<number, Day>()
  const reading = inOrder(orderOf(reread(known, rereading), timeZone))
  for (let count = 1; ; count += 1) {
    const read = nextIfPossible(reading)
    if (read === null) break
    days.set(read.event.version, read.from)
    if (count % eventsASlice === 0) yield
  }
  const [begins] = days.values()
  if (begins === undefined) return days
  for (const event of known) {
    if (isRereading(event) && !rereading.retractedBy.has(event.version)) days.set(event.version, begins)
  }
  return days
}

/** The events before an invalid correction or retraction: usually all of them. */
function asFarAsRereadable(events: readonly RecordedEvent[]) {
  let known = events
  for (;;) {
    try {
      return { known, rereading: rereadingOf(known) }
    } catch {
      known = known.slice(0, known.findLastIndex(isRereading))
    }
  }
}

/** Null at the end, and if a stream cannot be read any further. */
function nextIfPossible(reading: Generator<Read, unknown>): Read | null {
  try {
    const { done, value } = reading.next()
    return done ? null : value
  } catch {
    return null
  }
}

/** The members that a stream itself leaves in a state that was read from it, or from a part of it. */
export function asRecorded(
  proposal: Proposal,
  stream: readonly RecordedEvent[],
  { retractedBy }: Rereading = rereadingOf(stream),
): Proposal {
  const last = stream.at(-1)
  if (!last) return proposal
  const { version, position, recordedAt } = last
  let { evidenceCount } = proposal
  for (const event of stream) {
    if (isRereading(event) && !retractedBy.has(event.version)) evidenceCount += event.evidence?.length ?? 0
  }
  return { ...proposal, version, position, recordedAt, evidenceCount }
}

/** Checks the order, which `evolve` checks step by step. */
function followOneAnother(stream: readonly RecordedEvent[]): void {
  for (const [index, event] of stream.entries()) {
    if (event.version !== index + 1) throw new ImpossibleHistory('wrong-version', event)
    if (event.proposalId !== stream[0]?.proposalId) throw new ImpossibleHistory('wrong-proposal', event)
  }
}
