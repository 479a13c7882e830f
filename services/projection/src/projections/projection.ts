/** A projection is a read model that is kept up to date from the log, at its own pace. */

import type { Sliced } from '@commitments/domain'
import { classifyFault, readLog } from '@commitments/event-store'
import type { Tracing } from '@commitments/http-kit'
import type { ColumnType, CopyTarget } from '../copy-binary.ts'
import type { ProjectionName } from '../projection-names.ts'
import { type LogLine } from '../streams/log-line.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { type Parked } from './parked.ts'
import { carefully, type Tried } from './set-aside.ts'

/** A projector of one generation. There may be several, in this process and in others; the checkpoint decides whose step counts. */
export interface Projector<Memory = unknown> extends Tried {
  readonly state: 'building' | 'live'
  /** Of the ledger. */
  readonly timeZone: string
  position: number
  /** What the projection remembers from batch to batch. */
  readonly memory: Memory
  /** Events of one batch, at most. */
  readonly batchSize: number
  /** Is told when events are visible that belong to a trace; absent or null: nobody traces. */
  readonly tell?: Tracing['tell'] | null
}

/** A proposal that is parked in a projection because one of its events cannot be applied there. */
export interface ParkedProposal {
  readonly proposalId: string
  readonly parked: Parked | null
  /** What was thrown, if anything: for our log. */
  readonly cause?: unknown
}

export type Step =
  /** `changed`: the proposals of these events, and the ones that they are linked to. `lastId`: the id of the last of them. */
  | { outcome: 'applied'; events: number; lastId: string | null; changed: string[] | 'many'; parked: ParkedProposal[] }
  | { outcome: 'idle' }
  /** Another projector has moved the checkpoint, or the generation has changed. Nothing was written. */
  | { outcome: 'superseded' }

/** A table with rows of proposals, separate for each generation. */
export interface ProjectionTable {
  readonly name: string
  /** Its columns, without the generation; the first is `proposal_id`. */
  readonly types: Readonly<Record<string, ColumnType>>
  /** The columns that identify a row within a generation. */
  readonly key: readonly string[]
  /** Whether each generation has its own partition, which is filled before it is attached and indexed. */
  readonly isPartitioned: boolean
  /** Whether it has one row for each proposal. */
  readonly isOneEach?: boolean
  /** For tables in which rows stay after they cease to hold: what to report if a row that follows from the whole stream is missing. */
  readonly lacks?: (row: Readonly<Record<string, unknown>>) => string
}

export interface Projection<Memory = unknown> {
  readonly name: ProjectionName
  /** The memory of a projector that starts; nobody else writes to it. @param bytes that it may take, roughly */
  createMemory(bytes: number): Memory
  /**
   * Applies the next events, up to position `upTo`. On `applied`, rows and checkpoint are committed and `position` has moved.
   *
   * @throws any error of the database. Then it is only certain that rows and checkpoint still match; the caller drops the memory and reads
   * the position again.
   */
  step(projector: Projector<Memory>, upTo?: number): Promise<Step>
  /**
   * All tables that it writes about proposals. Code that fills, compares and checks generations needs to know nothing else about a
   * projection.
   */
  readonly tables: readonly ProjectionTable[]
  /**
   * Pure: for each table, the rows that steps over these whole streams would have written. If a row takes several stages, all streams go
   * through one stage before the first goes through the next (docs/decisions/0014-requests-in-stages.md says why).
   */
  rowsOf(streams: readonly Stream[], timeZone: string): Sliced<readonly (readonly object[])[]>
  /** A query for the parked proposals of generation $1: `proposal_id`, `parked`, `position`. */
  readonly parkedRows: string
}

/** The tables that a generation is filled into in bulk. Its own partitions are not attached yet, and have no indexes. */
export function targetsOf({ tables }: Projection, generation: number): CopyTarget[] {
  return tables.map(({ name, types, isPartitioned }) => {
    return { table: isPartitioned ? `${name}_${generation}` : name, generation, types }
  })
}

/** The next batch after the checkpoint, up to position `upTo`; empty if there is none. */
export async function readBatch(projector: Projector, upTo: number): Promise<readonly LogLine[]> {
  const { pool, position, batchSize } = projector
  const limit = Math.min(batchSize, upTo - position)
  return limit > 0 ? carefully(projector, await readLog(pool, { after: position, limit })) : []
}

/** Thrown if the results of several events would take more memory than a batch may. */
export class TooMuchAtOnce extends Error {
  override readonly name = 'TooMuchAtOnce'
}

/**
 * Applies a batch, or its first half if all of it is too much at once. If the database refuses the content, it would always refuse it. So
 * the batch is halved until the offending event is alone, and then that event is parked.
 */
export async function applyOrPark(
  entries: readonly LogLine[],
  apply: (entries: readonly LogLine[]) => Promise<Step>,
  park: (offending: LogLine, cause: unknown) => Promise<Step>,
): Promise<Step> {
  try {
    return await apply(entries)
  } catch (error) {
    const halve = error instanceof TooMuchAtOnce
    if (!halve && classifyFault(error) !== 'content') throw error
    if (entries.length > 1) return applyOrPark(entries.slice(0, Math.ceil(entries.length / 2)), apply, park)
    return park(entries[0] as LogLine, error)
  }
}
