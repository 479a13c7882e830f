/** The portfolio at each place of a series, from one pass over the rectangles. Each rectangle counts from its first place to its last. */
import { type RawBuilder, sql } from 'kysely'
import { type FigureSums, figureTablesAlong, moneyOf, type TreeMoney } from '../lists/tree-money.ts'
import { momentsTable } from '../past/dense.ts'
import { type Asked, columnsOf, type Place } from './asked.ts'
import { matchingRectangles, met } from './rectangles.ts'

type Counts = Record<string, number>

export interface Figures {
  readonly total: number
  readonly byStage: Counts
  readonly byEnding: Counts
  readonly money: TreeMoney
  /** How many proposals count only because they were recorded: without the day of recording, nothing shows that they existed by then. */
  readonly byRecordOnly: { readonly total: number; readonly byStage: Counts }
}

/** The value of a name from a place on (by the number of the place), until the next level of that name. */
interface Level<Value> {
  readonly place: number
  readonly what: string
  readonly name: string
  readonly value: Value
}

interface Levels {
  readonly names: readonly Level<number>[] | null
  readonly sums: readonly Level<string>[] | null
  readonly counts: readonly Level<number>[] | null
}

/** In the order of the places. */
export async function readFigures(asked: Asked, places: readonly Place[]): Promise<Figures[]> {
  const levels = await readLevels(asked, places)
  const names = follow(levels.names)
  const sums = follow(levels.sums)
  const counts = follow(levels.counts)
  return places.map((_, place) => figuresOf(names(place), sums(place), counts(place)))
}

function figuresOf(
  names: readonly Level<number>[],
  sums: readonly Level<string>[],
  counts: readonly Level<number>[],
): Figures {
  const byStage = countsOf('stage', names)
  const byRecord = countsOf('by-record', names)
  return {
    total: sumOf(byStage),
    byStage,
    byEnding: countsOf('ending', names),
    money: moneyOf({
      totals: sums.map(({ what, name, value }) => ({ what, currency: name, value })),
      counts: Object.fromEntries(counts.map(({ what, value }) => [what, value])),
    } satisfies FigureSums),
    byRecordOnly: { total: sumOf(byRecord), byStage: byRecord },
  }
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function countsOf(what: string, names: readonly Level<number>[]): Counts {
  const some = names.filter((one) => one.what === what && one.value > 0)
  return Object.fromEntries(
    some.map(({ name, value }) => [name, value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** The value at each place, for places in ascending order. */
function follow<Value>(found: readonly Level<Value>[] | null) {
  const levels = found ?? []
  const holding = new Map<string, Level<Value>>()
  let next = 0
  return (place: number): Level<Value>[] => {
    for (let level = levels[next]; level !== undefined && level.place <= place; level = levels[(next += 1)])
      holding.set(`${level.what} ${level.name}`, level)
    return [...holding.values()]
  }
}

/** How many of the places lie before one that the expression gives: the number of the first place that does not, from 0. */
function placesBefore(place: RawBuilder<unknown>): RawBuilder<unknown> {
  // A subquery without a row of its own is worked out once, and the list of places is not carried along with each rectangle.
  return sql`width_bucket(${place} - 1, (SELECT places.at FROM places))`
}

async function readLevels(asked: Asked, places: readonly Place[]): Promise<Levels> {
  const { snapshot, at } = asked
  const { array, begins, ends } = columnsOf(asked)
  // OFFSET 0: found by their index, one proposal after the other. They are few, which the planner cannot know.
  const rectanglesOf = (id: RawBuilder<unknown>) => sql`SELECT p.parents, ${begins} AS begins, ${ends} AS ends
    FROM ${momentsTable(at, snapshot)} p WHERE p.proposal_id = ${id} AND ${met(asked)} OFFSET 0`
  await sql`SET LOCAL work_mem TO '64MB'`.execute(snapshot.db)
  const { rows } = await sql<Levels>`
    WITH RECURSIVE places AS (
      SELECT ${places}::${array} AS at
    ), placed AS MATERIALIZED (
      SELECT * FROM (
        SELECT p.proposal_id, p.parents, p.stage, coalesce(p.ending, 'none') AS ending, p.amounts, p.by_record_until,
               ${placesBefore(sql`s.begins`)} AS lo, ${placesBefore(sql`s.ends`)} AS hi
          FROM ${await matchingRectangles(asked)} OFFSET 0
      ) m WHERE lo < hi
    ), above (id) AS (
      SELECT DISTINCT unnest(parents) FROM placed
      UNION
      SELECT unnest(p.parents) FROM above CROSS JOIN LATERAL (${rectanglesOf(sql`above.id`)}) p
    ), tree AS MATERIALIZED (
      SELECT id, parent, range_agg(int4range(lo, hi)) AS span FROM (
        SELECT above.id, unnest(p.parents) AS parent, ${placesBefore(sql`p.begins`)} AS lo, ${placesBefore(sql`p.ends`)} AS hi
          FROM above CROSS JOIN LATERAL (${rectanglesOf(sql`above.id`)}) p OFFSET 0
      ) k WHERE lo < hi GROUP BY id, parent
    ), ${sql.raw(figureTablesAlong('placed', 'tree'))}, standing AS (
      SELECT lo, hi, ${recordedUntil(asked)} AS until, stage, ending, count(*) AS count FROM placed GROUP BY lo, hi, until, stage, ending
    ), names AS (
      SELECT place, what, name, sum(change) AS change FROM standing CROSS JOIN LATERAL (VALUES
          (lo, 'stage', stage, count), (hi, 'stage', stage, -count), (lo, 'ending', ending, count), (hi, 'ending', ending, -count),
          (lo, 'by-record', stage, CASE WHEN until > lo THEN count END), (until, 'by-record', stage, CASE WHEN until > lo THEN -count END)
        ) AS d(place, what, name, change) WHERE change IS NOT NULL GROUP BY place, what, name
    ), moved AS (
      SELECT d.place, key AS what, name, sum(d.sign * value) AS change FROM amounts
        CROSS JOIN LATERAL (VALUES (lo, 1), (hi, -1)) AS d(place, sign) GROUP BY d.place, key, name
    )
    SELECT ${levelsOf('names', 'int')} AS names,
           ${levelsOf("(SELECT * FROM moved WHERE name <> '')", 'text')} AS sums,
           ${levelsOf("(SELECT * FROM moved WHERE name = '')", 'int')} AS counts
  `.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return row
}

/** The place up to which a proposal counts only because it was recorded; null if there is none. */
function recordedUntil({ axis, at }: Asked): RawBuilder<unknown> {
  if (axis === 'known') return sql`CASE WHEN by_record_until > ${at.day}::date THEN hi END`
  return sql`CASE WHEN by_record_until IS NOT NULL
    THEN least(hi, ${placesBefore(sql`by_record_until`)}) END`
}

/** The levels: running sums of the changes. */
function levelsOf(changes: string, type: string): RawBuilder<unknown> {
  return sql.raw(`(SELECT json_agg(l ORDER BY place) FROM (SELECT place, what, name,
    (sum(change) OVER (PARTITION BY what, name ORDER BY place))::${type} AS value FROM ${changes} c) l)`)
}
