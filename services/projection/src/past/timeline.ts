/** Pure: a proposal as a function of the day, with the data that lists and totals need. */
import {
  byRecordUntil,
  type ConditionStep,
  conditionSteps,
  countsOnEveryDay,
  type Day,
  effectiveHistory,
  eventsASlice,
  evolveIfLast,
  ImpossibleHistory,
  inOrder,
  orderOf,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { contentOf, type RowContent } from './row-content.ts'

/** The proposal reads so from `from` until the next stretch. */
export interface Stretch {
  readonly from: Day
  readonly content: RowContent
  /** The conditions within the stretch; for the last stretch, those of all days. The first is from null. */
  readonly conditions: readonly ConditionStep[]
  /** For the whole stream: the day until which the proposal counts only because it was recorded; null if it counts anyway. */
  readonly byRecordUntil: Day | null
}

/** From this day until the next step, this is the state. */
interface TimelineStep {
  readonly from: Day
  readonly proposal: Proposal
  readonly content: RowContent
  /** The last stretch of this state that was requested. */
  within: { readonly from: Day; readonly end: Day; readonly conditions: readonly ConditionStep[] } | null
}

/** A stream, one event after another. Only the state of each day is kept. */
interface Growing {
  readonly timeZone: string
  readonly events: RecordedEvent[]
  /** The state by all recorded events. */
  state: Proposal | null
  steps: TimelineStep[]
  byRecordUntil: Day | null
}

/** For a stream without events. */
export function createGrowing(timeZone: string): Growing {
  return { timeZone, events: [], state: null, steps: [], byRecordUntil: null }
}

/** The stream has grown by events after which no stretches are needed. */
export function* passOver(growing: Growing, events: readonly RecordedEvent[]): Sliced<void> {
  growing.events.push(...events)
  yield* readAnew(growing)
}

/**
 * The stretches of a stream that has grown by one event, in ascending order; neighbours differ. There are at most as many as events,
 * because each begins on a day from which an event counts. If the new event counts last, only the last stretch changes, and nothing before
 * it is computed again, unless the event changes every day.
 *
 * Stretches differ only in what lists and totals show or filter by. Version, position and time of the last record are left out: they depend
 * on the knowledge alone and are read from the log, and they would make every stretch a new one with each event. For the same reason, the
 * conditions of a stretch are given for its own days only: the day on which a proposal becomes stale does not show on days before that. The
 * last stretch has the conditions of all days, because it also answers reads without a day, on whatever day they come.
 */
export function* nextStretches(growing: Growing, last: RecordedEvent): Sliced<readonly Stretch[]> {
  const { state, timeZone } = growing
  growing.events.push(last)
  const after = evolveIfLast(state, last, timeZone)
  if (after === null || countsOnEveryDay(last)) yield* readAnew(growing)
  else readLast(growing, after)
  return stretchesOf(growing)
}

/** The stretches after the last event. */
export function stretchesOf({ timeZone, events, steps, byRecordUntil }: Growing): readonly Stretch[] {
  const asked = { last: events.at(-1) as RecordedEvent, timeZone }
  const found = withoutRepeats([...steps], asked)
  const stretches: Stretch[] = []
  for (const [index, step] of found.entries()) {
    const end = found[index + 1]?.from
    const conditions = conditionsOf(step, end, asked)
    const stretch = { from: step.from, content: step.content, conditions, byRecordUntil }
    const before = stretches.at(-1)
    const goesOn = end !== undefined && before?.content.text === step.content.text
    if (goesOn) stretches[stretches.length - 1] = joined(before, stretch)
    else stretches.push(stretch)
  }
  return stretches
}

function readLast(growing: Growing, after: Proposal): void {
  const { steps, events, timeZone } = growing
  growing.state = after
  // An event that counts last may give a proposal a date, but removes none.
  if (events.length === 1 || growing.byRecordUntil !== null)
    growing.byRecordUntil = byRecordUntil(effectiveHistory(events), timeZone)
  const before = steps.at(-1)
  const step = stepOf(after.countsFrom, after, before)
  if (before?.from === step.from) steps.pop()
  steps.push(step)
}

function stepOf(from: Day, proposal: Proposal, before: TimelineStep | undefined): TimelineStep {
  return { from, proposal, content: contentOf(proposal, before), within: null }
}

/** Folds the events again, in the order in which they count, each once. */
function* readAnew(growing: Growing): Sliced<void> {
  const { events, timeZone } = growing
  growing.steps = []
  const effective = effectiveHistory(events)
  growing.byRecordUntil = byRecordUntil(effective, timeZone)
  const reading = inOrder(orderOf(effective, timeZone))
  let day: { readonly from: Day; readonly proposal: Proposal } | null = null
  for (let count = 1; ; count += 1) {
    const read = reading.next()
    if (day && (read.done || read.value.from !== day.from)) {
      growing.steps.push(stepOf(day.from, day.proposal, growing.steps.at(-1)))
    }
    if (read.done) {
      const [never] = read.value
      if (never) throw new ImpossibleHistory('nothing-there', never)
      break
    }
    day = { from: read.value.from, proposal: read.value.after }
    if (count % eventsASlice === 0) yield
  }
  const last = events.at(-1)
  if (!day || !last) return
  const { version, position, recordedAt } = last
  growing.state = { ...day.proposal, version, position, recordedAt }
}

interface LastRecord {
  /** The last record decides how long nothing was heard of a proposal, whether or not it counts on the day. */
  readonly last: RecordedEvent
  readonly timeZone: string
}

/** The last step begins where its state begins, also if nobody asks for those days. */
function withoutRepeats(steps: TimelineStep[], asked: LastRecord): TimelineStep[] {
  for (;;) {
    const [before, last] = steps.slice(-2)
    if (!before || !last || before.content.text !== last.content.text) return steps
    if (!isEqual(allConditions(before, asked), allConditions(last, asked))) return steps
    steps.splice(-2, 2, { ...last, from: before.from })
  }
}

function allConditions({ proposal }: TimelineStep, { last, timeZone }: LastRecord): readonly ConditionStep[] {
  const { version, position, recordedAt } = last
  return conditionSteps({ ...proposal, version, position, recordedAt }, timeZone)
}

export function isEqual(a: readonly ConditionStep[], b: readonly ConditionStep[]): boolean {
  return (
    a.length === b.length && a.every((step, at) => step.from === b[at]?.from && step.condition === b[at]?.condition)
  )
}

/**
 * The conditions that apply between two days. A later record only postpones the day on which a proposal becomes stale. So if that day is
 * not within the range now, later records do not bring it in either.
 */
function conditionsOf(step: TimelineStep, end: Day | undefined, asked: LastRecord): readonly ConditionStep[] {
  if (end === undefined) return allConditions(step, asked)
  const { from, within: known } = step
  if (known?.from === from && known.end === end) return known.conditions
  const conditions = conditionsWithin(allConditions(step, asked), from, end)
  if (conditions.every(({ condition }) => condition !== 'stale')) step.within = { from, end, conditions }
  return conditions
}

function conditionsWithin(steps: readonly ConditionStep[], from: Day, end: Day): readonly ConditionStep[] {
  const begun = steps.findLastIndex((step) => step.from === null || step.from <= from)
  return steps
    .slice(begun)
    .filter((step) => step.from === null || step.from < end)
    .map((step, index) => (index === 0 ? { ...step, from: null } : step))
}

/** Joins two stretches that differ at most in their conditions. */
function joined(before: Stretch, { from, conditions: [first, ...rest] }: Stretch): Stretch {
  const goesOn = first === undefined || before.conditions.at(-1)?.condition === first.condition
  const conditions = goesOn ? [...before.conditions, ...rest] : [...before.conditions, { ...first, from }, ...rest]
  return { ...before, conditions }
}
