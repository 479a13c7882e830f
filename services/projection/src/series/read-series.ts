/** The portfolio along an axis of time: at each step, the result of `readPortfolio` at that moment, but all computed in one pass. */
import { sql } from 'kysely'
import { type FoldMemory, withDenseDays, withDensePositions } from '../past/dense.ts'
import type { Asked, Place } from './asked.ts'
import { type ChangePoints, readChangePoints } from './change-points.ts'
import { type Figures, readFigures } from './figures.ts'
import { placesOf } from './places.ts'

interface SeriesStep extends Figures {
  readonly at: Place
  /** Along `known`: when that position was recorded; null for position 0. */
  readonly recordedAt?: string | null
}

export interface Series {
  readonly steps: readonly SeriesStep[]
  readonly changes: ChangePoints
}

/** @throws the problem `invalid` if there would be too many steps */
export async function readSeries(asked: Asked, folds: FoldMemory): Promise<Series> {
  return asked.axis === 'asOf' ? alongDays(asked, folds) : alongPositions(asked, folds)
}

async function alongDays(asked: Asked, folds: FoldMemory): Promise<Series> {
  const { snapshot, timeZone } = asked
  const whole = { ...asked, at: await withDenseDays(asked.at, snapshot, timeZone, folds) }
  const changes = await readChangePoints(whole)
  const places = await placesOf(whole, changes)
  const figures = await readFigures({ ...whole, from: changes.from }, places)
  return { changes, steps: figures.map((of, index) => ({ at: places[index] as Place, ...of })) }
}

/** Dense proposals are folded at the steps, so the steps are found first. */
async function alongPositions(asked: Asked, folds: FoldMemory): Promise<Series> {
  const { snapshot, timeZone } = asked
  const changes = await readChangePoints(asked)
  const places = (await placesOf(asked, changes)) as readonly number[]
  const at = await withDensePositions(asked.at, places, snapshot, timeZone, folds)
  const figures = await readFigures({ ...asked, at, from: changes.from }, places)
  const times = await readTimes(asked, places)
  const steps = figures.map((of, index) => {
    const place = places[index] as number
    return { at: place, recordedAt: times.get(place) ?? null, ...of }
  })
  return { changes, steps }
}

async function readTimes({ snapshot }: Asked, positions: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const { rows } = await sql<{ position: number; recordedAt: string }>`
    SELECT position, recorded_at_text(recorded_at) AS "recordedAt" FROM events
     WHERE position = ANY(${positions}::bigint[])`.execute(snapshot.db)
  return new Map(rows.map(({ position, recordedAt }) => [position, recordedAt]))
}
