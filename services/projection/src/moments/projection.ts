/** How each proposal stood on every day, as known at every position: what questions about a moment are answered from. */
import type { Filling, Projection } from '../projector/projection.ts'
import type { Queryable } from '../read-model/generations.ts'
import { copyRows } from '../rebuild/copy-rows.ts'
import { comparison } from './compare.ts'
import { momentsOfStream } from './of-batch.ts'
import type { FacetsRow, MomentRow } from './rectangles.ts'
import { step } from './step.ts'
import { facetsTypes, momentTypes, type ParkedRow, parkedRow } from './write.ts'

export const momentsProjection: Projection = {
  name: 'proposal-moments',
  step,
  fill,
  attached: async () => {},
  comparison,
  readParked,
}

async function fill({ pool, generation, timeZone, streams, onFolded }: Filling): Promise<void> {
  const parked: ParkedRow[] = []
  await copyRows<[MomentRow, FacetsRow]>(
    pool,
    [
      { table: `proposal_moments_${generation}`, generation, types: momentTypes },
      { table: `moment_facets_${generation}`, generation, types: facetsTypes },
    ],
    async (moments, facets) => {
      for await (const { entries } of streams) {
        const of = momentsOfStream(entries, 0, timeZone)
        for (const row of of.changes.opened) await moments.add(row)
        for (const row of of.changes.facets) await facets.add(row)
        parked.push(...parkedRow(of))
        onFolded(entries.length)
      }
    },
  )
  await pool.query(
    `INSERT INTO parked_moments (generation, proposal_id, position, code)
     SELECT $1, t.* FROM json_to_recordset($2::json) AS t(proposal_id text, position bigint, code text)`,
    [generation, JSON.stringify(parked)],
  )
}

/** Of how many parked proposals the ids are given. */
const named = 100

/** In the order in which they stopped. */
async function readParked(client: Queryable, generation: number) {
  const { rows } = await client.query(
    `SELECT proposal_id AS "proposalId", json_build_object('position', position, 'code', code) AS parked,
            count(*) OVER () AS total
       FROM parked_moments WHERE generation = $1 ORDER BY position LIMIT ${named}`,
    [generation],
  )
  return { total: rows[0]?.total ?? 0, first: rows.map(({ proposalId, parked }) => ({ proposalId, parked })) }
}
