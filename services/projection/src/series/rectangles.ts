/** The rectangles of the past that a series needs, as tables of its statements. */
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { conditionsOf, matching } from '../lists/conditions.ts'
import { allOf } from '../lists/question.ts'
import { pastSource } from '../lists/source.ts'
import { type Asked, columnsOf } from './asked.ts'

/**
 * A query for the rectangles that match the filters: proposal_id, parents, stage, ending, amounts, by_record_until, and the places along
 * the axis at which each begins and ends.
 */
export async function matchingRectangles(asked: Asked): Promise<RawBuilder<unknown>> {
  const source = { ...pastSource(asked.snapshot, asked.at), there: met(asked) }
  const { from, where } = matching(source, await conditionsOf(fixedFilters(asked), source))
  return sql`${from} ${wholes(asked)} ${spans(asked)} WHERE ${allOf(where)}`
}

/** The filters that apply to a rectangle as a whole. The others apply to a part of it: {@link spans}. */
function fixedFilters({ axis, filters }: Asked) {
  const fixed = { ...filters, hasParts: undefined }
  return axis === 'asOf' ? { ...fixed, condition: undefined } : { ...fixed, updatedSince: undefined }
}

/** The condition that a rectangle `p` lies between the ends of the series, if there are no other filters. */
export function met({ axis, snapshot, at, from, to }: Asked): RawBuilder<SqlBool> {
  const { type, begins, ends } = columnsOf({ axis })
  const generation = sql`p.generation = ${sql.lit(snapshot.generation)}`
  const other = {
    asOf: sql`p.known_from <= ${at.known}::bigint AND p.known_to > ${at.known}::bigint`,
    known:
      at.asOf === null
        ? sql`p.valid_to = 'infinity'`
        : sql`p.valid_from <= ${at.asOf}::date AND p.valid_to > ${at.asOf}::date`,
  }[axis]
  const after = from === null ? sql`true` : sql`${ends} > ${from}::${type}`
  return sql<SqlBool>`${generation} AND ${other} AND ${begins} <= ${to}::${type} AND ${after}`
}

/** A table `s` of the parts of a rectangle `p` in which the filters that vary along the axis match: begins, ends. */
function spans(asked: Asked): RawBuilder<unknown> {
  const { begins, ends } = columnsOf(asked)
  const narrowing = [...ofConditions(asked), ...ofUpdates(asked), ...ofParts(asked)]
  if (narrowing.length === 0) return sql`CROSS JOIN LATERAL (SELECT ${begins} AS begins, ${ends} AS ends) s`
  const whole = multirange(asked, begins, ends)
  return sql`CROSS JOIN LATERAL (SELECT lower(r) AS begins, upper(r) AS ends
    FROM unnest(${whole} ${sql.join(narrowing, sql` `)}) AS r) s`
}

function multirange(asked: Asked, begins: RawBuilder<unknown>, ends: RawBuilder<unknown>): RawBuilder<unknown> {
  const { range } = columnsOf(asked)
  return sql`${range.many}(${range.one}(${begins}, ${ends}))`
}

/** The conditions of a rectangle are those of its own days: each lasts until the next day on which the condition changes. */
function ofConditions({ axis, filters: { condition } }: Asked): RawBuilder<unknown>[] {
  if (axis !== 'asOf' || condition === undefined) return []
  return [
    sql`* coalesce((SELECT range_agg(daterange(coalesce(p.condition_days[n - 1], '-infinity'), coalesce(p.condition_days[n], 'infinity')))
      FROM generate_subscripts(p.conditions, 1) AS n WHERE p.conditions[n] = ANY(${condition}::text[])), '{}')`,
  ]
}

/** From the first event that counts for the filter. */
function ofUpdates({ axis, since }: Asked): RawBuilder<unknown>[] {
  if (axis !== 'known' || since === null) return []
  return [
    sql`* coalesce((SELECT int8multirange(int8range(min(u.position), NULL)) FROM events u
      WHERE u.proposal_id = p.proposal_id AND u.position >= ${since}::bigint HAVING count(*) > 0), '{}')`,
  ]
}

/** While the proposal has a part that was not recorded by mistake. */
function ofParts({ filters: { hasParts } }: Asked): RawBuilder<unknown>[] {
  if (hasParts === undefined) return []
  return [sql`${hasParts === 'true' ? sql`*` : sql`-`} coalesce(w.span, '{}')`]
}

/** If requested: a table `w` of the proposals with parts, and the places along the axis at which they have them. */
function wholes(asked: Asked): RawBuilder<unknown> {
  if (asked.filters.hasParts === undefined) return sql``
  const { begins, ends, range } = columnsOf(asked)
  const { table, isPart } = pastSource(asked.snapshot, asked.at)
  return sql`LEFT JOIN (SELECT parent AS id, range_agg(${range.one}(${begins}, ${ends})) AS span
      FROM ${table} CROSS JOIN unnest(p.parents) AS parent
     WHERE ${met(asked)} AND ${isPart} AND p.ending IS DISTINCT FROM 'void' GROUP BY parent) w ON w.id = p.proposal_id`
}
