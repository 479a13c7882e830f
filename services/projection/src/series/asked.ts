/** The request of a series: the portfolio at each of many moments along one of the two axes of time. */
import type { Day } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import type { Filters } from '../lists/filters.ts'
import type { PointInTime } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'

/** `asOf`: along the days of the world. `known`: along the positions of the log. */
export const axes = ['asOf', 'known'] as const
type Axis = (typeof axes)[number]

export const steps = ['event', 'day', 'month', 'year'] as const
export type StepSize = (typeof steps)[number]

/** The most steps of one answer. */
export const mostSteps = 500

/** A day along `asOf`, a position along `known`. */
export type Place = Day | number

export interface SeriesQuestion {
  readonly axis: Axis
  readonly step: StepSize
  readonly filters: Filters
  /** Null: where the view has its first event. */
  readonly from: Place | null
  readonly to: Place
  /** What stays the same at each step: along `asOf` what was known, along `known` the day. The member for the other axis has no effect. */
  readonly at: PointInTime
  /** Along `known`: the first position that counts for `updatedSince`; null if that is not requested. */
  readonly since: number | null
}

/** A request, and the snapshot in which it is answered. */
export interface Asked extends SeriesQuestion {
  readonly snapshot: Snapshot
  /** Of the ledger. */
  readonly timeZone: string
}

/** The columns of the axis in the tables of the past. */
interface Columns {
  readonly type: RawBuilder<unknown>
  readonly array: RawBuilder<unknown>
  /** For a rectangle `p`: its first place, and the first after it. */
  readonly begins: RawBuilder<unknown>
  readonly ends: RawBuilder<unknown>
  /** The constructors of a range of places, and of a multirange. */
  readonly range: { readonly one: RawBuilder<unknown>; readonly many: RawBuilder<unknown> }
}

const columns: Readonly<Record<Axis, Columns>> = {
  asOf: {
    type: sql`date`,
    array: sql`date[]`,
    begins: sql`p.valid_from`,
    ends: sql`p.valid_to`,
    range: { one: sql`daterange`, many: sql`datemultirange` },
  },
  known: {
    type: sql`bigint`,
    array: sql`bigint[]`,
    begins: sql`p.known_from`,
    ends: sql`p.known_to`,
    range: { one: sql`int8range`, many: sql`int8multirange` },
  },
}

export function columnsOf({ axis }: Pick<SeriesQuestion, 'axis'>): Columns {
  return columns[axis]
}
