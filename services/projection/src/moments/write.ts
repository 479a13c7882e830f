/** Writing moments: one by one with a projector's batch, or in bulk with a rebuild. */
import type { Queryable } from '../read-model/generations.ts'
import type { FacetsRow, MomentChanges, MomentRow } from './rectangles.ts'
import { stillKnown } from './rectangles.ts'

/** The columns of `proposal_moments` beside the generation, with the types that their JSON is read as. */
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
  condition_days: 'date[]',
  conditions: 'text[]',
  amounts: 'jsonb',
  facets: 'uuid',
} as const satisfies Record<keyof MomentRow, string>

/** The same of `moment_facets`. */
export const facetsTypes = {
  proposal_id: 'text',
  facets: 'uuid',
  labels: 'text[]',
  search: 'text',
  title_key: 'text',
  planned_end: 'date',
  title: 'jsonb',
} as const satisfies Record<keyof FacetsRow, string>

export const momentColumns = Object.keys(momentTypes) as (keyof MomentRow)[]
export const facetsColumns = Object.keys(facetsTypes) as (keyof FacetsRow)[]

function definition(types: Readonly<Record<string, string>>): string {
  return Object.entries(types)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')
}

export const momentDefinition = definition(momentTypes)
export const facetsDefinition = definition(facetsTypes)

/**
 * What a batch does to the moments of generation `$1`, as parts of a WITH clause: it is done only where `moved` has the
 * generation in it, which a batch that somebody overtook has not. Parameters `$from` on: closed, opened, facets, as JSON.
 *
 * What is closed and what is opened never is the same row, so their order does not matter.
 */
export function momentsWritten(moved: string, from: number): string {
  return `moments_closed AS (
      UPDATE proposal_moments m SET known_to = t.known_to
        FROM ${moved}, json_to_recordset($${from}::json) AS t(proposal_id text, valid_from date, known_to bigint)
       WHERE m.generation = ${moved}.generation AND m.generation = $1 AND m.proposal_id = t.proposal_id
         AND m.known_to = ${stillKnown} AND m.valid_from = t.valid_from
      RETURNING 1
    ), moments_opened AS (
      INSERT INTO proposal_moments (generation, ${momentColumns.join(', ')})
      SELECT ${moved}.generation, t.* FROM ${moved}, json_to_recordset($${from + 1}::json) AS t(${momentDefinition})
      RETURNING 1
    ), facets_written AS (
      INSERT INTO moment_facets (generation, ${facetsColumns.join(', ')})
      SELECT ${moved}.generation, t.* FROM ${moved}, json_to_recordset($${from + 2}::json) AS t(${facetsDefinition})
      ON CONFLICT (generation, proposal_id, facets) DO NOTHING
      RETURNING 1
    )`
}

/** The values of the parameters that {@link momentsWritten} takes. */
export function momentValues(changes: Iterable<MomentChanges>): [closed: string, opened: string, facets: string] {
  const all = [...changes]
  return [
    JSON.stringify(all.flatMap(({ closed }) => closed)),
    JSON.stringify(all.flatMap(({ opened }) => opened)),
    JSON.stringify(all.flatMap(({ facets }) => facets)),
  ]
}

const writeQuery = {
  name: 'write-moments',
  text: `WITH moved AS (SELECT $1::integer AS generation), ${momentsWritten('moved', 2)} SELECT`,
}

/** Writes them by themselves, in the transaction of the client. */
export async function writeMoments(
  client: Queryable,
  generation: number,
  changes: Iterable<MomentChanges>,
): Promise<void> {
  await client.query({ ...writeQuery, values: [generation, ...momentValues(changes)] })
}
