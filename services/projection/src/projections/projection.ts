/** What a projection is: one of the read models that are kept from the log, each at its own pace. */

import type { Sliced } from '@commitments/domain'
import { classifyFault, readLog } from '@commitments/event-store'
import type { ColumnType, CopyTarget } from '../copy-binary.ts'
import type { ProjectionName } from '../projection-names.ts'
import { type LogLine } from '../streams/log-line.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { type Parked } from './parked.ts'
import { carefully, type Tried } from './set-aside.ts'

/**
 * A projector of one generation. Several may exist, in this process and in others; the checkpoint says whose turn
 * counts.
 */
export interface Projector<Memory = unknown> extends Tried {
  readonly state: 'building' | 'live'
  /** Of the ledger. */
  readonly timeZone: string
  position: number
  /** What the projection remembers from batch to batch. */
  readonly memory: Memory
  /** Events of one batch, at most. */
  readonly batchSize: number
}

/** A proposal that stands still in a projection, because an event of it cannot be applied there. */
export interface ParkedProposal {
  readonly proposalId: string
  readonly parked: Parked | null
  /** What was thrown, where something was: for our log. */
  readonly cause?: unknown
}

export type Step =
  /** `changed`: the proposals of these events, and those that they are linked to. */
  | { outcome: 'applied'; events: number; changed: string[]; parked: ParkedProposal[] }
  | { outcome: 'idle' }
  /** Another projector moved the checkpoint, or the generation is no longer what it was. Nothing was written. */
  | { outcome: 'superseded' }

/** A table that holds rows of proposals, a generation's apart from another's. */
export interface ProjectionTable {
  readonly name: string
  /** Its columns beside the generation; the first is `proposal_id`. */
  readonly types: Readonly<Record<string, ColumnType>>
  /** The columns that tell the rows of a generation apart. */
  readonly key: readonly string[]
  /** Whether each generation has a part of its own, which is filled before it is attached and gets its indexes. */
  readonly isPartitioned: boolean
  /** Whether there is one row for each proposal. */
  readonly isOneEach?: boolean
  /** Where rows stay when what they say has ceased to hold: what is said of a row that a whole stream comes to and that is missing. */
  readonly lacks?: (row: Readonly<Record<string, unknown>>) => string
}

export interface Projection<Memory = unknown> {
  readonly name: ProjectionName
  /** Of a projector that begins; nobody else writes to it. @param bytes that it may take, about */
  createMemory(bytes: number): Memory
  /**
   * Applies the next events, up to position `upTo`. On `applied` rows and checkpoint are committed and `position` has
   * moved on.
   * @throws what the database throws. Nothing is certain then but that rows and checkpoint still fit together; the
   * caller forgets the memory and reads the position again.
   */
  step(projector: Projector<Memory>, upTo?: number): Promise<Step>
  /** Everything that it writes of proposals. What fills, compares and checks generations needs to know no more of a projection. */
  readonly tables: readonly ProjectionTable[]
  /**
   * Pure: for each of the tables, the rows that steps over these whole streams would have written. Where there are several steps to a row,
   * all streams take one before the first takes the next (docs/decisions/0014-requests-in-stages.md says why).
   */
  rowsOf(streams: readonly Stream[], timeZone: string): Sliced<readonly (readonly object[])[]>
  /** A query for the proposals that stand still in generation $1: `proposal_id`, `parked`, `position`. */
  readonly parkedRows: string
}

/** The tables that a generation is filled into in bulk: its own are not attached yet then, and have no indexes. */
export function targetsOf({ tables }: Projection, generation: number): CopyTarget[] {
  return tables.map(({ name, types, isPartitioned }) => {
    return { table: isPartitioned ? `${name}_${generation}` : name, generation, types }
  })
}

/** The next batch after the checkpoint, up to position `upTo`; empty where there is none. */
export async function readBatch(projector: Projector, upTo: number): Promise<readonly LogLine[]> {
  const { pool, position, batchSize } = projector
  const limit = Math.min(batchSize, upTo - position)
  return limit > 0 ? carefully(projector, await readLog(pool, { after: position, limit })) : []
}

/** Thrown where what several events come to would take more memory than a batch may. */
export class TooMuchAtOnce extends Error {
  override readonly name = 'TooMuchAtOnce'
}

/**
 * Applies a batch, or the first half of it where all of it is too much at once. Where the database refuses what it says, it would refuse it for ever: the batch is halved until the
 * guilty event is alone in it, and then that one is parked.
 */
export async function applyOrPark(
  entries: readonly LogLine[],
  apply: (entries: readonly LogLine[]) => Promise<Step>,
  park: (guilty: LogLine, cause: unknown) => Promise<Step>,
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
