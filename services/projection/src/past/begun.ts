import { sql } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'
import { momentsTable } from './dense.ts'
import { type At, rectangleAt } from './point-in-time.ts'

/** Whether anything at all was known, and in force, at the moment. */
export async function isAnythingAt(snapshot: Snapshot, at: At): Promise<boolean> {
  const { db, generation } = snapshot
  if (at.known === 0) return false
  const { rows } = await sql<{ found: boolean }>`SELECT EXISTS (
    SELECT FROM ${momentsTable(at, snapshot)} m WHERE m.generation = ${sql.lit(generation)} AND ${rectangleAt(at)}) AS found`.execute(
    db,
  )
  return rows[0]?.found ?? false
}
