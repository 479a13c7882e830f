import { classifyFault } from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import type { Generation } from '../projections/generations.ts'
import type { Row } from '../status/row.ts'
import { statusRows } from '../status/status-projection.ts'
import { rowColumns, rowTypes } from '../status/write-status.ts'
import { inBatches, type Stream, streamsInOrder } from '../streams/streams-in-order.ts'
import { type Findings, find } from './check.ts'

/** What is compared with, and where it is noted. */
export interface Comparing {
  /** In the snapshot. */
  readonly client: PoolClient
  readonly live: Generation
  readonly timeZone: string
  readonly findings: Findings
}

interface Job extends Comparing {
  /** For the log, which is read beside the snapshot: below its position it never changes. */
  readonly pool: Pool
}

/** Streams that are compared at once, at least. */
const batchSize = 200

/**
 * Folds every stream up to the position of the live generation and compares with its row. Returns how many there are.
 */
export async function checkRows(job: Job): Promise<number> {
  let proposals = 0
  for await (const streams of inBatches(streamsInOrder(job.pool, 'proposal-status', job.live.position), batchSize)) {
    proposals += streams.length
    await compareStreams(job, streams)
  }
  await findStrangers(job, null)
  return proposals
}

/** Folds whole streams, up to the position of the live generation, and compares with their rows. */
export async function compareStreams(job: Comparing, streams: readonly Stream[]): Promise<void> {
  for (const stream of streams) checkVersions(stream, job.findings)
  await compareBatch(job, streams)
}

function checkVersions({ proposalId, entries }: Stream, findings: Findings): void {
  const wrong = entries.find(({ version }, index) => version !== index + 1)
  if (wrong) find(findings, { what: 'versions are not contiguous', proposalId, position: wrong.position })
}

/** The database compares, so that every column is what it would be if it were written now. */
const compareQuery = `
  SELECT t.proposal_id, s.proposal_id IS NULL AS missing, array_remove(ARRAY[${rowColumns
    .filter((name) => name !== 'proposal_id')
    .map((name) => `CASE WHEN s.${name} IS DISTINCT FROM t.${name} THEN '${name}' END`)
    .join(', ')}], NULL) AS columns
    FROM json_to_recordset($2::json) AS t(${rowColumns.map((name) => `${name} ${rowTypes[name]}`).join(', ')})
    LEFT JOIN proposal_status s ON s.generation = $1 AND s.proposal_id = t.proposal_id`

/** Where the database cannot take what a stream comes to, the batch is halved until that stream is alone in it. */
async function compareBatch(job: Comparing, batch: readonly Stream[]): Promise<void> {
  if (batch.length === 0) return
  if (await compareRows(job, statusRows(batch, job.timeZone))) return
  if (batch.length === 1) return checkUnstorable(job, batch[0] as Stream)
  const middle = Math.ceil(batch.length / 2)
  await compareBatch(job, batch.slice(0, middle))
  await compareBatch(job, batch.slice(middle))
}

/** False where the database cannot take one of them. */
async function compareRows({ client, live, findings }: Comparing, expected: Row[]): Promise<boolean> {
  await client.query('SAVEPOINT before_rows')
  try {
    const { rows } = await client.query(compareQuery, [live.generation, JSON.stringify(expected)])
    for (const { proposal_id: proposalId, missing, columns } of rows) {
      if (missing) find(findings, { what: 'has no row', proposalId })
      else if (columns.length > 0)
        find(findings, { what: `the row differs from the fold in ${columns.join(', ')}`, proposalId })
    }
    return true
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    await client.query('ROLLBACK TO before_rows')
    return false
  }
}

/** No row can be what this stream comes to, so the projector must have parked it. */
async function checkUnstorable({ client, live, findings }: Comparing, { proposalId }: Stream): Promise<void> {
  const { rows } = await client.query(
    `SELECT FROM proposal_status WHERE generation = $1 AND proposal_id = $2 AND parked ->> 'code' = 'unstorable'`,
    [live.generation, proposalId],
  )
  if (rows.length === 0) find(findings, { what: 'cannot be stored and is not parked for it', proposalId })
}

/** Rows of proposals that the log does not know: of all, or of some. */
export async function findStrangers(job: Comparing, proposalIds: readonly string[] | null): Promise<void> {
  const { client, live, findings } = job
  const { rows } = await client.query(
    `SELECT proposal_id FROM proposal_status s WHERE generation = $1
       AND ($3::text[] IS NULL OR proposal_id = ANY($3))
       AND NOT EXISTS (
         SELECT FROM events e WHERE e.proposal_id = s.proposal_id AND e.version = 1 AND e.position <= $2
       )`,
    [live.generation, live.position, proposalIds],
  )
  for (const { proposal_id: proposalId } of rows) find(findings, { what: 'has a row but no events', proposalId })
}
