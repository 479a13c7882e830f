/** The filters of lists, for the tables of moments. */
import { type Condition as ConditionName, searchText } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { type At, conditionOfRow } from '../past/point-in-time.ts'
import { label } from '../status/row.ts'
import { escapeLike, type Filters, facetLabels } from './filters.ts'

/** What a proposal must be at a moment. */
export interface MomentConditions {
  /** On `proposal_moments m`. */
  readonly moment: readonly Condition[]
  /** Whether one of those was asked for, and is not only what is left out unasked. */
  readonly narrowed: boolean
  /** On the same; how many they let through the planner's statistics cannot tell. */
  readonly unguessed: readonly Condition[]
  /** Whether there is one of those below, on the facets. */
  readonly facets: boolean
  /** On `moment_facets`, by a name that it has in a query: an index leads there. */
  readonly labels: (alias: string) => readonly Condition[]
  /** On the same: each row has to be looked at. */
  readonly text: (alias: string) => readonly Condition[]
}

type Condition = RawBuilder<unknown>

/**
 * They mean at a moment what they mean today: a list shows what they would have shown then.
 *
 * @param since the first position that counts for `updatedSince`; null where that is not asked for.
 */
export function momentConditions(filters: Filters, at: At, since: number | null): MomentConditions {
  const labels = labelsAsked(filters)
  const { q } = filters
  const moment = [...standingConditions(filters), ...updatedFrom(since, at)]
  return {
    moment,
    narrowed: moment.length > 1 || filters.ending !== undefined,
    unguessed: conditionsAt(filters, at),
    facets: labels.length > 0 || q !== undefined,
    labels: (alias) => labels.map((some) => sql`${sql.ref(alias)}.labels && ${some}::text[]`),
    text: (alias) => (q === undefined ? [] : [sql`${sql.ref(alias)}.search LIKE ${`%${escapeLike(searchText(q))}%`}`]),
  }
}

function standingConditions({ stage, ending, condition }: Filters): Condition[] {
  const found = [endingCondition(ending)]
  if (stage !== undefined) found.push(sql`m.stage = ANY(${stage}::text[])`)
  const [only, ...others] = condition ?? []
  if (only !== undefined && others.length === 0) found.push(...(implied[only] ?? []))
  return found
}

/** By the column itself where no other is asked for: so an index leads there. */
function endingCondition(ending: Filters['ending']): Condition {
  if (ending === undefined) return sql`m.ending IS DISTINCT FROM 'void'`
  const named = ending.filter((name) => name !== 'none')
  if (named.length === 0) return sql`m.ending IS NULL`
  if (named.length === ending.length) return sql`m.ending = ANY(${named}::text[])`
  return sql`(m.ending IS NULL OR m.ending = ANY(${named}::text[]))`
}

/** What has to hold for a condition on whatever day, where an index knows it. */
const implied: Readonly<Partial<Record<ConditionName, readonly Condition[]>>> = {
  done: [sql`m.stage IN ('delivered', 'closed')`],
  ended: [sql`m.ending IS NOT NULL`],
  'at-risk': [sql`m.conditions @> '{at-risk}'`],
}

function conditionsAt({ condition }: Filters, { day }: At): Condition[] {
  return condition === undefined ? [] : [sql`${conditionOfRow(day)} = ANY(${condition}::text[])`]
}

/** Of each list of labels it must have one. */
function labelsAsked(filters: Filters): string[][] {
  const { kind, condition } = filters
  const asked = facetLabels(filters)
  if (kind !== undefined) asked.push(kind.map(label.kind))
  if (condition?.join() === 'suspended') asked.push([label.suspended(true)])
  return asked
}

/** Of what was known then. */
function updatedFrom(since: number | null, { known }: At): Condition[] {
  if (since === null) return []
  return [
    sql`EXISTS (SELECT FROM events u WHERE u.proposal_id = m.proposal_id
      AND u.position BETWEEN ${since}::bigint AND ${known}::bigint)`,
  ]
}
