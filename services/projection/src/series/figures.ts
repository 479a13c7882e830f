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

/** For a rectangle: the number of its first place, and of its last, from 0. */
function numbered(begins: RawBuilder<unknown>, ends: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`CROSS JOIN LATERAL (SELECT width_bucket(${begins} - 1, places.at) AS lo, width_bucket(${ends} - 1, places.at) AS hi) n`
}

async function readLevels(asked: Asked, places: readonly Place[]): Promise<Levels> {
  const { snapshot, at } = asked
  const { array, begins, ends } = columnsOf(asked)
  const { rows } = await sql<Levels>`
    WITH RECURSIVE places AS (
      SELECT ${places}::${array} AS at
    ), matched AS (
      ${await matchingRectangles(asked)}
    ), placed AS MATERIALIZED (
      SELECT m.*, n.lo, n.hi FROM matched m CROSS JOIN places ${numbered(sql`m.begins`, sql`m.ends`)} WHERE n.lo < n.hi
    ), tree AS MATERIALIZED (
      SELECT p.proposal_id AS id, parent, range_agg(int4range(n.lo, n.hi)) AS span
        FROM ${momentsTable(at, snapshot)} p CROSS JOIN places ${numbered(begins, ends)}
        CROSS JOIN unnest(p.parents) AS parent
       WHERE ${met(asked)} AND n.lo < n.hi GROUP BY p.proposal_id, parent
    ), ${sql.raw(figureTablesAlong('placed', 'tree'))}, names AS (
      SELECT d.place, CASE grouping(stage, ending) WHEN 1 THEN 'stage' ELSE 'ending' END AS what,
             coalesce(stage, ending) AS name, sum(d.change) AS change
        FROM placed CROSS JOIN LATERAL (VALUES (lo, 1), (hi, -1)) AS d(place, change)
       GROUP BY GROUPING SETS ((d.place, stage), (d.place, ending))
      UNION ALL
      SELECT d.place, 'by-record', stage, sum(d.change) FROM placed CROSS JOIN LATERAL (SELECT ${recordedUntil(asked)} AS until) r
        CROSS JOIN LATERAL (VALUES (lo, 1), (r.until, -1)) AS d(place, change) WHERE r.until > lo GROUP BY d.place, stage
    ), moved AS (
      SELECT d.place, key AS what, name, sum(d.sign * value) AS change FROM amounts
        CROSS JOIN LATERAL (VALUES (lo, 1), (hi, -1)) AS d(place, sign) GROUP BY d.place, key, name
    )
    SELECT ${levelsOf('names', 'int')} AS names,
           ${levelsOf('(SELECT * FROM moved WHERE name IS NOT NULL)', 'text')} AS sums,
           ${levelsOf("(SELECT place, what, '' AS name, change FROM moved WHERE name IS NULL)", 'int')} AS counts
  `.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return row
}

/** The place up to which a proposal counts only because it was recorded; null if there is none. */
function recordedUntil({ axis, at }: Asked): RawBuilder<unknown> {
  if (axis === 'known') return sql`CASE WHEN by_record_until > ${at.day}::date THEN hi END`
  return sql`CASE WHEN by_record_until IS NOT NULL
    THEN least(hi, width_bucket(by_record_until - 1, (SELECT places.at FROM places))) END`
}

/** The levels: running sums of the changes. */
function levelsOf(changes: string, type: string): RawBuilder<unknown> {
  return sql.raw(`(SELECT json_agg(l ORDER BY place) FROM (SELECT place, what, name,
    (sum(change) OVER (PARTITION BY what, name ORDER BY place))::${type} AS value FROM ${changes} c) l)`)
}
