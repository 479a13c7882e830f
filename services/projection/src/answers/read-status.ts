/** The status of one proposal: from memory if the view allows it, otherwise from the database. */

import { hash } from 'node:crypto'
import {
  type ConditionStep,
  conditionSteps,
  type Day,
  inOrderOfDays,
  type Proposal,
  type Renaming,
  relations,
  type Status,
  statusOf,
  withNamesInForce,
} from '@commitments/domain'
import { LedgerUnusable } from '@commitments/event-store'
import { forEverybody } from '@commitments/http-kit'
import type { Pool, QueryConfig } from 'pg'
import {
  type RelatedRow,
  relatedColumnsNow,
  relatedOf,
  relatedTablesNow,
  standsAlone,
  unrelated,
} from '../lists/related.ts'
import { renamingsNow } from '../lists/renamings.ts'
import { type Parked } from '../projections/parked.ts'
import type { Checkpoint } from '../projections/view.ts'
import { heldAt } from '../status/states.ts'
import { type KeptAnswer, keep, kept, longestKept, type StatusView } from './status-cache.ts'

export interface StatusReader {
  readonly pool: Pool
  readonly view: StatusView
  readonly today: () => Day
  readonly timeZone: string
  /** Reads in progress, so that many callers who miss the same proposal query the database once. */
  readonly underWay: Map<string, Promise<Found>>
}

interface Found {
  readonly answer: KeptAnswer
  /** The log of the answer, and the position up to which it has seen the log. */
  readonly logId: string
  readonly position: number
}

export function createStatusReader(parts: Omit<StatusReader, 'underWay'>): StatusReader {
  return { ...parts, underWay: new Map() }
}

/** The answer from memory, if one is valid today. It has seen the current position of the view. */
export function statusFromMemory(reader: StatusReader, proposalId: string): KeptAnswer | undefined {
  const { view, today } = reader
  const day = today()
  return kept(view, proposalId, day) ?? answerFresh(reader, proposalId, day)
}

/** For a proposal that the local projector has just written, and that nothing is linked to. */
function answerFresh(reader: StatusReader, proposalId: string, day: Day): KeptAnswer | undefined {
  const { view } = reader
  if (view.isRenamed !== false) return undefined
  const held = heldAt(view.memory, view.position, proposalId, longestKept)
  if (!held?.state || held.parked) return undefined
  const { state, position, parked } = held
  const answer = answerOf(reader, state, { ...unrelated, renamings: null, position, parked }, view, day)
  keep(view, proposalId, answer, view)
  return answer
}

/** An answer that has seen at least what the view had seen when this was called. */
export async function readStatus(reader: StatusReader, proposalId: string): Promise<Found> {
  const wanted = reader.view.position
  const joined = await reader.underWay.get(proposalId)
  if (joined !== undefined && joined.position >= wanted) return joined
  const reading = forEverybody(() => readAndKeep(reader, proposalId)).finally(() => {
    if (reader.underWay.get(proposalId) === reading) reader.underWay.delete(proposalId)
  })
  reader.underWay.set(proposalId, reading)
  return reading
}

async function readAndKeep(reader: StatusReader, proposalId: string): Promise<Found> {
  const day = reader.today()
  const { pasts } = reader.view
  const { row, standing } = await readRow(reader.pool, proposalId)
  const answer = row === null ? unknownAnswer(day) : answerOfRow(reader, row, standing, day)
  if (row !== null && isAt(reader.view, standing)) reader.view.isRenamed = row.renamings !== null
  // Meanwhile, what was read may have become another past.
  if (pasts === reader.view.pasts) keep(reader.view, proposalId, answer, standing)
  return { answer, logId: standing.logId, position: standing.position }
}

/** Whether the answer was read exactly where the view stands now. After a restore, positions belong to another log. */
function isAt({ logId, generation, position }: Checkpoint, standing: Checkpoint): boolean {
  return standing.logId === logId && standing.generation === generation && standing.position === position
}

interface Shown extends RelatedRow {
  /** All renamings of parties in the ledger, in any order. */
  readonly renamings: readonly Renaming[] | null
  readonly position: number
  readonly parked: Parked | null
}

interface StatusRow extends Shown {
  readonly state: string | null
}

const own = `live.generation, live.position AS checked, live.log_id AS "logId",
  s.proposal_id AS found, s.state, s.position, s.parked, ${renamingsNow}`

const live = `SELECT g.generation, g.position, i.log_id FROM projection_generations g
  CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
  WHERE g.projection = 'proposal-status' AND g.state = 'live'`

