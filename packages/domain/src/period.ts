import { z } from 'zod'
import { certainlyBefore, When } from './dates.ts'
import { boundedList, limits, object } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'

/** Whether the end is certainly before the start: no possible last day is on or after a possible first day. */
export function endsBeforeStart(period: Dates): boolean {
  return certainlyBefore(period.end ?? null, period.start ?? null)
}

const inOrder = { error: 'must not be before the start', path: ['end'] }
const start = When.nullable().optional()
const end = When.nullable().optional()

/** When and where something is planned to take place. */
export const PlannedDates = object({ start, end, place: LanguageMap.optional() })
  .refine((planned) => !endsBeforeStart(planned), inOrder)
  .meta({
    id: 'PlannedDates',
    description: 'The planned dates and place, as precisely as they are known; null means unknown.',
    examples: [{ start: '2026', end: '2030-12', place: { en: 'Hoa Lac', vi: 'Hòa Lạc' } }],
  })
export type PlannedDates = z.infer<typeof PlannedDates>

export const Deliverables = boundedList(LongLanguageMap, {
  of: 'deliverables, each a text in one language or several',
  max: limits.deliverables,
})

/** What was agreed. */
export const Terms = object({
  objectives: LongLanguageMap.optional(),
  deliverables: Deliverables.optional(),
  start,
  end,
})
  .refine((terms) => !endsBeforeStart(terms), inOrder)
  .meta({
    id: 'Terms',
    description: 'The agreed terms. Known dates become the planned dates; null means that the date is not known.',
    examples: [{ objectives: { en: 'An institute for applied research' }, start: '2014', end: null }],
  })
export type Terms = z.infer<typeof Terms>

interface Dates {
  readonly start?: When | null | undefined
  readonly end?: When | null | undefined
}

/**
 * A plan with the dates of agreed terms. A date that the terms omit, or give as unknown, does not make a planned date unknown; terms may
 * replace only one of the two.
 */
export function plannedWith<Plan extends { start: When | null; end: When | null }>(
  planned: Plan,
  terms: Dates | null | undefined,
): Plan {
  return { ...planned, start: terms?.start ?? planned.start, end: terms?.end ?? planned.end }
}
