/** One batch: read after the checkpoint, apply, write rows and checkpoint. */
import { classifyFault, readLog } from '@commitments/event-store'
import type { Queryable } from '../read-model/generations.ts'
import { apply, type Held, type LogLine, park } from './apply.ts'
import { type Row, rowOf } from './row.ts'
import { loadStates, remember, type States } from './states.ts'
import { writeBatch } from './write.ts'

/**
 * A projector of one generation. Several may exist, in this process and in others; the checkpoint says whose turn
 * counts.
 */
export interface Projector {
  readonly pool: Queryable
  readonly generation: number
  readonly state: 'building' | 'live'
  /** Of the ledger. */
  readonly timeZone: string
  position: number
  readonly states: States
  /** Events of one batch, at most. */
  readonly batchSize: number
}

export type Step =
  | { outcome: 'applied'; events: number; changed: string[]; parked: Held[] }
  | { outcome: 'idle' }
  /** Another projector moved the checkpoint, or the generation is no longer what it was. Nothing was written. */
  | { outcome: 'superseded' }

/**
 * Applies the next events, up to position `upTo`. On `applied` rows and checkpoint are committed and `position` has
 * moved on.
 * @throws what the database throws. Nothing is certain then but that rows and checkpoint still fit together; the caller
 * forgets the states and reads the position again.
 */
export async function step(projector: Projector, upTo = Number.MAX_SAFE_INTEGER): Promise<Step> {
  const limit = Math.min(projector.batchSize, upTo - projector.position)
  const entries = limit > 0 ? await readLog(projector.pool, { after: projector.position, limit }) : []
  return entries.length === 0 ? { outcome: 'idle' } : applyBatch(projector, entries)
}

/**
 * Where the database refuses what a batch says, it would refuse it for ever: the batch is halved until the guilty event
 * is alone in it, and then that one is parked.
 */
async function applyBatch(projector: Projector, entries: readonly LogLine[]): Promise<Step> {
  const { generation, pool, states, position } = projector
  const before = await loadStates(pool, states, generation, new Set(entries.map((entry) => entry.proposalId)))
  // A row that is ahead of our checkpoint was written by somebody who overtook us since we last knew.
  if ([...before.values()].some((held) => held.position > position)) return { outcome: 'superseded' }
  try {
    return await write(projector, entries, applyAll(before, entries))
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    if (entries.length > 1) return applyBatch(projector, entries.slice(0, Math.ceil(entries.length / 2)))
    const [guilty] = entries as [LogLine]
    return parkUnstorable(projector, before.get(guilty.proposalId) ?? null, guilty)
  }
}

/** As it was before the event; without its state where not even that can be stored any more. */
async function parkUnstorable(projector: Projector, before: Held | null, guilty: LogLine): Promise<Step> {
  const parked = park(before, guilty, 'unstorable')
  try {
    return await write(projector, [guilty], [parked])
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    return write(projector, [guilty], [{ ...parked, state: null }])
  }
}

async function write(projector: Projector, entries: readonly LogLine[], after: readonly Held[]): Promise<Step> {
  const { generation, state, position: from, pool, states, timeZone } = projector
  const { position: to } = entries.at(-1) as LogLine
  const changes = after.map((held) => withRow(held, timeZone))
  const rows = changes.map(({ row }) => row)
  if (!(await writeBatch(pool, { generation, state, from, to, rows }))) return { outcome: 'superseded' }
  projector.position = to
  for (const { held, row } of changes) remember(states, held, row.state?.length ?? 0)
  const parked = changes.map(({ held }) => held).filter((held) => held.parked)
  return { outcome: 'applied', events: entries.length, changed: rows.map((row) => row.proposal_id), parked }
}

/** What is held after the lines, of each proposal that they change. */
export function applyAll(before: ReadonlyMap<string, Held>, entries: Iterable<LogLine>): Held[] {
  const after = new Map<string, Held>()
  for (const entry of entries) {
    const held = after.get(entry.proposalId) ?? before.get(entry.proposalId) ?? null
    const next = apply(held, entry)
    if (next !== held) after.set(entry.proposalId, next)
  }
  return [...after.values()]
}

/**
 * What is held, and its row. A state that no status can be told of (a mistake in the rules) is parked as well, without
 * the state: it must not stop the other proposals of its batch.
 */
export function withRow(held: Held, timeZone: string): { held: Held; row: Row } {
  try {
    return { held, row: rowOf(held, timeZone) }
  } catch {
    const parked = { position: held.position, code: 'impossible' } as const
    const without = { ...held, state: null, parked: held.parked ?? parked }
    return { held: without, row: rowOf(without, timeZone) }
  }
}
