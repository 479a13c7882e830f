/** The tables beside the status: moments and links. */
import { decodeLine } from '@commitments/domain'
import type { PoolClient } from 'pg'
import { possibleMoments } from '../moments/of-batch.ts'
import type { MomentChanges } from '../moments/rectangles.ts'
import { facetsColumns, facetsDefinition, momentColumns, momentDefinition } from '../moments/write.ts'
import { foldEntries } from '../rebuild/fold-entries.ts'
import type { Stream } from '../rebuild/streams.ts'
import { type Findings, find } from './check.ts'

interface Job {
  readonly client: PoolClient
  readonly live: { readonly generation: number; readonly position: number }
  readonly timeZone: string
  readonly findings: Findings
}

interface Table {
  readonly name: 'proposal_moments' | 'moment_facets'
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

/** Folds every prefix of each stream, and compares the moments that come of it with those that are stored. */
export async function compareMoments(job: Job, batch: readonly Stream[]): Promise<void> {
  const expected = batch.map((stream) => momentsOfStream(stream, job.timeZone))
  const ids = batch.map(({ proposalId }) => proposalId)
  await compareTable(
    job,
    moments,
    ids,
    expected.flatMap(({ opened }) => opened),
  )
  await compareTable(
    job,
    facets,
    ids,
    expected.flatMap((of) => of.facets),
  )
}

function momentsOfStream({ entries }: Stream, timeZone: string): MomentChanges {
  const { version } = foldEntries(entries)
  return possibleMoments(
    entries.slice(0, version).map(({ line }) => decodeLine(line)),
    0,
    timeZone,
  )
}

/** The database compares, so that every column is what it would be if it were written now. */
async function compareTable({ client, live, findings }: Job, table: Table, ids: string[], expected: readonly object[]) {
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

const strangers = ['proposal_moments', 'moment_facets'].map(
  (name) => `SELECT DISTINCT '${name}' AS name, proposal_id FROM ${name} m WHERE generation = $1
    AND NOT EXISTS (
      SELECT FROM events e WHERE e.proposal_id = m.proposal_id AND e.version = 1 AND e.position <= $2)`,
)

/** Rows of moments of proposals that the log does not know. */
export async function findStrangeMoments({ client, live, findings }: Job): Promise<void> {
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

/** Rows for links that never were. */
const strangeLinks = `SELECT k.proposal_id, k.other FROM proposal_links k WHERE k.generation = $1 AND NOT EXISTS (
  SELECT FROM moment_facets f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
   WHERE f.generation = $1 AND f.proposal_id = k.proposal_id AND l.label LIKE 'link:%' AND ${target('l.label')} = k.other)`

/** By the rows of status and moments, which were compared with the fold themselves. */
export async function checkLinks({ client, live, findings }: Job): Promise<void> {
  for (const { proposal_id: proposalId, other } of (await client.query(missingLinks, [live.generation])).rows)
    find(findings, { what: `proposal_links has no row for its link to ${other}`, proposalId })
  for (const { proposal_id: proposalId, other } of (await client.query(strangeLinks, [live.generation])).rows)
    find(findings, { what: `proposal_links says that it was linked to ${other}, which it never was`, proposalId })
}
