/** Pure: a proposal as a function of the day, as far as lists and totals ask for it. */
import {
  type ConditionStep,
  type Counter,
  type Counting,
  conditionSteps,
  createCounter,
  type Day,
  type Proposal,
  type Reading,
  type RecordedEvent,
  readInOrder,
} from '@commitments/domain'
import { type Content, contentOf } from './content.ts'

/** From `from` on, until that of the next stretch, the proposal reads so. */
export interface Stretch {
  readonly from: Day
  readonly content: Content
  /** Its conditions within the stretch; of the last stretch those of all days. The first is from null. */
  readonly conditions: readonly ConditionStep[]
}

/**
 * States by what was read to get there, so that histories which begin alike are folded once: after one event more, most
 * stretches are what they were.
 */
interface States {
  readonly reading: Reading
  readonly before: States | null
  readonly next: Map<RecordedEvent, States>
  content: Content | null
  /** The last stretch of this state that was asked for. */
  within: { readonly from: Day; readonly end: Day; readonly conditions: readonly ConditionStep[] } | null
}

/** A stream as far as it was recorded by and by. */
export interface Growing {
  readonly timeZone: string
  readonly counter: Counter
  readonly states: States
}

/** Of a stream without events. */
export function createGrowing(timeZone: string): Growing {
  return { timeZone, counter: createCounter(timeZone), states: stateOf({ proposal: null, waiting: [] }, null) }
}

function stateOf(reading: Reading, before: States | null): States {
  return { reading, before, next: new Map(), content: null, within: null }
}

/** The stream has grown by one event, after which nobody asks how it reads. */
export function passOver({ counter }: Growing, event: RecordedEvent): void {
  counter.add(event)
}

/**
 * The stretches of a stream that has grown by one event, in ascending order; two neighbours differ. There are at most as
 * many as events: each begins on a day from which an event counts.
 *
 * Only what a list or a total shows or asks for is told apart. What is left out (version, position, time of the last
 * record) is a function of the knowledge alone, and is read from the log: it would make every stretch another one with
 * each event. For the same reason the conditions of a stretch are told for its own days only: how long after the last
 * record a proposal is stale does not show on days before that. The last stretch has those of all days, because it is
 * also the answer where nobody asks for a day, whichever day it then is.
 */
export function nextStretches({ timeZone, counter, states }: Growing, last: RecordedEvent): readonly Stretch[] {
  const asked = { last, timeZone }
  counter.add(last)
  const steps = withoutRepeats(stepsOf(counter.counting(), states), asked)
  const stretches: Stretch[] = []
  for (const [index, step] of steps.entries()) {
    const end = steps[index + 1]?.from
    const stretch = { from: step.from, content: step.content, conditions: conditionsOf(step, end, asked) }
    const before = stretches.at(-1)
    const goesOn = end !== undefined && before?.content.text === step.content.text
    if (goesOn) stretches[stretches.length - 1] = joined(before, stretch)
    else stretches.push(stretch)
  }
  return stretches
}

interface Step {
  readonly from: Day
  readonly state: States
  readonly proposal: Proposal
  readonly content: Content
}

function stepsOf(counting: readonly Counting[], states: States): Step[] {
  const days = [...new Set(counting.map(({ from }) => from))].toSorted()
  const inOrder = counting.every(({ from }, index) => index === 0 || (counting[index - 1] as Counting).from <= from)
  let read = 0
  let state = states
  return days.flatMap((from) => {
    if (inOrder) {
      for (; counting[read]?.from === from; read++) state = follow(state, (counting[read] as Counting).event)
    } else {
      state = counting.reduce((before, one) => (one.from <= from ? follow(before, one.event) : before), states)
    }
    const { proposal } = state.reading
    return proposal === null ? [] : [{ from, state, proposal, content: contentIn(state, proposal) }]
  })
}

function contentIn(state: States, proposal: Proposal): Content {
  let made = state.before
  while (made !== null && made.content === null) made = made.before
  state.content ??= contentOf(proposal, made?.content)
  return state.content
}

function follow(states: States, event: RecordedEvent): States {
  const known = states.next.get(event)
  if (known !== undefined) return known
  const next = stateOf(readInOrder([event], undefined, states.reading), states)
  states.next.set(event, next)
  return next
}

interface Asked {
  /** How long nothing was heard of a proposal, its last record says, whether that counts on the day or not. */
  readonly last: RecordedEvent
  readonly timeZone: string
}

/** The last step begins where it first reads as it does, also on days that nobody asks for. */
function withoutRepeats(steps: Step[], asked: Asked): Step[] {
  for (;;) {
    const [before, last] = steps.slice(-2)
    if (!before || !last || before.content.text !== last.content.text) return steps
    if (!isEqual(allConditions(before, asked), allConditions(last, asked))) return steps
    steps.splice(-2, 2, { ...last, from: before.from })
  }
}

function allConditions({ proposal }: Step, { last, timeZone }: Asked): readonly ConditionStep[] {
  const { version, position, recordedAt } = last
  return conditionSteps({ ...proposal, version, position, recordedAt }, timeZone)
}

export function isEqual(a: readonly ConditionStep[], b: readonly ConditionStep[]): boolean {
  return (
    a.length === b.length && a.every((step, at) => step.from === b[at]?.from && step.condition === b[at]?.condition)
  )
}

/**
 * The conditions that show between two days. A later record only moves the day from which a proposal is stale further
 * away, so where that does not show now, it will not with later records either.
 */
function conditionsOf(step: Step, end: Day | undefined, asked: Asked): readonly ConditionStep[] {
  if (end === undefined) return allConditions(step, asked)
  const { from, state } = step
  if (state.within?.from === from && state.within.end === end) return state.within.conditions
  const conditions = within(allConditions(step, asked), from, end)
  if (conditions.every(({ condition }) => condition !== 'stale')) state.within = { from, end, conditions }
  return conditions
}

function within(steps: readonly ConditionStep[], from: Day, end: Day): readonly ConditionStep[] {
  const begun = steps.findLastIndex((step) => step.from === null || step.from <= from)
  return steps
    .slice(begun)
    .filter((step) => step.from === null || step.from < end)
    .map((step, index) => (index === 0 ? { ...step, from: null } : step))
}

/** One stretch of two that differ in their conditions at most. */
function joined(before: Stretch, { from, conditions: [first, ...rest] }: Stretch): Stretch {
  const goesOn = first === undefined || before.conditions.at(-1)?.condition === first.condition
  const conditions = goesOn ? [...before.conditions, ...rest] : [...before.conditions, { ...first, from }, ...rest]
  return { ...before, conditions }
}
