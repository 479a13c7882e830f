/** What a proposal is made from: its effective events in the order in which they count, and the state after the last of them. */
import {
  type Day,
  type EventType,
  effectiveHistory,
  eventsASlice,
  inOrder,
  orderOf,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'

/** An event that counts. */
export interface Step<Type extends EventType = EventType> {
  readonly event: Extract<RecordedEvent, { type: Type }>
  /** The lines that an ending found. Of other events nothing is kept: the states before ten thousand events are hundreds of megabytes. */
  readonly linesBefore: Proposal['lines']
}

export interface Course {
  readonly proposal: Proposal
  /** In the order of versions. */
  readonly steps: readonly Step[]
  /** Corrections and retractions, which act on the others and cannot be expressed themselves. */
  readonly rereadings: readonly Exclude<RecordedEvent, { type: 'erased' }>[]
  /** `recordedAt` and position of the last event that is known, whether or not it counts. */
  readonly recordedAt: string
  readonly position: number
}

/**
 * Reads a stream, in slices. Null if nothing of it counts on the day.
 *
 * @param events the known part of the stream, all of which can be applied
 * @param asOf only what counts by this day; null: everything
 * @param timeZone of the ledger
 */
export function* readCourse(
  events: readonly RecordedEvent[],
  asOf: Day | null,
  timeZone: string,
): Sliced<Course | null> {
  const steps: Step[] = []
  let proposal: Proposal | null = null
  for (const { event, from, before, after } of inOrder(orderOf(effectiveHistory(events), timeZone))) {
    if (asOf !== null && from > asOf) break
    proposal = after
    // An erasure is no step: the effective history is without it.
    steps.push({ event: event as Step['event'], linesBefore: event.type === 'ended' ? (before?.lines ?? []) : [] })
    if (steps.length % eventsASlice === 0) yield
  }
  const last = events.at(-1)
  if (proposal === null || last === undefined) return null
  const { recordedAt, position } = last
  return {
    proposal,
    steps: steps.toSorted((a, b) => a.event.version - b.event.version),
    rereadings: events.filter((event) => event.type === 'corrected' || event.type === 'retracted'),
    recordedAt,
    position,
  }
}

const byType = new WeakMap<readonly Step[], Map<EventType, Step[]>>()

/** The events of one type; sorted out once, because a course can have ten thousand. */
export function stepsOf<Type extends EventType>({ steps }: Course, type: Type): readonly Step<Type>[] {
  const groups = byType.get(steps) ?? Map.groupBy(steps, ({ event }) => event.type)
  byType.set(steps, groups)
  return (groups.get(type) ?? []) as unknown as readonly Step<Type>[]
}
