/** What others said of proposals at a moment. */
import { relations } from '@commitments/domain'
import { CompiledQuery, sql } from 'kysely'
import { byProposal, type Found, type LookUp, type RelatedRow, relatedOfMany } from '../read-model/related.ts'
import type { Snapshot } from '../read-model/snapshot.ts'
import type { At } from './at.ts'

/** $3 generation, $4 position, $5 day. Links are looked for by their labels: some of them hold at that moment only. */
function lookUpAt(asOf: At['asOf']): LookUp {
  const valid = asOf === null ? `m.valid_to = 'infinity'` : 'm.valid_from <= $5::date AND m.valid_to > $5::date'
  const rectangle = `m.generation = $3::integer AND m.known_from <= $4::bigint AND m.known_to > $4::bigint AND ${valid}`
  return {
    linked: (_other, labels) => `(SELECT m.proposal_id, m.kind, m.stage, m.ending, f.labels, m.amounts
      FROM moment_facets f JOIN proposal_moments m ON m.proposal_id = f.proposal_id AND m.facets = f.facets AND ${rectangle}
       WHERE f.generation = $3::integer AND f.labels && ${labels} AND m.ending IS DISTINCT FROM 'void')`,
    amountsOf: (id) => `(SELECT m.amounts FROM proposal_moments m WHERE m.proposal_id = ${id} AND ${rectangle})`,
  }
}

const queries = { ever: relatedOfMany(lookUpAt(null)), onDay: relatedOfMany(lookUpAt('')) }

/** Those of whom nobody says anything are not in the answer. */
export async function readRelatedAt(
  snapshot: Snapshot,
  proposalIds: readonly string[],
  { asOf, known }: At,
): Promise<ReadonlyMap<string, RelatedRow>> {
  const linked = await everLinked(snapshot, proposalIds)
  if (linked.length === 0) return new Map()
  const values = [linked, relations, snapshot.generation, known]
  const query =
    asOf === null ? CompiledQuery.raw(queries.ever, values) : CompiledQuery.raw(queries.onDay, [...values, asOf])
  return byProposal((await snapshot.db.executeQuery<Found>(query)).rows)
}

/** Of most proposals nobody ever says anything, and an index says so. */
async function everLinked({ db, generation }: Snapshot, proposalIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    WITH wanted AS (SELECT id, 'link:' || relation || ':' || id AS label
      FROM unnest(${proposalIds}::text[]) AS id, unnest(${relations}::text[]) AS relation)
    SELECT DISTINCT wanted.id FROM moment_facets f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
      JOIN wanted ON wanted.label = l.label
     WHERE f.generation = ${sql.lit(generation)} AND f.labels && (SELECT array_agg(label) FROM wanted)`.execute(db)
  return rows.map(({ id }) => id)
}
