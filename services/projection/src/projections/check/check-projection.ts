/**
 * Compares a generation of a projection with a new fold of the events: for every proposal (replay check), or for some (drift). It knows
 * only what the projection declares about itself.
 */
import { classifyFault } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import type { Pool, PoolClient } from 'pg'
import { setAside } from '../../streams/log-line.ts'
import { inBatches, type Stream, streamsInOrder } from '../../streams/streams-in-order.ts'
import type { Generation } from '../generations.ts'
import type { Projection, ProjectionTable } from '../projection.ts'
import { differingRows } from './differing-rows.ts'
import { type Finding, type Findings, report } from './findings.ts'

export interface Checking {
  readonly projection: Projection
  /** The connection whose transaction is the snapshot. */
  readonly client: PoolClient
  /** The live generation in the snapshot. */
  readonly live: Generation
  readonly timeZone: string
  readonly findings: Findings
}

/** The least number of streams that are compared at once. */
const batchSize = 200

/**
 * Folds every stream up to the position of the live generation and compares. Returns their number.
 *
 * @param pool for the log, which is read beside the snapshot: up to its position it never changes
 */
export async function checkProjection(
  checking: Checking,
  pool: Pool,
  onStream: (stream: Stream) => void = () => {},
): Promise<number> {
  const { projection, live } = checking
  let proposals = 0
  for await (const streams of inBatches(streamsInOrder(pool, projection.name, live.position), batchSize)) {
    proposals += streams.length
    for (const stream of streams) onStream(stream)
    await compareStreams(checking, streams)
  }
  await findUnexpectedRows(checking, null)
  return proposals
}

/**
 * Folds whole streams, up to the position of the live generation, and compares with what is stored. If the database cannot store the result
 * of a stream, the batch is halved until that stream is alone.
 */
export async function compareStreams(checking: Checking, batch: readonly Stream[]): Promise<void> {
  const [only] = batch
  if (only === undefined) return
  const found = await differencesOf(checking, batch)
  if (found !== null) return found.forEach((finding) => report(checking.findings, finding))
  if (batch.length === 1) return checkUnstorable(checking, only)
  const middle = Math.ceil(batch.length / 2)
  await compareStreams(checking, batch.slice(0, middle))
  await compareStreams(checking, batch.slice(middle))
}

/** Null if the database cannot store one of them. */
async function differencesOf(checking: Checking, batch: readonly Stream[]): Promise<Finding[] | null> {
  const { client, projection, timeZone } = checking
  const expected = await inTurns(projection.rowsOf(batch, timeZone))
  const ids = batch.map(({ proposalId }) => proposalId)
  const found: Finding[] = []
  await client.query('SAVEPOINT before_rows')
  try {
    for (const [index, table] of projection.tables.entries())
      found.push(...(await compareTable(checking, table, ids, expected[index] ?? [])))
    return found
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    await client.query('ROLLBACK TO before_rows')
    return null
  }
}

interface Differing {
  readonly proposal_id: string
  readonly missing: boolean
  readonly columns: readonly string[]
  /** The other columns of the key. */
  readonly [column: string]: unknown
}

/** The database compares, so that every column has the form that it would have if it were written now. */
async function compareTable(
  { client, live }: Checking,
  table: ProjectionTable,
  ids: readonly string[],
  expected: readonly object[],
): Promise<Finding[]> {
  const { name, types, lacks } = table
  const definition = Object.entries(types).map(([column, type]) => `${column} ${type}`)
  const stored = `${name} WHERE generation = $1`
  const fresh = `json_to_recordset($2::json) AS t(${definition.join(', ')})`
  const values: unknown[] = [live.generation, JSON.stringify(expected)]
  const text = lacks
    ? differingRows(table, stored, fresh)
    : differingRows(table, `${stored} AND proposal_id = ANY($3)`, fresh)
  const { rows } = await client.query<Differing>(text, lacks ? values : [...values, ids])
  return [...Map.groupBy(rows, (row) => row.proposal_id)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([proposalId, own]) => wordsFor(table, own).map((what) => ({ what, proposalId })))
}

function wordsFor({ name, isOneEach, lacks }: ProjectionTable, rows: readonly Differing[]): string[] {
  if (lacks) return rows.map((row) => lacks(row))
  const [first] = rows
  if (!isOneEach) return [`${rows.length} rows of ${name} differ from the fold`]
  return [first?.missing ? 'has no row' : `the row differs from the fold in ${first?.columns.join(', ')}`]
}

/** The result of this stream cannot be stored as rows, so it must have been parked. */
async function checkUnstorable(
  { client, live, findings, projection }: Checking,
  { proposalId }: Stream,
): Promise<void> {
  const { rows } = await client.query<object>(
    `SELECT FROM (${projection.parkedRows}) p WHERE proposal_id = $2 AND parked ->> 'code' = 'unstorable'`,
    [live.generation, proposalId],
  )
  const what = `what it comes to in ${projection.name} cannot be stored, and it is not parked for it`
  if (rows.length === 0) report(findings, { what, proposalId })
}

/** Rows of proposals that are not in the log: among all proposals, or some. */
export async function findUnexpectedRows(
  { client, live, findings, projection }: Checking,
  proposalIds: readonly string[] | null,
): Promise<void> {
  for (const { name, isOneEach } of projection.tables.filter(({ lacks }) => !lacks)) {
    const { rows } = await client.query<{ proposalId: string }>(
      `SELECT DISTINCT proposal_id AS "proposalId" FROM ${name} m WHERE generation = $1
         AND ($3::text[] IS NULL OR proposal_id = ANY($3))
         AND NOT EXISTS (
           SELECT FROM events e WHERE e.proposal_id = m.proposal_id AND e.version = 1 AND e.position <= $2
         ) ORDER BY proposal_id`,
      [live.generation, live.position, proposalIds],
    )
    const what = isOneEach ? 'has a row but no events' : `has rows of ${name} but no events`
    for (const { proposalId } of rows) report(findings, { what, proposalId })
  }
}

/** For a stream in which a version is missing, up to the event that is set aside. */
export function checkVersions({ proposalId, entries }: Stream, findings: Findings): void {
  const aside = entries.findIndex(({ line }) => line === setAside)
  const wrong = entries.find(({ version }, index) => version !== index + 1 && (aside < 0 || index <= aside))
  if (wrong) report(findings, { what: 'versions are not contiguous', proposalId, position: wrong.position })
}
