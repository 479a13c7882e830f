/** The places along an axis at which anything changes. */
import { type RawBuilder, sql } from 'kysely'
import { type Asked, columnsOf, type Place } from './asked.ts'
import { matchingRectangles } from './rectangles.ts'

/** The most change points of one answer: if there are more, an evenly spread selection of this size is given. */
export const mostChangePoints = 2_000

export interface ChangePoints {
  /** Where the series begins: as requested, or where the view has its first event. */
  readonly from: Place
  /** In ascending order. */
  readonly points: readonly Place[]
  /** How many there are; if this is more than the points given, some were left out. */
  readonly total: number
}

/** The places, between the ends of the series, at which a proposal of the view changes, enters it or leaves it. */
export async function readChangePoints(asked: Asked): Promise<ChangePoints> {
  const { from, to, snapshot } = asked
  const { type } = columnsOf(asked)
  const { rows } = await sql<Omit<ChangePoints, 'points'> & { points: Place[] | null }>`
    WITH matched AS (
      SELECT s.begins, s.ends FROM ${await matchingRectangles(asked)}
    ), places AS (
      SELECT begins AS at FROM matched UNION SELECT ends FROM matched ${ofDense(asked)}
    ), first AS (
      SELECT coalesce(${from}::${type}, (SELECT min(at) FROM places WHERE at <= ${to}::${type}), ${to}::${type}) AS at
    ), numbered AS (
      SELECT p.at, row_number() OVER (ORDER BY p.at) - 1 AS number, count(*) OVER () AS total
        FROM places p, first WHERE p.at BETWEEN first.at AND ${to}::${type}
    )
    SELECT (SELECT to_json(at) FROM first) AS from, (SELECT count(*)::int FROM numbered) AS total,
           (SELECT json_agg(at ORDER BY at) FROM numbered WHERE ${isGiven}) AS points`.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { ...row, points: row.points ?? [] }
}

const last = sql.lit(mostChangePoints - 1)

/** Selects all, or an even spread with the first and the last: each point that is the first of its share. */
const isGiven = sql`total <= ${sql.lit(mostChangePoints)} OR number = 0
  OR number * ${last} / (total - 1) > (number - 1) * ${last} / (total - 1)`

/** Dense proposals are folded for the steps only (decision 7), so each of their events counts as a change. */
function ofDense({ axis, snapshot: { generation } }: Asked): RawBuilder<unknown> {
  if (axis === 'asOf') return sql``
  return sql`UNION SELECT e.position FROM dense_moments d JOIN events e ON e.proposal_id = d.proposal_id
    WHERE d.generation = ${sql.lit(generation)}`
}
