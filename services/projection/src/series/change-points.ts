/** Where along an axis anything differs. */
import { type RawBuilder, sql } from 'kysely'
import { type Asked, columnsOf, type Place } from './asked.ts'
import { matchingRectangles } from './rectangles.ts'

/** Change points of one answer, at most: of more, so many are given, spread evenly over all of them. */
export const mostChangePoints = 2_000

export interface ChangePoints {
  /** Where the series begins: as it was asked, or where something of the view first counts. */
  readonly from: Place
  /** In ascending order. */
  readonly points: readonly Place[]
  /** How many there are; where that is more than were given, some were left out. */
  readonly total: number
}

/** The places from which on a proposal of the view reads otherwise than before, comes into it or leaves it, between the ends of the series. */
export async function readChangePoints(asked: Asked): Promise<ChangePoints> {
  const { from, to, snapshot } = asked
  const { type } = columnsOf(asked)
  const { rows } = await sql<Omit<ChangePoints, 'points'> & { points: Place[] | null }>`
    WITH matched AS (
      ${await matchingRectangles(asked)}
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

/** All, or where they are more so many evenly, the first and the last among them: each that is the first of its share. */
const isGiven = sql`total <= ${sql.lit(mostChangePoints)} OR number = 0
  OR number * ${last} / (total - 1) > (number - 1) * ${last} / (total - 1)`

/** How a dense proposal reads after each event is folded for the steps only (decision 7): each of its events counts for one that changes something. */
function ofDense({ axis, snapshot: { generation } }: Asked): RawBuilder<unknown> {
  if (axis === 'asOf') return sql``
  return sql`UNION SELECT e.position FROM dense_moments d JOIN events e ON e.proposal_id = d.proposal_id
    WHERE d.generation = ${sql.lit(generation)}`
}
