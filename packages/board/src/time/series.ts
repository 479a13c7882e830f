/** The view along one axis of time: the steps of the sliders, and the data of the strips. */
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

/** The subject of the open page: the filters of a list, or one proposal. */
function viewFilters(): FilterQuery {
  const { page } = place.value
  if (page.name === 'proposal') return { ids: [page.proposalId] }
  return page.name === 'overview' || page.name === 'proposals' ? filtersOf(query.value) : {}
}

/**
 * The series along an axis; the other axis keeps its value. It has a step for each event if they fit into one answer, otherwise the next
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
