/** The moment and the filters in a query. */
import type { ProposalFilters } from '@commitments/client'
import { instantOf } from '@commitments/domain/known-at'
import type { ParameterName, Query } from './query.ts'

const momentNames = ['asOf', 'knownAt', 'knownAtPosition'] as const satisfies readonly ParameterName[]
type MomentQuery = Pick<Query, (typeof momentNames)[number]>

/** The filters of a list, without its order: they apply to every figure of a page. */
export const filterNames = [
  'q',
  'stage',
  'condition',
  'ending',
  'kind',
  'party',
  'role',
  'country',
  'field',
  'parent',
  'hasParts',
  'contested',
  'suspended',
  'formerParty',
  'ids',
  'updatedSince',
] as const satisfies readonly (ParameterName & keyof ProposalFilters)[]
export type FilterName = (typeof filterNames)[number]
export type FilterQuery = Pick<Query, FilterName>

/** Parameters that every link keeps: the selected moment, and language and theme if the URL has them. */
const carriedNames = [...momentNames, 'lang', 'theme'] as const

export const momentOf = (query: Query): MomentQuery => only(query, momentNames)
export const filtersOf = (query: Query): FilterQuery => only(query, filterNames)
export const carriedOf = (query: Query) => only(query, carriedNames)

export function isPast(query: Query): boolean {
  return momentNames.some((name) => query[name] !== undefined)
}

interface Recorded {
  readonly position: number
  readonly recordedAt: string
}

/** Whether something was recorded by the selected moment: to the microsecond, which dates of JavaScript do not have. */
export function wasKnown({ knownAt, knownAtPosition }: MomentQuery, { position, recordedAt }: Recorded): boolean {
  if (knownAtPosition !== undefined && position > knownAtPosition) return false
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  return instant === null || recordedAt <= instant
}

/** The same page, now. */
export function withoutMoment(query: Query): Query {
  return without(query, momentNames)
}

export function without(query: Query, names: readonly ParameterName[]): Query {
  return Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name as ParameterName)))
}

function only<Name extends ParameterName>(query: Query, names: readonly Name[]): Pick<Query, Name> {
  const named = names.filter((name) => query[name] !== undefined).map((name) => [name, query[name]])
  return Object.fromEntries(named) as Pick<Query, Name>
}
