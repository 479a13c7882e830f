/**
 * How dense proposals stood at a moment: their moments are not in the tables (bitemporal-rows.ts), so their streams are folded when somebody asks,
 * and what comes of it is put beside the tables. One question folds at a time and one stream at a time, in turns with everything else;
 * a moment that is asked for again is remembered.
 */

import {
  conditionSteps,
  type Day,
  effectiveHistory,
  eventsASlice,
  foldingStream,
  inOrder,
  orderOf,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { TookTooLong } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { type RawBuilder, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Snapshot } from '../projections/snapshot.ts'
import { type LogLine } from '../streams/log-line.ts'
import { createTurns, inTurn, type Turns } from '../turns.ts'
import { firstImpossible, readable } from './apply-batch.ts'
import { type FacetsRow, facetsRow, type MomentRow, momentRow } from './bitemporal-rows.ts'
import type { PointInTime } from './point-in-time.ts'
import { contentOf } from './row-content.ts'
import { readStreams } from './streams-at.ts'
import { facetsColumns, facetsDefinition, momentColumns, momentDefinition } from './write-past.ts'

interface Row {
  readonly moment: MomentRow
  readonly facets: FacetsRow
}

/** What was folded before. */
export interface FoldMemory {
  readonly rows: LRUCache<string, { readonly row: Row | null }>
  /** One question at a time. */
  readonly turns: Turns
}

/** @param maxBytes that the rows remembered may take, roughly. */
export function createFoldMemory(maxBytes: number): FoldMemory {
  return { rows: new LRUCache({ maxSize: maxBytes, sizeCalculation: weightOf }), turns: createTurns(1) }
}

function weightOf({ row }: { readonly row: Row | null }): number {
  return 500 + (row === null ? 0 : JSON.stringify(row).length * 2)
}

/** Milliseconds for one question. What was folded by then is remembered, so that the next one gets further. */
const foldingLimit = 10_000

/**
 * The moment, with the rows of the dense proposals at it; most ledgers have none.
 *
 * @param timeZone of the ledger.
 * @throws TookTooLong where there is more to fold than one question may take
 */
export async function withDense(
  at: PointInTime,
  snapshot: Snapshot,
  timeZone: string,
  memory: FoldMemory,
): Promise<PointInTime> {
  const dense = await readDense(snapshot, at.known)
  if (dense.length === 0) return at
  const rows = await inTurn(memory.turns, () => foldAll(dense, at, { snapshot, timeZone, memory }))
  const moments = JSON.stringify(rows.map(({ moment }) => moment))
  return { ...at, folded: { moments, facets: JSON.stringify(rows.map(({ facets }) => facets)) } }
}

interface Dense {
  readonly id: string
  /** The last that was known. */
  readonly version: number
}

async function readDense({ db, generation }: Snapshot, known: number): Promise<readonly Dense[]> {
  const { rows } = await sql<Dense>`SELECT d.proposal_id AS id, e.version FROM dense_moments d CROSS JOIN LATERAL
      (SELECT version FROM events e WHERE e.proposal_id = d.proposal_id AND e.position <= ${known}::bigint
        ORDER BY version DESC LIMIT 1) e
    WHERE d.generation = ${sql.lit(generation)} ORDER BY d.proposal_id`.execute(db)
  return rows
}

interface Folding {
  readonly snapshot: Snapshot
  readonly timeZone: string
  readonly memory: FoldMemory
}

async function foldAll(dense: readonly Dense[], at: PointInTime, folding: Folding): Promise<Row[]> {
  const { snapshot, timeZone, memory } = folding
  const until = performance.now() + foldingLimit
  const rows: Row[] = []
  for (const { id, version } of dense) {
    const key = [snapshot.logId, id, version, at.asOf ?? ''].join(' ')
    let known = memory.rows.get(key)
    if (known === undefined) {
      if (performance.now() > until) throw new TookTooLong(`${dense.length} dense proposals were not folded in time.`)
      const streams = await readStreams(snapshot, [id], at.known)
      known = { row: await inTurns(rowAt(streams.get(id) ?? [], at.asOf, timeZone)) }
      memory.rows.set(key, known)
    }
    if (known.row !== null) rows.push(known.row)
  }
  return rows
}

/** What the tables would hold of a proposal at a moment; null where there is nothing. */
function* rowAt(entries: readonly LogLine[], asOf: Day | null, timeZone: string): Sliced<Row | null> {
  const { events } = yield* readable(entries)
  const last = events.at(-1)
  if (last === undefined) return null
  let proposal: Proposal | null
  try {
    proposal = yield* stateAt(events, asOf, timeZone)
  } catch (error) {
    // As far as it can be told: it stands still there.
    const { event } = yield* firstImpossible(events, 0, timeZone, error)
    proposal = yield* stateAt(events.slice(0, event.version - 1), asOf, timeZone)
  }
  if (proposal === null) return null
  const { version, position, recordedAt } = last
  const content = contentOf(proposal)
  const conditions = conditionSteps({ ...proposal, version, position, recordedAt }, timeZone)
  const moment = momentRow({ ...last, position: 0 }, { from: asOf ?? '0001-01-01', content, conditions }, 'infinity')
  return { moment, facets: facetsRow(last.proposalId, content) }
}

/** The fold of what counts by the day; of all that was known where there is none. */
function* stateAt(events: readonly RecordedEvent[], asOf: Day | null, timeZone: string): Sliced<Proposal | null> {
  if (asOf === null) return yield* foldingStream(events, timeZone)
  const reading = inOrder(orderOf(effectiveHistory(events), timeZone))
  let proposal: Proposal | null = null
  for (let count = 1; ; count += 1) {
    const read = reading.next()
    if (read.done || read.value.from > asOf) return proposal
    proposal = read.value.after
    if (count % eventsASlice === 0) yield
  }
}

/** The table of moments, with what was folded beside it. */
export function momentsTable({ folded }: PointInTime, snapshot: Pick<Snapshot, 'generation'>): RawBuilder<unknown> {
  return withFolded('proposal_moments', folded?.moments, snapshot)
}

/** The table of facets, likewise. */
export function facetsTable({ folded }: PointInTime, snapshot: Pick<Snapshot, 'generation'>): RawBuilder<unknown> {
  return withFolded('moment_facets', folded?.facets, snapshot)
}

function withFolded(name: keyof typeof tables, json: string | undefined, { generation }: Pick<Snapshot, 'generation'>) {
  if (json === undefined) return sql.raw(name)
  const [before = '', after = ''] = besideTable(name, String(generation), '|').split('|')
  return sql`${sql.raw(before)}${json}${sql.raw(after)}`
}

const tables = {
  proposal_moments: { columns: momentColumns.join(', '), definition: momentDefinition },
  moment_facets: { columns: facetsColumns.join(', '), definition: facetsDefinition },
}

/** One of these tables with rows given as JSON beside it; `generation` and `json` stand in the statement as they are. */
export function besideTable(name: keyof typeof tables, generation: string, json: string): string {
  const { columns, definition } = tables[name]
  return `(SELECT generation, ${columns} FROM ${name}
    UNION ALL SELECT ${generation}::integer, ${columns} FROM json_to_recordset(${json}::json) AS t(${definition}))`
}
