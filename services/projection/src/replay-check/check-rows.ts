import type { Pool, PoolClient } from 'pg'
import type { Row } from '../projector/row.ts'
import { withRow } from '../projector/step.ts'
import { rowColumns, rowTypes } from '../projector/write.ts'
import type { Generation } from '../read-model/generations.ts'
import { foldEntries } from '../rebuild/fold-entries.ts'
import { type Stream, streamsInOrder } from '../rebuild/streams.ts'
import { type Findings, find } from './check.ts'

interface Job {
  /** For the log, which is read beside the snapshot: below its position it never changes. */
  readonly pool: Pool
  /** In the snapshot. */
  readonly client: PoolClient
  readonly live: Generation
  readonly timeZone: string
  readonly findings: Findings
}

/** Streams that are compared at once. */
const batchSize = 200

/**
 * Folds every stream up to the position of the live generation and compares with its row. Returns how many there are.
 */
export async function checkRows(job: Job): Promise<number> {
  let proposals = 0
  let batch: Stream[] = []
  for await (const stream of streamsInOrder(job.pool, job.live.position)) {
    checkVersions(stream, job.findings)
    proposals += 1
    if (batch.push(stream) < batchSize) continue
    await compareBatch(job, batch)
    batch = []
  }
  await compareBatch(job, batch)
  await findStrangers(job)
  return proposals
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

async function compareBatch({ client, live, timeZone, findings }: Job, batch: Stream[]): Promise<void> {
  if (batch.length === 0) return
  const expected: Row[] = batch.map(({ entries }) => withRow(foldEntries(entries), timeZone).row)
  const { rows } = await client.query(compareQuery, [live.generation, JSON.stringify(expected)])
  for (const { proposal_id: proposalId, missing, columns } of rows) {
    if (missing) find(findings, { what: 'has no row', proposalId })
    else if (columns.length > 0)
      find(findings, { what: `the row differs from the fold in ${columns.join(', ')}`, proposalId })
  }
}

/** Rows of proposals that the log does not know. */
async function findStrangers({ client, live, findings }: Job): Promise<void> {
  const { rows } = await client.query(
    `SELECT proposal_id FROM proposal_status s WHERE generation = $1
       AND NOT EXISTS (
         SELECT FROM events e WHERE e.proposal_id = s.proposal_id AND e.version = 1 AND e.position <= $2
       )`,
    [live.generation, live.position],
  )
  for (const { proposal_id: proposalId } of rows) find(findings, { what: 'has a row but no events', proposalId })
}
