/**
 * A point in time, and how the tables of the past are queried for it. The past is bitemporal: valid time (`asOf`) × transaction time
 * (`known`).
 */
import type { Day } from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'

/** Rows of dense proposals at one point in time, as JSON. */
interface Folded {
  readonly moments: string
  readonly facets: string
}

export interface PointInTime {
  /** As in force on that day; null: everything that was known, on any day. */
  readonly asOf: Day | null
  /** As known at that position of the log. */
  readonly known: number
  /** The day for the conditions: `asOf` if there is one. */
  readonly day: Day
  /** Rows in addition to the tables. */
  readonly folded?: Folded
}

/** The condition that selects at most one row of each proposal, on `proposal_moments` by its name in a query. */
export function rectangleAt({ asOf, known }: PointInTime, alias: string): RawBuilder<SqlBool> {
  const [knownFrom, knownTo, validFrom, validTo] = ['known_from', 'known_to', 'valid_from', 'valid_to'].map((column) =>
    sql.ref(`${alias}.${column}`),
  )
  const knownThen = sql`${knownFrom} <= ${known}::bigint AND ${knownTo} > ${known}::bigint`
  const valid =
    asOf === null ? sql`${validTo} = 'infinity'` : sql`${validFrom} <= ${asOf}::date AND ${validTo} > ${asOf}::date`
  return sql<SqlBool>`${knownThen} AND ${valid}`
}

/** In a snapshot or beside one: the log up to a position never changes. */
interface Log {
  readonly db: Kysely<Database>
}

/**
 * The first position that was recorded after the instant (RFC 3339), or one beyond `upTo` if there is none. Recorded times never go back
 * along the positions, so it is found by halving.
 */
export function firstRecordedAfter(log: Log, instant: string, upTo: number): Promise<number> {
  return firstNot(log, sql`e.recorded_at <= ${instant}::timestamptz`, upTo)
}

/** The first position that was recorded at the instant or after it, in the same way. */
export function firstRecordedFrom(log: Log, instant: string, upTo: number): Promise<number> {
  return firstNot(log, sql`e.recorded_at < ${instant}::timestamptz`, upTo)
}

/** The first position for which the condition on `events e` is false: it is true for all positions before that, and for none after. */
async function firstNot({ db }: Log, condition: RawBuilder<unknown>, upTo: number): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    WITH RECURSIVE search (low, high) AS (
      SELECT 1::bigint, ${upTo}::bigint + 1
      UNION ALL
      SELECT CASE WHEN holds THEN middle + 1 ELSE low END, CASE WHEN holds THEN high ELSE middle END
        FROM search CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) m
        CROSS JOIN LATERAL (SELECT ${condition} AS holds FROM events e WHERE e.position = middle) e
       WHERE low < high
    )
    SELECT low AS position FROM search WHERE low = high`.execute(db)
  return rows[0]?.position ?? upTo + 1
}
