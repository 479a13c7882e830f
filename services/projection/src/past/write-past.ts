/** Writes moments with a projector's batch. */

import { type Queryable } from '@commitments/event-store'
import { movedTable, setAsideTable } from '../projections/set-aside.ts'
import type { StreamMoments } from './apply-batch.ts'
import type { FacetsRow, MomentRow } from './bitemporal-rows.ts'
import { stillKnown } from './bitemporal-rows.ts'

/** The columns of `proposal_moments` in addition to the generation, with the types as which their JSON is read. */
export const momentTypes = {
  proposal_id: 'text',
  valid_from: 'date',
  valid_to: 'date',
  known_from: 'bigint',
  known_to: 'bigint',
  stage: 'text',
  ending: 'text',
  kind: 'text',
  parents: 'text[]',
  fields: 'text[]',
  planned_end: 'date',
  agreed_on: 'date',
  condition_days: 'date[]',
  conditions: 'text[]',
  amounts: 'jsonb',
  facets: 'uuid',
  by_record_until: 'date',
} as const satisfies Record<keyof MomentRow, string>

/** The same for `moment_facets`. */
export const facetsTypes = {
  proposal_id: 'text',
  facets: 'uuid',
  labels: 'text[]',
  search: 'text',
  title_key: 'text',
  planned_end: 'date',
  title: 'jsonb',
  title_keys: 'jsonb',
  parties: 'jsonb',
  renamings: 'jsonb',
} as const satisfies Record<keyof FacetsRow, string>

/** A row of the table `parked_moments`. */
interface ParkedRow {
  proposal_id: string
  position: number
  code: string
}

export const parkedTypes = {
  proposal_id: 'text',
  position: 'bigint',
  code: 'text',
} as const satisfies Record<keyof ParkedRow, string>

/** The table `dense_moments`. */
export const denseTypes = { proposal_id: 'text' } as const

export const momentColumns = Object.keys(momentTypes) as (keyof MomentRow)[]
export const facetsColumns = Object.keys(facetsTypes) as (keyof FacetsRow)[]
const parkedColumns = Object.keys(parkedTypes) as (keyof ParkedRow)[]

function definition(types: Readonly<Record<string, string>>): string {
  return Object.entries(types)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')
}

export const momentDefinition = definition(momentTypes)
export const facetsDefinition = definition(facetsTypes)
const parkedDefinition = definition(parkedTypes)

/** The proposals that are parked with a batch. */
const parking = `json_to_recordset($8::json) AS t(${parkedDefinition})`

/**
 * The checkpoint is moved first, and the rest is done only for a checkpoint that was moved. No row is both closed and opened, so the order
 * of these does not matter. A proposal that is already parked keeps the position where it stopped. synchronous_commit is off for this
 * transaction alone, as in that of the statuses.
 *
 * The proposals of the batch are named again, as a list: if a generation has grown since its last statistics, the planner would otherwise
 * read all open rectangles in each batch.
 */
const writeQuery = {
  name: 'write-moments',
  text: `WITH ${movedTable}, closed AS (
      UPDATE proposal_moments m SET known_to = t.known_to
        FROM moved, json_to_recordset($5::json) AS t(proposal_id text, valid_from date, known_to bigint)
       WHERE m.generation = moved.generation AND m.generation = $1 AND m.proposal_id = t.proposal_id
         AND m.proposal_id = ANY (ARRAY(SELECT proposal_id FROM json_to_recordset($5::json) AS own(proposal_id text)))
         AND m.known_to = ${stillKnown} AND m.valid_from = t.valid_from
      RETURNING 1
    ), opened AS (
      INSERT INTO proposal_moments (generation, ${momentColumns.join(', ')})
      SELECT moved.generation, t.* FROM moved, json_to_recordset($6::json) AS t(${momentDefinition})
      RETURNING 1
    ), facets_written AS (
      INSERT INTO moment_facets (generation, ${facetsColumns.join(', ')})
      SELECT moved.generation, t.* FROM moved, json_to_recordset($7::json) AS t(${facetsDefinition})
      ON CONFLICT (generation, proposal_id, facets) DO NOTHING
      RETURNING 1
    ), parked AS (
      INSERT INTO parked_moments (generation, ${parkedColumns.join(', ')})
      SELECT moved.generation, t.* FROM moved, ${parking}
      ON CONFLICT (generation, proposal_id) DO NOTHING
      RETURNING 1
    ), ${setAsideTable('proposal-moments', `${parking} WHERE t.code = 'too-costly'`)}, dense AS (
      INSERT INTO dense_moments (generation, proposal_id)
      SELECT moved.generation, id FROM moved, unnest($9::text[]) AS id ON CONFLICT DO NOTHING
      RETURNING 1
    ), moments_left_out AS (
      DELETE FROM proposal_moments m USING moved
       WHERE m.generation = moved.generation AND m.generation = $1 AND m.proposal_id = ANY ($9)
      RETURNING 1
    ), facets_left_out AS (
      DELETE FROM moment_facets f USING moved
       WHERE f.generation = moved.generation AND f.generation = $1 AND f.proposal_id = ANY ($9)
      RETURNING 1
    ), parked_left_out AS (
      DELETE FROM parked_moments p USING moved
       WHERE p.generation = moved.generation AND p.generation = $1 AND p.proposal_id = ANY ($9)
      RETURNING 1
    )
    SELECT generation, set_config('synchronous_commit', 'off', true) FROM moved`,
}

interface MomentBatch {
  generation: number
  /** The state that the generation must still have. */
  state: 'building' | 'live'
  /** The checkpoint at which the batch began, and the one at which it ends. */
  from: number
  to: number
  moments: readonly StreamMoments[]
}

/**
 * Writes the changes of a batch to the moments. False if the generation is no longer at the position where the batch began, or no longer in
 * the same state: then nothing was written.
 */
export async function writePastBatch(client: Queryable, batch: MomentBatch): Promise<boolean> {
  const { generation, from, to, state, moments } = batch
  const all = (what: 'closed' | 'opened' | 'facets') =>
    JSON.stringify(moments.flatMap(({ changes }): readonly object[] => changes[what]))
  const parked = JSON.stringify(moments.flatMap(parkedRow))
  const dense = moments.flatMap(denseRow).map(({ proposal_id: id }) => id)
  const values = [generation, from, to, state, all('closed'), all('opened'), all('facets'), parked, dense]
  const { rows: moved } = await client.query({ ...writeQuery, values })
  return moved.length === 1
}

export function parkedRow({ proposalId, parked }: StreamMoments): ParkedRow[] {
  return parked === null ? [] : [{ proposal_id: proposalId, ...parked }]
}

export function denseRow({ proposalId, changes }: StreamMoments): { proposal_id: string }[] {
  return changes.dense ? [{ proposal_id: proposalId }] : []
}
