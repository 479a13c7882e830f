/** The filters of lists, for the tables of moments. */
import { searchText } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { escapeLike, type Filters, facetLabels } from '../read-model/filters.ts'
import { type At, conditionOfRow } from './at.ts'

/** Conditions on `proposal_moments m`, and on `moment_facets f`, which is needed only where there is one on it. */
export interface MomentConditions {
  readonly moment: readonly RawBuilder<unknown>[]
  readonly facets: readonly RawBuilder<unknown>[]
}

/**
 * They mean at a moment what they mean today: a list shows what they would have shown then.
 *
 * @param since the first position that counts for `updatedSince`; null where that is not asked for.
 */
export function momentConditions(filters: Filters, at: At, since: number | null): MomentConditions {
  return { moment: [...standingConditions(filters, at), ...updatedFrom(since, at)], facets: facetConditions(filters) }
}

function standingConditions({ stage, ending, kind, condition }: Filters, { day }: At): RawBuilder<unknown>[] {
  const found = [endingCondition(ending)]
  if (stage !== undefined) found.push(sql`m.stage = ANY(${stage}::text[])`)
  if (kind !== undefined) found.push(sql`m.kind = ANY(${kind}::text[])`)
  if (condition !== undefined) found.push(sql`${conditionOfRow(day)} = ANY(${condition}::text[])`)
  return found
}

function endingCondition(ending: Filters['ending']): RawBuilder<unknown> {
  if (ending === undefined) return sql`m.ending IS DISTINCT FROM 'void'`
  return sql`coalesce(m.ending, 'none') = ANY(${ending}::text[])`
}

function facetConditions(filters: Filters): RawBuilder<unknown>[] {
  const { q } = filters
  const found: RawBuilder<unknown>[] = facetLabels(filters).map((labels) => sql`f.labels && ${labels}::text[]`)
  if (q !== undefined) found.push(sql`f.search LIKE ${`%${escapeLike(searchText(q))}%`}`)
  return found
}

/** Of what was known then. Each of those events is looked at, so it costs with their number. */
function updatedFrom(since: number | null, { known }: At): RawBuilder<unknown>[] {
  if (since === null) return []
  return [
    sql`m.proposal_id IN (SELECT e.proposal_id FROM events e
      WHERE e.position BETWEEN ${since}::bigint AND ${known}::bigint)`,
  ]
}