/** Most proposals are never linked to; the index shows that cheaply. */
const statusQuery = {
  name: 'read-status',
  text: `SELECT ${own}, EXISTS (
      SELECT FROM proposal_links k WHERE k.generation = live.generation AND k.other = $1) AS linked
    FROM (${live}) live LEFT JOIN proposal_status s ON s.generation = live.generation AND s.proposal_id = $1`,
}

const relatedQuery = {
  name: 'read-related-status',
  text: `WITH RECURSIVE live AS MATERIALIZED (${live}), ${relatedTablesNow} SELECT ${own}, ${relatedColumnsNow}
    FROM live LEFT JOIN proposal_status s ON s.generation = live.generation AND s.proposal_id = $1`,
}

/** The columns of `own`: the checkpoint, and the proposal's row if there is one (`found` is null if there is none). */
interface OwnRow extends Pick<StatusRow, 'state' | 'position' | 'parked'> {
  readonly renamings: readonly Renaming[] | null
  readonly generation: number
  readonly checked: number
  readonly logId: string
  readonly found: string | null
}

/**
 * The row, what others say about the proposal, and the checkpoint, in one statement and so from one snapshot. If others may be linked to
 * it, the answer comes completely from the second statement.
 */
async function readRow(pool: Pool, proposalId: string): Promise<{ row: StatusRow | null; standing: Checkpoint }> {
  const { linked, ...alone } = await readOne<OwnRow & { linked: boolean }>(pool, {
    ...statusQuery,
    values: [proposalId],
  })
  const values = [proposalId, relations]
  const found = linked
    ? await readOne<OwnRow & RelatedRow>(pool, { ...relatedQuery, values })
    : { ...alone, ...unrelated }
  const { generation, checked, logId, found: id, ...row } = found
  return { row: id === null ? null : row, standing: { logId, generation, position: checked } }
}

async function readOne<Row extends OwnRow>(pool: Pool, query: QueryConfig): Promise<Row> {
  const { rows } = await pool.query<Row>(query)
  const [first] = rows
  if (first === undefined) throw new LedgerUnusable('No generation of the read model is live.')
  return first
}

const nothing = Buffer.alloc(0)

function unknownAnswer(day: Day): KeptAnswer {
  return { status: 404, body: nothing, etag: '', day, until: null, onlyAt: null }
}

/** A proposal without a state (its first event is parked) is 404 as well; the body then says where it is parked. */
function answerOfRow(reader: StatusReader, row: StatusRow, standing: Checkpoint, day: Day): KeptAnswer {
  if (row.state === null) return { ...unknownAnswer(day), body: bytesOf(JSON.stringify(row.parked)) }
  return answerOf(reader, JSON.parse(row.state) as Proposal, row, standing, day)
}

function answerOf(
  { timeZone }: StatusReader,
  proposal: Proposal,
  row: Shown,
  standing: Checkpoint,
  day: Day,
): KeptAnswer {
  const { from, until } = stretchAround(conditionSteps(proposal, timeZone), day)
  const recorded = statusBody(proposal, row.parked, day, timeZone)
  const status = withNamesInForce(recorded, inOrderOfDays(row.renamings ?? []))
  const alone = standsAlone(row) && status === recorded
  const { logId, generation } = standing
  const body = bytesOf(`${JSON.stringify(status).slice(0, -1)},"related":${JSON.stringify(relatedOf(row))}}`)
  return {
    status: 200,
    body,
    // By its bytes: positions alone do not tell a status from another one that was lost with its events.
    etag: `"${logId.slice(0, 8)}-${generation}-${hash('sha256', body, 'base64url').slice(0, 22)}"`,
    day: from ?? '',
    until,
    onlyAt: alone ? null : standing.position,
  }
}

/** In memory of its own: a small Buffer is otherwise a part of a larger one, which it would keep. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

export type ServedStatus = Status & { parked?: Parked }

/** What is served about a proposal: its status, and where it is parked if it is. */
export function statusBody(proposal: Proposal, parked: Parked | null, day: Day, timeZone: string): ServedStatus {
  const status = statusOf(proposal, day, timeZone)
  return parked === null ? status : { ...status, parked }
}

/** The range of days around this one in which the condition does not change by itself: its first day, and the first day after it. */
export function stretchAround(steps: readonly ConditionStep[], day: Day): { from: Day | null; until: Day | null } {
  const next = steps.findIndex(({ from }) => from !== null && from > day)
  const current = next < 0 ? steps.at(-1) : steps[next - 1]
  return { from: current?.from ?? null, until: next < 0 ? null : (steps[next]?.from ?? null) }
}
