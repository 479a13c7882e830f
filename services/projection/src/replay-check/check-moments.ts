/** The tables beside the status: moments and links. */
import { classifyFault } from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import { momentsOfStream } from '../past/apply-batch.ts'
import {
  denseDefinition,
  denseRow,
  denseTypes,
  facetsColumns,
  facetsDefinition,
  momentColumns,
  momentDefinition,
  parkedColumns,
  parkedDefinition,
  parkedRow,
} from '../past/write-past.ts'
import type { Generation } from '../projections/generations.ts'
import { inBatches, type Stream, streamsInOrder } from '../streams/streams-in-order.ts'
import { type Findings, find } from './check.ts'

interface Job {
  /** For the log, which is read beside the snapshot: below its position it never changes. */
  readonly pool: Pool
  /** In the snapshot. */
  readonly client: PoolClient
  /** Of the moments. */
  readonly live: Generation
  readonly timeZone: string
  readonly findings: Findings
}

interface Table {
  readonly name: 'proposal_moments' | 'moment_facets' | 'parked_moments' | 'dense_moments'
  readonly columns: readonly string[]
  readonly definition: string
  readonly key: readonly string[]
}

const moments: Table = {
  name: 'proposal_moments',
  columns: momentColumns,
  definition: momentDefinition,
  key: ['proposal_id', 'known_to', 'valid_from', 'known_from'],
}
const facets: Table = {
  name: 'moment_facets',
  columns: facetsColumns,
  definition: facetsDefinition,
  key: ['proposal_id', 'facets'],
}

const parked: Table = {
  name: 'parked_moments',
  columns: parkedColumns,
  definition: parkedDefinition,
  key: ['proposal_id'],
}

const dense: Table = {
  name: 'dense_moments',
  columns: Object.keys(denseTypes),
  definition: denseDefinition,
  key: ['proposal_id'],
}

/** Streams that are compared at once, at least. */
const batchSize = 200

/** Folds every beginning of each stream, and compares the moments that come of it with those that are stored. */
export async function checkMoments(job: Job): Promise<void> {
  for await (const streams of inBatches(streamsInOrder(job.pool, 'proposal-moments', job.live.position), batchSize)) {
    await compareBatch(job, streams)
  }
  await findStrangers(job)
}

/** Where the database cannot take what a stream comes to, the batch is halved until that stream is alone in it. */
async function compareBatch(job: Job, batch: readonly Stream[]): Promise<void> {
  if (batch.length === 0 || (await compareStreams(job, batch))) return
  if (batch.length === 1) return checkUnstorable(job, batch[0] as Stream)
  const middle = Math.ceil(batch.length / 2)
  await compareBatch(job, batch.slice(0, middle))
  await compareBatch(job, batch.slice(middle))
}

/** False where the database cannot take one of them. */
async function compareStreams(job: Job, batch: readonly Stream[]): Promise<boolean> {
  const expected = batch.map(({ entries }) => momentsOfStream(entries, 0, job.timeZone))
  const ids = batch.map(({ proposalId }) => proposalId)
  await job.client.query('SAVEPOINT before_moments')
  try {
    await compareTable(
      job,
      moments,
      ids,
      expected.flatMap(({ changes }) => changes.opened),
    )
    await compareTable(
      job,
      facets,
      ids,
      expected.flatMap(({ changes }) => changes.facets),
    )
    await compareTable(job, parked, ids, expected.flatMap(parkedRow))
    await compareTable(job, dense, ids, expected.flatMap(denseRow))
    return true
  } catch (error) {
    if (classifyFault(error) !== 'content') throw error
    await job.client.query('ROLLBACK TO before_moments')
    return false
  }
}

/** No rows can be what this stream comes to, so its moments must have been parked. */
async function checkUnstorable({ client, live, findings }: Job, { proposalId }: Stream): Promise<void> {
  const { rows } = await client.query(
    "SELECT FROM parked_moments WHERE generation = $1 AND proposal_id = $2 AND code = 'unstorable'",
    [live.generation, proposalId],
  )
  if (rows.length === 0)
    find(findings, { what: 'has moments that cannot be stored and is not parked for it', proposalId })
}

