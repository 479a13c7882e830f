/** The differences that were found: in the database, so that every instance reports the same, even after a restart. */
import type { Queryable } from '@commitments/event-store'
import type { Projection } from '../projections/projection.ts'

/** A proposal whose served data differ from its events. */
export interface Difference {
  readonly what: string
  readonly foundAt: Date
  /** When, and in which generation, it was last seen to differ. */
  readonly seenAt: Date
  readonly generation: number
}

/** By proposal. */
export type Differences = ReadonlyMap<string, Difference>

/** How many differences of a projection are kept, to be named and checked again; if there are more, the next round finds them. */
export const mostDifferences = 1_000

/** A difference of an unknown proposal is ignored: nothing would ever compare it again. */
export async function readDifferences(client: Queryable, { name, tables }: Projection): Promise<Differences> {
  const known = tables
    .filter(({ lacks }) => !lacks)
    .map(
      (table) =>
        `EXISTS (SELECT FROM ${table.name} s WHERE s.generation = d.generation AND s.proposal_id = d.proposal_id)`,
    )
  const { rows } = await client.query<Difference & { proposalId: string }>({
    name: `read-drift-of-${name}`,
    text: `SELECT proposal_id AS "proposalId", generation, what, found_at AS "foundAt", seen_at AS "seenAt"
      FROM projection_drift d
      WHERE projection = $1
        AND (EXISTS (SELECT FROM events e WHERE e.proposal_id = d.proposal_id) OR ${known.join(' OR ')})
      ORDER BY proposal_id LIMIT ${mostDifferences}`,
    values: [name],
  })
  return new Map(rows.map(({ proposalId, ...difference }) => [proposalId, difference]))
}

const keepQuery = {
  name: 'keep-drift',
  text: `WITH gone AS (DELETE FROM projection_drift WHERE projection = $1 AND proposal_id = ANY($2))
    INSERT INTO projection_drift (projection, proposal_id, generation, what, found_at, seen_at)
    SELECT $1, "proposalId", generation, what, "foundAt", "seenAt"
      FROM json_to_recordset($3::json)
        AS t("proposalId" text, generation integer, what text, "foundAt" timestamptz, "seenAt" timestamptz)
    ON CONFLICT (projection, proposal_id) DO UPDATE
      SET generation = excluded.generation, what = excluded.what, seen_at = excluded.seen_at`,
}

/** Writes what was found, and removes what agrees again. */
export async function keepDifferences(
  client: Queryable,
  { name }: Projection,
  found: Differences,
  settled: readonly string[],
): Promise<void> {
  if (found.size === 0 && settled.length === 0) return
  const rows = [...found].map(([proposalId, difference]) => ({ proposalId, ...difference }))
  await client.query({ ...keepQuery, values: [name, settled, JSON.stringify(rows)] })
}
