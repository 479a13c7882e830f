/** Which rectangles a moment lies in. */
import type { Day } from '@commitments/domain'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Folded } from './dense.ts'

/** A moment of the world and of our knowledge. */
export interface At {
  /** As in force on that day; null: by all that was known, whatever day it is of. */
  readonly asOf: Day | null
  /** As known at that position of the log. */
  readonly known: number
  /** The day whose conditions are meant: `asOf` where there is one. */
  readonly day: Day
  /** What is known of it beside the tables. */
  readonly folded?: Folded
}

/** The condition on `proposal_moments m` that leaves at most one row of each proposal. */
export function rectangleAt({ asOf, known }: At): RawBuilder<SqlBool> {
  const knownThen = sql`m.known_from <= ${known}::bigint AND m.known_to > ${known}::bigint`
  const valid =
    asOf === null ? sql`m.valid_to = 'infinity'` : sql`m.valid_from <= ${asOf}::date AND m.valid_to > ${asOf}::date`
  return sql<SqlBool>`${knownThen} AND ${valid}`
}

/** The condition of a row on a day that it is valid on. */
export function conditionOfRow(day: Day): RawBuilder<string> {
  return sql<string>`m.conditions[1 + width_bucket(${day}::date, m.condition_days)]`
}