/** The database compares, so that every column is what it would be if it were written now. */
async function compareTable(
  { client, live, findings }: Job,
  table: Table,
  ids: readonly string[],
  expected: readonly object[],
): Promise<void> {
  const { name, columns, definition, key } = table
  const row = (side: string) => `ROW(${columns.map((column) => `${side}.${column}`).join(', ')})`
  const { rows } = await client.query(
    `SELECT proposal_id, count(*)::int AS rows
       FROM (SELECT * FROM ${name} WHERE generation = $1 AND proposal_id = ANY($2)) a
       FULL JOIN json_to_recordset($3::json) AS b(${definition}) USING (${key.join(', ')})
      WHERE ${row('a')} IS DISTINCT FROM ${row('b')} GROUP BY proposal_id ORDER BY proposal_id`,
    [live.generation, ids, JSON.stringify(expected)],
  )
  for (const { proposal_id: proposalId, rows: count } of rows)
    find(findings, { what: `${count} rows of ${name} differ from the fold`, proposalId })
}

const strangers = [moments, facets, parked, dense].map(
  ({ name }) => `SELECT DISTINCT '${name}' AS name, proposal_id FROM ${name} m WHERE generation = $1
    AND NOT EXISTS (
      SELECT FROM events e WHERE e.proposal_id = m.proposal_id AND e.version = 1 AND e.position <= $2)`,
)

/** Rows of moments of proposals that the log does not know. */
async function findStrangers({ client, live, findings }: Job): Promise<void> {
  const { rows } = await client.query(strangers.join(' UNION ALL '), [live.generation, live.position])
  for (const { name, proposal_id: proposalId } of rows)
    find(findings, { what: `has rows of ${name} but no events`, proposalId })
}

const target = (label: string) => `regexp_replace(${label}, '^link:[^:]*:', '')`

/** Links that hold, and are not in the table where they are looked for. */
const missingLinks = `SELECT DISTINCT s.proposal_id, ${target('l.label')} AS other
  FROM proposal_status s CROSS JOIN LATERAL unnest(s.labels) AS l(label)
 WHERE s.generation = $1 AND l.label LIKE 'link:%' AND NOT EXISTS (SELECT FROM proposal_links k
   WHERE k.generation = $1 AND k.proposal_id = s.proposal_id AND k.other = ${target('l.label')})`

/** Rows for links that never were, by the facets of generation $2. Of what was once so of a dense proposal there are none. */
const strangeLinks = `SELECT k.proposal_id, k.other FROM proposal_links k WHERE k.generation = $1
 AND NOT EXISTS (SELECT FROM dense_moments d WHERE d.generation = $2 AND d.proposal_id = k.proposal_id) AND NOT EXISTS (
  SELECT FROM moment_facets f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
   WHERE f.generation = $2 AND f.proposal_id = k.proposal_id AND l.label LIKE 'link:%' AND ${target('l.label')} = k.other)`

interface Links extends Pick<Job, 'client' | 'findings'> {
  /** The statuses, and the moments. */
  readonly live: Generation
  readonly moments: Generation
}

/** By the rows of statuses and moments, which were compared with the fold themselves. */
export async function checkLinks({ client, live, moments: known, findings }: Links): Promise<void> {
  for (const { proposal_id: proposalId, other } of (await client.query(missingLinks, [live.generation])).rows)
    find(findings, { what: `proposal_links has no row for its link to ${other}`, proposalId })
  // Moments that are not as far as the statuses do not know of their last links.
  if (known.position < live.position) return
  const { rows } = await client.query(strangeLinks, [live.generation, known.generation])
  for (const { proposal_id: proposalId, other } of rows)
    find(findings, { what: `proposal_links says that it was linked to ${other}, which it never was`, proposalId })
}
