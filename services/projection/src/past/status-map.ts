/** Pure: what was known, when, of which day: the states of one proposal as rectangles of days × positions. */
import {
  type Condition,
  type ConditionStep,
  conditionSteps,
  type Day,
  type Ending,
  foldingAsOfSteps,
  type RecordedEvent,
  type Sliced,
  type Stage,
} from '@commitments/domain'

/** From `from` until before `until`, the proposal read so. */
interface Stretch {
  readonly from: Day
  /** Null: nothing ends it. */
  readonly until: Day | null
  readonly stage: Stage
  readonly ending: Ending | null
  readonly condition: Condition
}

/** A stretch, and the positions of the log at which it was known. */
export interface Rectangle extends Stretch {
  readonly knownFrom: number
  /** The first position at which it was no longer known; null: nothing ends it. */
  readonly knownUntil: number | null
}

export interface StatusMap {
  /** In the order of `knownFrom`, and of `from`. */
  readonly rectangles: readonly Rectangle[]
  /** The last event before those that the map covers; null if it covers all of them. */
  readonly earlier: RecordedEvent | null
}

interface MapOptions {
  /** Days after that one are left out. */
  readonly asOf: Day | null
  /** The most events that it covers: the last ones. */
  readonly limit: number
  /** The most rectangles, unless the knowledge after a single event has more. */
  readonly most: number
}

/** The most steps of folding: each event that is covered needs all events before it folded. */
const mostFolded = 100_000

/**
 * The map of a stream. It is made from the last event backwards, so what is left out is what was known first: each event is one row of the
 * map, and a stretch that two neighbouring rows share is one rectangle. So the rectangles do not overlap, and cover every day from the
 * first that counted, at every position.
 *
 * @param events of one proposal in order of version from 1; all of them can be applied
 * @param timeZone of the ledger
 */
export function* statusMap(
  events: readonly RecordedEvent[],
  timeZone: string,
  { asOf, limit, most }: MapOptions,
): Sliced<StatusMap> {
  const rows = Math.min(limit, Math.max(1, Math.floor(mostFolded / events.length)))
  const found: Rectangle[] = []
  let later: ReadonlyMap<string, Growing> = new Map()
  let left = events.length
  for (; left > 0 && left > events.length - rows && found.length + later.size <= most; left -= 1) {
    const event = events[left - 1] as RecordedEvent
    const stretches = yield* stretchesOf(events.slice(0, left), asOf, timeZone)
    const row = new Map<string, Growing>()
    for (const stretch of stretches) {
      const key = JSON.stringify(stretch)
      const same = later.get(key)
      if (same !== undefined) same.knownFrom = event.position
      const knownUntil = events[left]?.position ?? null
      row.set(key, same ?? { ...stretch, knownFrom: event.position, knownUntil })
    }
    for (const [key, one] of later) if (!row.has(key)) found.push(one)
    later = row
    yield
  }
  const rectangles = [...found, ...later.values()].toSorted(
    (one, other) => one.knownFrom - other.knownFrom || (one.from < other.from ? -1 : 1),
  )
  return { rectangles, earlier: events[left - 1] ?? null }
}

interface Growing extends Rectangle {
  knownFrom: number
}

/** What is known of each day after these events: in ascending order; neighbours differ. */
function* stretchesOf(events: readonly RecordedEvent[], asOf: Day | null, timeZone: string): Sliced<Stretch[]> {
  const steps = yield* foldingAsOfSteps(events, timeZone)
  const found: Stretch[] = []
  for (const [index, { from, proposal }] of steps.entries()) {
    const { stage, ending } = proposal
    const end = steps[index + 1]?.from ?? null
    for (const { from: begins, until, condition } of within(conditionSteps(proposal, timeZone), from, end)) {
      const before = found.at(-1)
      const goesOn = before?.stage === stage && before.ending === ending && before.condition === condition
      const stretch = { from: goesOn ? before.from : begins, until, stage, ending, condition }
      found.splice(goesOn ? -1 : found.length, goesOn ? 1 : 0, stretch)
    }
  }
  if (asOf === null) return found
  return found
    .filter(({ from }) => from <= asOf)
    .map((stretch) => (stretch.until !== null && stretch.until > asOf ? { ...stretch, until: null } : stretch))
}

/** The conditions between two days. */
function within(steps: readonly ConditionStep[], from: Day, end: Day | null) {
  return steps.flatMap(({ from: begins, condition }, index) => {
    const next = steps[index + 1]?.from ?? null
    const first = begins === null || begins < from ? from : begins
    const until = next === null || (end !== null && end < next) ? end : next
    return until !== null && until <= first ? [] : [{ from: first, until, condition }]
  })
}
