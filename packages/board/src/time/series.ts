/** How the view stood along one axis of time: what the sliders step over and the strips are drawn from. */
import type { AnswerTo } from '@commitments/client'
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { type Reading, useReading } from '../data/reading.ts'
import { place, query } from '../url/location.ts'
import { type FilterQuery, filtersOf } from '../url/moment.ts'

export type Series = AnswerTo<'/v1/portfolio/series'>
type Axis = 'asOf' | 'known'
type Step = 'event' | 'day' | 'month' | 'year'

const steps: readonly Step[] = ['event', 'day', 'month', 'year']

/** What the page that is open is about: the filters of a list, or one proposal. */
function viewFilters(): FilterQuery {
  const { page } = place.value
  if (page.name === 'proposal') return { ids: [page.proposalId] }
  return page.name === 'overview' || page.name === 'proposals' ? filtersOf(query.value) : {}
}

/**
 * The series along an axis, the other one staying where it is. By event where those are few enough for one answer, else by the next
 * coarser step: the change points are there in any case.
 */
export function useSeries(axis: Axis, wanted: boolean): Reading<Series> {
  const [step, setStep] = useState<Step>('event')
  const { asOf, knownAt, knownAtPosition } = query.value
  const other =
    axis === 'asOf'
      ? { ...(knownAt !== undefined && { knownAt }), ...(knownAtPosition !== undefined && { knownAtPosition }) }
      : asOf === undefined
        ? {}
        : { asOf }
  const reading = useReading(wanted ? ask('/v1/portfolio/series', { axis, step, ...viewFilters(), ...other }) : null)
  const coarser = steps[steps.indexOf(step) + 1]
  const tooMany = reading.failure?.code === 'invalid' && coarser !== undefined
  useEffect(() => {
    if (tooMany) setStep(coarser)
  }, [tooMany, coarser])
  return tooMany ? { ...reading, failure: null } : reading
}
