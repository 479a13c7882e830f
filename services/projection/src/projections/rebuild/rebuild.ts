/**
 * A rebuild of a projection: the whole log is folded again into a second generation, which is compared with the live one and replaces it.
 *
 * filling the log up to now, in the order of streams, written in bulk into tables without indexes; several threads fold a long log, if
 * workers are given indexing indexes and statistics; the tables become partitions of those that are read catching-up what the live
 * generation applied meanwhile, by the projector's own batches comparing row by row with the live generation; a difference ends the
 * rebuild here, unless it is accepted switching one transaction makes the new generation live and retires the old one
 *
 * The live generation continues during all of this. The new one never overtakes it, so that the two can be compared. Only if the live one
 * has applied nothing, and so shows nothing that could differ, the whole log is folded. The retired one stays until the next rebuild, for
 * `rollBack`.
 */
import { classifyFault, readHead, sqlState } from '@commitments/event-store'
import type { Pool } from 'pg'
import { allEnded, inTransaction } from '../../transaction.ts'
import { compareTree } from '../../transparency/compare-tree.ts'
import { type Generation, readGeneration, readGenerations, readLive } from '../generations.ts'
import type { Projection } from '../projection.ts'
import { catchUp } from './catch-up.ts'
import { type Comparison, compareGenerations } from './compare.ts'
import { fillBeside, type WorkerConnection } from './parallel-fill.ts'
import { createProgress, type ProgressReport } from './progress.ts'
import { type Switched, switchTo } from './switch.ts'

export interface RebuildOptions {
  readonly pool: Pool
  readonly projection: Projection
  /** The time zone of the ledger. */
  readonly timeZone: string
  /** Fingerprint of the rules, written on the generation. */
  readonly rules: string
  /** A generation that an earlier rebuild stopped at because it differs: make it live anyway. */
  readonly acceptDifferences?: number | undefined
  /** Called once it is certain that there is something to do and that nobody else does it. */
  readonly onBegin?: () => void
  readonly onProgress?: (report: ProgressReport) => void
  /** If given, workers fold a long log too, over this connection; each takes memory and a core. */
  readonly workers?: WorkerConnection | undefined
}

export type RebuildOutcome =
  | { outcome: 'switched'; generation: number; replaced: number; differences: number }
  /** The new generation is kept; name it in `acceptDifferences` to make it live. */
  | { outcome: 'differs'; generation: number; differences: number; examples: string[] }
  /** Another rebuild is running, in this process or another. */
  | { outcome: 'busy' }
  /** `acceptDifferences` names a generation that is not waiting for it. */
  | { outcome: 'nothing-to-accept' }
  /** The lines of the log differ from its tree: a rebuild would make forged events look right. */
  | { outcome: 'log-changed'; found: number; first: string }
  /** There is no generation to go back to. */
  | { outcome: 'nothing-to-roll-back' }

/** How many differing proposals are named. */
const exampleCount = 20

export function rebuild(options: RebuildOptions): Promise<RebuildOutcome> {
  return holdingRebuildLock(options.pool, async () => {
    if (options.acceptDifferences !== undefined) return accept(options, options.acceptDifferences)
    options.onBegin?.()
    await dropAll(options, 'building')
    return compareAndSwitch(options, await build(options))
  })
}

/** Makes the generation live again that the last switch retired, after bringing it up to date by the rules of the current code. */
export function rollBack(options: RebuildOptions): Promise<RebuildOutcome> {
  return holdingRebuildLock(options.pool, async () => {
    const retired = (await ownGenerations(options)).find(({ state }) => state === 'retired')
    if (retired === undefined) return { outcome: 'nothing-to-roll-back' }
    await options.pool.query("UPDATE projection_generations SET state = 'building' WHERE generation = $1", [
      retired.generation,
    ])
    await catchUpWithLive(options, retired.generation)
    return finish(options, await switchTo(options, retired.generation, 'accepted'), 0)
  })
}

/** A generation folded as far as the live one; the whole log if the live one has applied nothing. */
async function build(options: RebuildOptions): Promise<number> {
  const { pool, projection } = options
  const upTo = (await readLive(pool, projection.name)).position || (await readHead(pool)).position
  const generation = (await fillInBulk(options, upTo)) ?? (await fillByBatches(options, upTo))
  await catchUpWithLive(options, generation)
  return generation
}

/** Fills a new generation in bulk. Null if the database refuses a row: a COPY does not say which. */
async function fillInBulk(options: RebuildOptions, upTo: number): Promise<number | null> {
  const generation = await makeGeneration(options)
  const progress = createProgress(options, generation, upTo)
  const { pool, projection, timeZone, workers } = options
  try {
    await fillBeside({ pool, projection, generation, timeZone, upTo, onFolded: progress.add }, workers)
    await progress.phase('indexing')
    await buildIndexes(pool, generation)
    await attach(options, generation, upTo)
    await progress.phase('catching-up')
    return generation
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    await dropAll(options, 'building')
    return null
  }
}

/** Works like a projector, which finds what cannot be stored and parks it. It is slow, but only needed while there is such a fault. */
async function fillByBatches(options: RebuildOptions, upTo: number): Promise<number> {
  const generation = await makeGeneration(options)
  await attach(options, generation, 0)
  await createProgress(options, generation, upTo).phase('catching-up')
  await catchUp(options, generation, upTo)
  return generation
}

async function makeGeneration({ pool, projection, rules }: RebuildOptions): Promise<number> {
  const made = 'SELECT make_generation($1, $2) AS generation'
  const { rows } = await pool.query<{ generation: number }>(made, [projection.name, rules])
  const [row] = rows
  if (row === undefined) throw new Error('make_generation gave no generation.')
  return row.generation
}

