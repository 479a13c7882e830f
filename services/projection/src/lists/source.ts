/** The source of lists and totals: the statuses as they are now, or the past at a point in time. */
import type { Day } from '@commitments/domain'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { facetsTable, momentsTable } from '../past/dense.ts'
import { type PointInTime, rectangleAt } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'

export interface Source {
  readonly snapshot: Snapshot
  /** The day for the conditions. */
  readonly day: Day
  /** Null: now. */
  readonly at: PointInTime | null
  /**
   * A table whose rows are called `p`. In addition to the columns named below, it has stage, ending, kind, fields, planned_end and amounts.
   */
  readonly table: RawBuilder<unknown>
  /** The condition for its rows that belong to this source: one for each proposal that has a status. */
  readonly there: RawBuilder<SqlBool>
  /** The same with the facets `f` of each row, if labels and texts are in another table; and those labels. */
  readonly faceted: RawBuilder<unknown>
  readonly labels: RawBuilder<string[]>
  /** For a row `p`: whether it is part of something, the ids of its parents, and its title as JSON. */
  readonly isPart: RawBuilder<SqlBool>
  readonly parents: RawBuilder<string[]>
  readonly title: RawBuilder<Record<string, string>>
}

/** A source that is not now. */
export type PastSource = Source & { readonly at: PointInTime }

const childLink = 'link:child:'

/** The statuses in the snapshot of their read model. */
export function currentSource(snapshot: Snapshot, day: Day): Source {
  return {
    snapshot,
    day,
    at: null,
    table: sql`proposal_status p`,
    faceted: sql`proposal_status p`,
    labels: sql`p.labels`,
    there: sql<SqlBool>`p.generation = ${snapshot.generation} AND p.state IS NOT NULL`,
    isPart: sql`p.parent IS NOT NULL`,
    // Labels are long, so they are read only if there is a parent among them.
    parents: sql`CASE WHEN p.parent IS NULL THEN '{}' ELSE ARRAY(
      SELECT substr(link, ${sql.lit(childLink.length + 1)}) FROM unnest(p.labels) AS link
       WHERE link LIKE ${sql.lit(`${childLink}%`)}) END`,
    // The same form as in the past: the order of members is equal, and so are the bytes.
    title: sql`(p.state::json -> 'title')::jsonb`,
  }
}

/** The past at the point in time, in a snapshot of its read model. */
export function pastSource(snapshot: Snapshot, at: PointInTime): PastSource {
  const { generation } = snapshot
  const [table, facets] = [sql`${momentsTable(at, snapshot)} p`, facetsTable(at, snapshot)]
  return {
    snapshot,
    day: at.day,
    at,
    table,
    faceted: sql`${table} JOIN ${facets} f
      ON f.generation = ${sql.lit(generation)} AND f.proposal_id = p.proposal_id AND f.facets = p.facets`,
    labels: sql`f.labels`,
    isPart: sql`p.parents <> '{}'`,
    there: sql<SqlBool>`p.generation = ${sql.lit(generation)} AND ${rectangleAt(at, 'p')}`,
    parents: sql`p.parents`,
    title: sql`(SELECT f.title FROM ${facets} f
      WHERE f.generation = ${sql.lit(generation)} AND f.proposal_id = p.proposal_id AND f.facets = p.facets)`,
  }
}

export function isPast(source: Source): source is PastSource {
  return source.at !== null
}

/** The condition of a row on the day: a row stores the days on which its condition changes. */
export function conditionOn(day: Day, row = 'p'): RawBuilder<string> {
  const [conditions, days] = [sql.ref(`${row}.conditions`), sql.ref(`${row}.condition_days`)]
  return sql<string>`(${conditions})[1 + width_bucket(${day}::date, ${days})]`
}

/** Whether the source is empty: nothing was known, or nothing was in force. */
export async function isEmpty({ snapshot, table, there }: Source): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM ${table} WHERE ${there}) AS found`.execute(snapshot.db)
  return !rows[0]?.found
}
