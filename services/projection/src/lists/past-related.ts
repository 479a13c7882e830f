/** What others said of proposals at a moment. */
import { relations } from '@commitments/domain'
import { CompiledQuery, sql } from 'kysely'
import { besideTable, facetsTable } from '../past/dense.ts'
import type { At } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { byProposal, type Found, type LookUp, type RelatedRow, relatedOfMany } from './related.ts'

/** $3 generation, $4 position, $5 day; $6 and $7 what was folded. Links are looked for by their labels: some of them hold at that moment only. */
function lookUpAt(asOf: boolean, folded: boolean): LookUp {
  const moments = folded ? besideTable('proposal_moments', '$3', '$6') : 'proposal_moments'
  const facets = folded ? besideTable('moment_facets', '$3', '$7') : 'moment_facets'
  const valid = !asOf ? `m.valid_to = 'infinity'` : 'm.valid_from <= $5::date AND m.valid_to > $5::date'
  const rectangle = `m.generation = $3::integer AND m.known_from <= $4::bigint AND m.known_to > $4::bigint AND ${valid}`
  return {
    linked: (_other, labels) => `(SELECT m.proposal_id, m.kind, m.stage, m.ending, f.labels, m.amounts
      FROM ${facets} f JOIN ${moments} m ON m.proposal_id = f.proposal_id AND m.facets = f.facets AND ${rectangle}
       WHERE f.generation = $3::integer AND f.labels && ${labels})`,
    amountsOf: (id) => `(SELECT m.amounts FROM ${moments} m WHERE m.proposal_id = ${id} AND ${rectangle})`,
  }
}

const queries = {
  tables: { ever: relatedOfMany(lookUpAt(false, false)), onDay: relatedOfMany(lookUpAt(true, false)) },
  // $5 is there in any case, so that those after it keep their numbers.
  folded: {
    ever: relatedOfMany(lookUpAt(false, true), 'no_day AS (SELECT $5::date),'),
    onDay: relatedOfMany(lookUpAt(true, true)),
  },
}

/** Those of whom nobody says anything are not in the answer. */
export async function readRelatedAt(
  snapshot: Snapshot,
  proposalIds: readonly string[],
  at: At,
): Promise<ReadonlyMap<string, RelatedRow>> {
  const { asOf, known, folded } = at
  const linked = await everLinked(snapshot, proposalIds, at)
  if (linked.length === 0) return new Map()
  const { ever, onDay } = folded ? queries.folded : queries.tables
  const values: unknown[] = [linked, relations, snapshot.generation, known]
  if (asOf !== null || folded) values.push(asOf)
  if (folded) values.push(folded.moments, folded.facets)
  const query = CompiledQuery.raw(asOf === null ? ever : onDay, values)
  return byProposal((await snapshot.db.executeQuery<Found>(query)).rows)
}

/** Of most proposals nobody ever says anything, and an index says so. */
async function everLinked(snapshot: Snapshot, proposalIds: readonly string[], at: At): Promise<string[]> {
  const { db, generation } = snapshot
  const { rows } = await sql<{ id: string }>`
    WITH wanted AS (SELECT id, 'link:' || relation || ':' || id AS label
      FROM unnest(${proposalIds}::text[]) AS id, unnest(${relations}::text[]) AS relation)
    SELECT DISTINCT wanted.id FROM ${facetsTable(at, snapshot)} f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
      JOIN wanted ON wanted.label = l.label
     WHERE f.generation = ${sql.lit(generation)} AND f.labels && (SELECT array_agg(label) FROM wanted)`.execute(db)
  return rows.map(({ id }) => id)
}
