/** The link of a figure: to the list of the proposals that it counts, with the filters of the page, at the selected moment. */
import type { AnswerTo } from '@commitments/client'
import { hrefOf, query } from '../url/location.ts'
import { type FilterQuery, filtersOf } from '../url/moment.ts'
import type { Query } from '../url/query.ts'

export type Portfolio = AnswerTo<'/v1/portfolio'>

export function listOf(narrower: FilterQuery & Pick<Query, 'sort' | 'view' | 'currency'>): string {
  return hrefOf({ name: 'proposals' }, { ...filtersOf(query.value), ...narrower })
}
