/** What others say about several proposals: now, or as of a point in time. */
import { relations } from '@commitments/domain'
import { CompiledQuery, type RawBuilder, sql } from 'kysely'
import { besideTable, facetsTable } from '../past/dense.ts'
import { type LookUp, lookUpNow, type RelatedRow, relatedOfMany } from './related.ts'
import { isPast, type PastSource, type Source } from './source.ts'

/** Most proposals are never mentioned by others: these are not in the answer. */
export async function readRelated(
  source: Source,
  proposalIds: readonly string[],
): Promise<ReadonlyMap<string, RelatedRow>> {
  const { db } = source.snapshot
  const { rows: linked } = await sql<{ id: string }>`${everLinked(source, proposalIds)}`.execute(db)
  if (linked.length === 0) return new Map()
  const ids = linked.map(({ id }) => id)
  const query = isPast(source) ? queryPast(source, ids) : queryNow(source, ids)
  const { rows } = await db.executeQuery<RelatedRow & { readonly proposalId: string }>(query)
  return new Map(rows.map((row) => [row.proposalId, row]))
}

/** Most proposals are never mentioned by others, and the index shows that. */
function everLinked({ at, snapshot }: Source, proposalIds: readonly string[]): RawBuilder<unknown> {
  const { generation } = snapshot
  if (at === null) {
    return sql`SELECT DISTINCT other AS id FROM proposal_links
      WHERE generation = ${generation} AND other = ANY(${proposalIds}::text[])`
  }
  return sql`WITH wanted AS (SELECT id, 'link:' || relation || ':' || id AS label
      FROM unnest(${proposalIds}::text[]) AS id, unnest(${relations}::text[]) AS relation)
    SELECT DISTINCT wanted.id FROM ${facetsTable(at, snapshot)} f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
      JOIN wanted ON wanted.label = l.label
     WHERE f.generation = ${sql.lit(generation)} AND f.labels && (SELECT array_agg(label) FROM wanted)`
}

const ofNow = relatedOfMany(lookUpNow, 'live AS (SELECT $3::integer AS generation),')

function queryNow({ snapshot }: Source, ids: readonly string[]): CompiledQuery {
  return CompiledQuery.raw(ofNow, [ids, relations, snapshot.generation])
}

/**
 * $3 generation, $4 position, $5 day; $6 and $7 the folded rows. Links are found by their labels, because some of them hold only at that
 * time.
 *
 * OFFSET 0: each proposal is looked up by its index. Without it, and without statistics (of a young generation there are none), the planner
 * read all that was ever known, for each proposal of a page: seconds where it now takes milliseconds.
 */
function lookUpThen(asOf: boolean, folded: boolean): LookUp {
  const moments = folded ? besideTable('proposal_moments', '$3', '$6') : 'proposal_moments'
  const facets = folded ? besideTable('moment_facets', '$3', '$7') : 'moment_facets'
  const valid = !asOf ? `m.valid_to = 'infinity'` : 'm.valid_from <= $5::date AND m.valid_to > $5::date'
  const rectangle = `m.generation = $3::integer AND m.known_from <= $4::bigint AND m.known_to > $4::bigint AND ${valid}`
  return {
    linked: (_other, labels) => `(SELECT m.proposal_id, m.kind, m.stage, m.ending, f.labels, m.amounts
      FROM ${facets} f CROSS JOIN LATERAL (SELECT m.* FROM ${moments} m
        WHERE m.proposal_id = f.proposal_id AND m.facets = f.facets AND ${rectangle} OFFSET 0) m
       WHERE f.generation = $3::integer AND f.labels && ${labels})`,
    amountsOf: (id) => `(SELECT m.amounts FROM ${moments} m WHERE m.proposal_id = ${id} AND ${rectangle} OFFSET 0)`,
  }
}

const ofThen = {
  tables: { ever: relatedOfMany(lookUpThen(false, false)), onDay: relatedOfMany(lookUpThen(true, false)) },
  // $5 always exists, so that the later ones keep their numbers.
  folded: {
    ever: relatedOfMany(lookUpThen(false, true), 'no_day AS (SELECT $5::date),'),
    onDay: relatedOfMany(lookUpThen(true, true)),
  },
}

function queryPast({ snapshot, at }: PastSource, ids: readonly string[]): CompiledQuery {
  const { asOf, known, folded } = at
  const { ever, onDay } = folded ? ofThen.folded : ofThen.tables
  const values: unknown[] = [ids, relations, snapshot.generation, known]
  if (asOf !== null || folded) values.push(asOf)
  if (folded) values.push(folded.moments, folded.facets)
  return CompiledQuery.raw(asOf === null ? ever : onDay, values)
}
