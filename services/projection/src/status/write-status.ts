/** Writes a batch: rows and checkpoint in one statement, which is one transaction and one round trip. */
import { collecting } from '@commitments/domain'
import { type Queryable } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { movedTable, setAsideTable } from '../projections/set-aside.ts'
import { linkTargets, type Row } from './row.ts'

/** The columns of `proposal_status`, with the types as which the JSON of a row is read. */
export const rowTypes = {
  proposal_id: 'text',
  position: 'bigint',
  version: 'integer',
  updated_at: 'timestamptz',
  state: 'text',
  parked: 'jsonb',
  labels: 'text[]',
  stage: 'text',
  ending: 'text',
  kind: 'text',
  parent: 'text',
  fields: 'text[]',
  title_key: 'text',
  planned_end: 'date',
  agreed_on: 'date',
  title_keys: 'jsonb',
  condition_days: 'date[]',
  conditions: 'text[]',
  amounts: 'jsonb',
} as const satisfies Record<Exclude<keyof Row, 'search' | 'parties' | 'renamings'>, string>

/** The columns of `proposal_search`: long texts that seldom change, with an index that is expensive to write. */
export const searchTypes = {
  proposal_id: 'text',
  search: 'text',
  parties: 'jsonb',
  renamings: 'jsonb',
} as const satisfies Partial<Record<keyof Row, string>>
const searchColumns = Object.keys(searchTypes) as (keyof typeof searchTypes)[]
const searchDefinition = searchColumns.map((name) => `${name} ${searchTypes[name]}`).join(', ')

type Column = keyof typeof rowTypes
const rowColumns = Object.keys(rowTypes) as Column[]

/** The columns of `proposal_links`. */
export const linkTypes = { other: 'text', proposal_id: 'text' } as const

const definition = rowColumns.map((name) => `${name} ${rowTypes[name]}`).join(', ')
/** The rows of a batch, as the statement gets them. */
const given = `json_to_recordset($5::json) AS t(${definition})`

/** Table of a statement that has `moved`: writes the rows; in a row that exists already, it replaces these columns. */
function writtenTable(replaced: readonly Column[]): string {
  return `written AS (
      INSERT INTO proposal_status (generation, ${rowColumns.join(', ')})
      SELECT moved.generation, t.* FROM moved, ${given}
      ON CONFLICT (generation, proposal_id) DO UPDATE SET ${replaced.map((name) => `${name} = excluded.${name}`).join(', ')}
      RETURNING 1
    )`
}

/** Table of a statement that has `moved`: writes their search texts if they are new. */
function searchedTable(onConflict: string): string {
  return `searched AS (
      INSERT INTO proposal_search AS s (generation, ${searchColumns.join(', ')})
      SELECT moved.generation, t.* FROM moved, json_to_recordset($5::json) AS t(${searchDefinition})
      ON CONFLICT (generation, proposal_id) DO ${onConflict}
      RETURNING 1
    )`
}

/**
 * The checkpoint is moved first, and the rows are written only for a checkpoint that was moved: a projector that was overtaken waits for
 * nothing, writes nothing, and gets no row back.
 *
 * synchronous_commit is off for this transaction alone. What it writes can be made again from the log, which is durable before anyone reads
 * it. A crash of the database undoes the last batches as a whole, rows and checkpoint together.
 */
const writeQuery = {
  name: 'write-batch',
  text: `WITH ${movedTable}, ${writtenTable(rowColumns.filter((name) => name !== 'proposal_id'))},
    ${searchedTable(`UPDATE SET search = excluded.search, parties = excluded.parties, renamings = excluded.renamings
      WHERE (s.search, s.parties, s.renamings) IS DISTINCT FROM (excluded.search, excluded.parties, excluded.renamings)`)}, linked AS (
      INSERT INTO proposal_links (generation, other, proposal_id)
      SELECT moved.generation, l.* FROM moved, json_to_recordset($6::json) AS l(other text, proposal_id text)
      ON CONFLICT DO NOTHING
    )
    SELECT ARRAY(SELECT DISTINCT other FROM proposal_links WHERE generation = $1 AND other = ANY($7)) AS linked,
           set_config('synchronous_commit', 'off', true)
      FROM moved`,
}

/**
 * Skips an event, and so everything after it in its stream. The rest of the row is left as it is and not read, because it may be what takes
 * too much memory.
 */
const passOverQuery = {
  name: 'pass-over',
  text: `WITH ${movedTable}, ${writtenTable(['position', 'parked'])}, ${searchedTable('NOTHING')}, ${setAsideTable('proposal-status', given)}
    SELECT set_config('synchronous_commit', 'off', true) FROM moved`,
}

/**
 * @param batch with the row of a proposal without events, used if the proposal has no row so far. Returns false as `writeBatch` returns
 * null.
 */
export async function writePassedOver(client: Queryable, batch: Batch): Promise<boolean> {
  const { generation, state, from, to, rows } = batch
  const values = [generation, from, to, state, JSON.stringify(rows)]
  const { rows: moved } = await client.query({ ...passOverQuery, values })
  return moved.length === 1
}

interface Batch {
  generation: number
  /** The state that the generation must still have. */
  state: 'building' | 'live'
  /** The checkpoint at which the batch began, and the one at which it ends. */
  from: number
  to: number
  rows: Row[]
}

interface Written {
  /** Those of the proposals that others are linked to, or once were. */
  readonly linked: ReadonlySet<string>
}

/** Null if the generation is no longer at the position where the batch began, or no longer in the same state: then nothing was written. */
export async function writeBatch(client: Queryable, batch: Batch): Promise<Written | null> {
  const { generation, state, from, to, rows } = batch
  const links = linksOf(rows)
  const ids = rows.map((row) => row.proposal_id)
  const texts = await inTurns(collecting(rows, (row) => [JSON.stringify(row)]))
  const values = [generation, from, to, state, `[${texts.join()}]`, JSON.stringify(links), ids]
  const { rows: moved } = await client.query<{ linked: string[] }>({ ...writeQuery, values })
  if (moved[0] === undefined) return null
  // The statement does not see the links that it writes itself.
  return { linked: new Set([...moved[0].linked, ...links.map(({ other }) => other)]) }
}

/** Each pair once: a statement must not write the same row twice. */
export function linksOf(rows: readonly Row[]): { other: string; proposal_id: string }[] {
  return rows.flatMap(({ proposal_id, labels }) =>
    [...new Set(linkTargets(labels))].map((other) => ({ other, proposal_id })),
  )
}
