import type { z } from 'zod'
import { addDays, addYear, Day, dayOf, lastDay } from './dates.ts'
import type { Proposal } from './proposal.ts'
import { LocalId, object, oneOf } from './schema.ts'
import { codesText } from './words/codes-text.ts'
import { conditionWords } from './words/conditions.ts'
import { dueWords } from './words/delivery.ts'
import { codesOf } from './words/words.ts'

/**
 * The condition of a proposal on a given day. Derived, never stored as a fact; `unknown` is an answer (docs/domain.md, Stage, ending,
 * condition).
 */
export const conditions = codesOf(conditionWords)
export const Condition = oneOf(conditions).meta({
  id: 'Condition',
  description: codesText('The condition today: the first of these that applies.', conditionWords),
  examples: ['on-track'],
})
export type Condition = (typeof conditions)[number]

/** Conditions that need attention come first. */
export const conditionsInOrder: readonly Condition[] = [
  'overdue',
  'at-risk',
  'due-soon',
  'stale',
  'suspended',
  'on-track',
  'unknown',
  'done',
  'ended',
]

export const Due = object({
  day: Day,
  of: oneOf(codesOf(dueWords)).meta({ description: codesText('Which date it is.', dueWords) }),
  milestoneId: LocalId.optional().meta({ description: 'The milestone, where `of` is `milestone`.' }),
}).meta({
  id: 'Due',
  description:
    'The earliest day on which something is due: the last possible day of the planned end, or of a milestone without an outcome. From the day after it the proposal is overdue. Where both are due on one day, the planned end is named.',
  examples: [{ day: '2027-12-31', of: 'planned-end' }],
})
export type Due = z.infer<typeof Due>

/** A condition and the day from which it holds, until that of the next step; null: from the beginning. */
export interface ConditionStep {
  readonly from: Day | null
  readonly condition: Condition
}

/** Number of days before a due date from which a proposal is due soon. */
const dueSoonDays = 30

/**
 * The condition as a function of the day, as long as no further event is recorded: steps in ascending order, the first from null, no two
 * neighbours the same. The next change of a proposal's condition is the first future step.
 *
 * @param timeZone of the ledger (an IANA name): decides on which day the last event was recorded.
 */
export function conditionSteps(proposal: Proposal, timeZone: string): readonly ConditionStep[] {
  const standing = standingCondition(proposal)
  if (standing) return alwaysSo[standing]
  const due = earliestDue(proposal)?.day ?? null
  // In ascending order of rank: if two apply on one day, the later one in this list wins.
  const marks: ConditionStep[] = [{ from: null, condition: due === null ? 'unknown' : 'on-track' }]
  mark(marks, addYear(heardOn(proposal, timeZone)), 'stale')
  if (due !== null) {
    mark(marks, addDays(due, -dueSoonDays), 'due-soon')
    mark(marks, addDays(due, 1), 'overdue')
  }
  return stepsOf(marks)
}

/** The condition on a day. */
export function conditionOn(steps: readonly ConditionStep[], day: Day): Condition {
  const step = steps.findLast(({ from }) => from === null || from <= day)
  if (!step) throw new RangeError('The first condition step has no beginning')
  return step.condition
}

type Standing = 'done' | 'ended' | 'suspended' | 'at-risk'

const alwaysSo: Readonly<Record<Standing, readonly ConditionStep[]>> = {
  done: [{ from: null, condition: 'done' }],
  ended: [{ from: null, condition: 'ended' }],
  suspended: [{ from: null, condition: 'suspended' }],
  'at-risk': [{ from: null, condition: 'at-risk' }],
}

/** A condition that does not change with time. */
function standingCondition({ stage, ending, suspended, atRisk }: Proposal): Standing | undefined {
  if (stage === 'delivered' || stage === 'closed') return 'done'
  if (ending !== null) return 'ended'
  if (suspended) return 'suspended'
  return atRisk ? 'at-risk' : undefined
}

/**
 * What is due next, whether or not it is already late; null if no last possible day is known, and for a proposal that is delivered, closed
 * or ended.
 */
export function dueOf(proposal: Proposal): Due | null {
  const standing = standingCondition(proposal)
  return standing === 'done' || standing === 'ended' ? null : earliestDue(proposal)
}

/**
 * The earliest of the last possible days of the planned end and of every milestone without an outcome: if it is missed, the whole is late.
 * A planned start alone, or a date without a last day, makes nothing due.
 */
function earliestDue({ planned, milestones }: Proposal): Due | null {
  const end = lastDay(planned.end)
  let due: Due | null = end === null ? null : { day: end, of: 'planned-end' }
  for (const { milestone, due: planned, reached } of milestones) {
    const day = reached === null ? lastDay(planned) : null
    if (day !== null && (due === null || day < due.day)) due = { day, of: 'milestone', milestoneId: milestone }
  }
  return due
}

/** The day of the last news about the proposal. */
function heardOn({ recordedAt, lastConfirmedOn }: Proposal, timeZone: string): Day {
  const recorded = dayOf(Date.parse(recordedAt), timeZone)
  return lastConfirmedOn !== null && lastConfirmedOn > recorded ? lastConfirmedOn : recorded
}

function mark(marks: ConditionStep[], from: Day | null, condition: Condition): void {
  // A day beyond the calendar never comes.
  if (from !== null) marks.push({ from, condition })
}

/**
 * Every mark applies from its day on; of those that apply, the last one wins. So a step begins at a mark unless a later mark began before.
 */
function stepsOf(marks: readonly ConditionStep[]): readonly ConditionStep[] {
  return marks
    .filter((step, rank) => !marks.some((other, otherRank) => otherRank > rank && begins(other) <= begins(step)))
    .toSorted((a, b) => (begins(a) < begins(b) ? -1 : 1))
}

function begins({ from }: ConditionStep): string {
  return from ?? ''
}