async function catchUpWithLive(options: RebuildOptions, generation: number): Promise<void> {
  await catchUp(options, generation, (await readLive(options.pool, options.projection.name)).position)
}

/** In one transaction: a generation is a partition exactly when its position is that of its rows. */
async function attach({ pool }: RebuildOptions, generation: number, position: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT attach_generation($1)', [generation])
    await client.query('UPDATE projection_generations SET position = $2 WHERE generation = $1', [generation, position])
  })
}

async function compareAndSwitch(options: RebuildOptions, generation: number): Promise<RebuildOutcome> {
  const progress = createProgress(options, generation, 0)
  await progress.phase('comparing')
  const { differing, later } = await compareWithLive(options, generation)
  if (differing.length > 0) return stopAt(options.pool, generation, differing)
  await progress.phase('switching')
  await catchUpWithLive(options, generation)
  return finish(options, await switchTo(options, generation, { later }), 0)
}

/** A live generation that has applied nothing, or whose rows were left out of a backup, gives nothing to compare with; one that has just begun is caught up first. */
async function compareWithLive(options: RebuildOptions, generation: number): Promise<Comparison> {
  const { pool, projection } = options
  const live = await readLive(pool, projection.name)
  if (live.position === 0 || (await wasLeftOut(options, live.generation))) return { differing: [], later: [] }
  const made = await readGeneration(pool, generation)
  if (made !== null) await catchUp(options, live.generation, made.position)
  return compareGenerations(pool, projection, [live.generation, generation], live.position)
}

/** Whether its rows are not there at all, as after a restore from a backup without the read models: there is nothing to compare with. */
async function wasLeftOut({ pool, projection }: RebuildOptions, generation: number): Promise<boolean> {
  const ofRows = projection.tables.filter(({ isPartitioned }) => isPartitioned)
  const there = ofRows.map(({ name }) => `EXISTS (SELECT FROM ${name} WHERE generation = $1)`).join(' OR ')
  const { rows } = await pool.query<{ some: boolean }>(`SELECT ${there} AS some`, [generation])
  return rows[0]?.some === false
}

async function accept(options: RebuildOptions, generation: number): Promise<RebuildOutcome> {
  const waiting = await readGeneration(options.pool, generation)
  if (waiting?.state !== 'building' || waiting.differences === null || waiting.projection !== options.projection.name)
    return { outcome: 'nothing-to-accept' }
  const { found, findings } = await compareTree(options.pool)
  const [first] = findings
  if (first) return { outcome: 'log-changed', found, first: first.what }
  options.onBegin?.()
  await catchUpWithLive(options, generation)
  return finish(options, await switchTo(options, generation, 'accepted'), waiting.differences)
}

async function finish(options: RebuildOptions, result: Switched, differences: number): Promise<RebuildOutcome> {
  const { generation } = result
  if (result.outcome === 'differs') return stopAt(options.pool, generation, result.differing)
  await dropAll(options, 'retired', result.replaced)
  return { outcome: 'switched', generation, replaced: result.replaced, differences }
}

async function stopAt(pool: Pool, generation: number, differing: string[]): Promise<RebuildOutcome> {
  const differences = differing.length
  await pool.query("UPDATE projection_generations SET phase = 'differs', differences = $2 WHERE generation = $1", [
    generation,
    differences,
  ])
  return { outcome: 'differs', generation, differences, examples: differing.slice(0, exampleCount) }
}

/** Drops generations that nobody needs any more: unfinished ones of rebuilds that died, and old ones. */
async function dropAll(options: RebuildOptions, state: 'building' | 'retired', except?: number): Promise<void> {
  for (const { generation } of (await ownGenerations(options)).filter((one) => one.state === state)) {
    if (generation !== except) await options.pool.query('SELECT drop_generation($1)', [generation]).catch(ignoreBusy)
  }
}

async function ownGenerations({ pool, projection }: RebuildOptions): Promise<Generation[]> {
  return (await readGenerations(pool)).filter((one) => one.projection === projection.name)
}

/** Somebody is reading it (55P03, lock_not_available): the next rebuild drops it. */
function ignoreBusy(error: unknown): void {
  if (sqlState(error) !== '55P03') throw error
}

/** Connections that build side by side. Only the database works here. */
const builders = 2

/** Builds the indexes of a filled generation before it is attached; attaching it would build one after the other. */
async function buildIndexes(pool: Pool, generation: number): Promise<void> {
  const { rows } = await pool.query<{ names: string[] }>('SELECT generation_indexes($1) AS names', [generation])
  const names = rows[0]?.names.values() ?? [].values()
  const parts = Array.from({ length: builders }, async () => {
    for (const name of names) await buildIndex(pool, generation, name)
  })
  await allEnded(parts)
}

function buildIndex(pool: Pool, generation: number, name: string): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query("SET LOCAL maintenance_work_mem = '64MB'")
    await client.query('SELECT index_generation($1, $2)', [generation, name])
  })
}

/** One rebuild at a time, in any process: an advisory lock of the session, which ends with the process. */
const lock = "hashtextextended(current_schema() || '.rebuild', 0)"

/** Does the work while holding the lock; `busy` if another process holds it. */
export async function holdingRebuildLock<T>(pool: Pool, work: () => Promise<T>): Promise<T | { outcome: 'busy' }> {
  const client = await pool.connect()
  let locked = true
  try {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS taken`)
    const result = rows[0]?.taken ? await work() : ({ outcome: 'busy' } as const)
    await client.query(`SELECT pg_advisory_unlock(${lock})`)
    locked = false
    return result
  } finally {
    // If the lock may still be held, end the session, and the lock with it.
    client.release(locked)
  }
}
