/** New names of organisations: each is recorded on one proposal and holds in all of them. */
import { inOrderOfDays, type Renaming } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import type { Source } from './source.ts'

/** A renaming, and the event that recorded it. */
export type KnownRenaming = Renaming & { readonly proposalId: string; readonly version: number }

/**
 * All renamings in force at the source, in the order of the world. Those of proposals recorded by mistake do not count. There are few, and
 * an index finds them. They are read once: a source is one snapshot, and a page asks for them in its filters, its total and its rows.
 */
export function readRenamings(source: Source): Promise<readonly KnownRenaming[]> {
  const known = renamingsRead.get(source) ?? readAll(source)
  renamingsRead.set(source, known)
  return known
}

const renamingsRead = new WeakMap<Source, Promise<readonly KnownRenaming[]>>()

async function readAll(source: Source): Promise<readonly KnownRenaming[]> {
  const { rows } = await sql<RenamingRow>`
    SELECT p.proposal_id AS "proposalId", ${renamingsColumn(source)} AS renamings
      FROM ${withFacetsOf(source)}
     WHERE ${renamingsColumn(source)} IS NOT NULL AND ${source.there} AND p.ending IS DISTINCT FROM 'void'`.execute(
    source.snapshot.db,
  )
  return renamingsOf(rows)
}

function renamingsColumn({ at }: Source): RawBuilder<unknown> {
  return at === null ? sql`x.renamings` : sql`f.renamings`
}

/** The rows `p` of a source, with the data that seldom changes: `x` now, and `f` at a point in time. */
export function withFacetsOf({ at, snapshot, table, faceted }: Source): RawBuilder<unknown> {
  if (at !== null) return faceted
  return sql`${table} JOIN proposal_search x ON x.generation = ${sql.lit(snapshot.generation)} AND x.proposal_id = p.proposal_id`
}

interface RenamingRow {
  readonly proposalId: string
  readonly renamings: readonly (Renaming & { readonly version: number })[]
}

function renamingsOf(rows: readonly RenamingRow[]): readonly KnownRenaming[] {
  return inOrderOfDays(rows.flatMap(({ proposalId, renamings }) => renamings.map((one) => ({ ...one, proposalId }))))
}

/** The same for now, as a column of a statement that has `live`: {@link Renaming} in any order, null if there are none. */
export const renamingsNow = `(SELECT json_agg(r.one) FROM proposal_search x
  JOIN proposal_status n ON n.generation = x.generation AND n.proposal_id = x.proposal_id AND n.ending IS DISTINCT FROM 'void'
  CROSS JOIN LATERAL jsonb_array_elements(x.renamings) AS r(one)
 WHERE x.generation = live.generation AND x.renamings IS NOT NULL) AS renamings`
