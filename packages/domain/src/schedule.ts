import { z } from 'zod'
import { boundsOf, type Day, When } from './dates.ts'
import { origin } from './origin.ts'
import { LocalId, object, oneOf } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'
import { codesText } from './words/codes-text.ts'
import { outcomeWords } from './words/delivery.ts'
import { codesOf } from './words/words.ts'

const date = When.nullable()

export const Plan = object({ start: date, end: date, place: LanguageMap.nullable() }).meta({
  id: 'Plan',
  description: 'The current planned dates and place; null means unknown.',
  examples: [{ start: '2023', end: '2027', place: null }],
})
export type Plan = z.infer<typeof Plan>

export const FirstPlanned = object({ start: date, end: date })

/** Milestones cannot be named like the two dates of the whole, because `rescheduled` refers to all of them by name. */
export const MilestoneId = LocalId.refine((id) => id !== 'start' && id !== 'end', {
  error: 'must not be "start" or "end": these name the dates of the whole proposal',
})

export const outcomes = codesOf(outcomeWords)
export const Outcome = oneOf(outcomes).meta({
  id: 'Outcome',
  description: codesText('How a milestone came out.', outcomeWords),
})
export type Outcome = (typeof outcomes)[number]

export const Milestone = object({
  milestone: LocalId,
  title: LanguageMap,
  due: date,
  firstDue: date,
  obligatory: z.boolean(),
  planned: z.boolean(),
  reached: object({ outcome: Outcome, reason: LongLanguageMap.nullable(), ...origin }).nullable(),
  ...origin,
}).meta({
  id: 'Milestone',
  description:
    'A milestone. `due` is the current date, `firstDue` the first planned date; `planned: false` means that it was first recorded when it was reached. The latest outcome holds.',
})
export type Milestone = z.infer<typeof Milestone>

export const Rescheduling = object({
  which: LocalId.meta({ description: '`start`, `end`, or a milestone.' }),
  from: date,
  to: date,
  reason: LongLanguageMap,
  ...origin,
}).meta({
  id: 'Rescheduling',
  description: 'A planned date that was replaced; `to: null` means postponed without a date.',
})

export const Slippage = object({
  which: LocalId.meta({ description: '`start`, `end`, or a milestone.' }),
  firstPlanned: date,
  lastPlanned: date,
  actual: date,
  days: object({ atLeast: z.int(), atMost: z.int() }).nullable().meta({
    description:
      'Days from the first planned date to the actual date or, if there is none, to the last planned date, at the known precision; negative means early. A date that was never moved, or was moved back to the first one, has slipped by 0.',
  }),
}).meta({
  id: 'Slippage',
  description: 'The slippage between the first planned date, the last planned date and the actual date.',
})
export type Slippage = z.infer<typeof Slippage>

interface Planned {
  readonly planned: Plan
  readonly firstPlanned: z.infer<typeof FirstPlanned>
}

/** A plan that replaces the previous one; the first plan is kept. */
export function planning({ firstPlanned }: { firstPlanned: Planned['firstPlanned'] }, planned: Plan): Planned {
  const { start, end } = firstPlanned
  return { planned, firstPlanned: { start: start ?? planned.start, end: end ?? planned.end } }
}

/** Whether an obligatory milestone is neither met nor waived, and so prevents delivery. */
export function isOutstanding({ obligatory, reached }: Milestone): boolean {
  return obligatory && reached?.outcome !== 'met' && reached?.outcome !== 'waived'
}

/** The delay of something, as far as it is known; if a date is unknown, so are the days. */
export function slippageOf(which: string, [firstPlanned, lastPlanned, actual]: [...(When | null)[]]): Slippage {
  const [first = null, last = null, happened = null] = [firstPlanned, lastPlanned, actual]
  const days = happened === null && first === last ? unmoved(first) : daysBetween(first, happened ?? last)
  return { which, firstPlanned: first, lastPlanned: last, actual: happened, days }
}

/** A plan that equals the first one has not slipped, however little of its date is known. */
function unmoved(planned: When | null): Slippage['days'] {
  return planned === null ? null : { atLeast: 0, atMost: 0 }
}

/** The fewest and the most days from one date to another, at the known precision. */
function daysBetween(from: When | null, to: When | null): Slippage['days'] {
  const [early, late] = [boundsOf(from), boundsOf(to)]
  if (early.first === null || early.last === null || late.first === null || late.last === null) return null
  return { atLeast: days(early.last, late.first), atMost: days(early.first, late.last) }
}

function days(from: Day, to: Day): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}
