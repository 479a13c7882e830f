/**
 * Which events an endpoint gets. Party and parent are judged as they were known just before the event or with it, by the read model of the
 * past: so the same event has the same answer whenever it is sent, and a party that leaves learns that.
 */
import { decodeLine } from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { type Kysely, sql } from 'kysely'
import type { RangeLine } from '../live/read-range.ts'
import { type FoldMemory, facetsTable, momentsTable, withDensePositions } from '../past/dense.ts'
import { inSnapshot, type Snapshot } from '../projections/snapshot.ts'
import { label } from '../status/row.ts'
import type { Filter } from './endpoints.ts'

export interface Judging {
  readonly db: Kysely<Database>
  readonly timeZone: string
  readonly folds: FoldMemory
}

/** What of some lines an endpoint gets. */
export interface Fitting {
  /** Up to which of the lines it is known. */
  readonly lines: readonly RangeLine[]
  readonly fits: (line: RangeLine) => boolean
}

/** What of some lines of the log fits the filter. */
export async function fittingLines(judging: Judging, filter: Filter, lines: readonly RangeLine[]): Promise<Fitting> {
  const named = lines.filter(({ line }) => isNamed(filter, line))
  const positions = new Set(named.map(({ position }) => position))
  if (filter.parties.length === 0 && filter.parents.length === 0)
    return { lines, fits: ({ position }) => positions.has(position) }
  return inSnapshot(judging.db, (snapshot) => byState(judging, snapshot, filter, lines, named), 'proposal-moments')
}

function isNamed({ types, proposals }: Filter, line: string): boolean {
  if (types.length === 0 && proposals.length === 0) return true
  const { type, proposalId } = decodeLine(line)
  return (types.length === 0 || types.includes(type)) && (proposals.length === 0 || proposals.includes(proposalId))
}

/** Only days of conditions depend on it, which are not asked for here. */
const endOfTime = '9999-12-31'

async function byState(
  { timeZone, folds }: Judging,
  snapshot: Snapshot,
  { parties, parents }: Filter,
  lines: readonly RangeLine[],
  named: readonly RangeLine[],
): Promise<Fitting> {
  const known = lines.filter(({ position }) => position <= snapshot.position)
  const asked = named.filter(({ position }) => position <= snapshot.position)
  if (asked.length === 0) return { lines: known, fits: () => false }
  const last = asked.at(-1)?.position ?? 0
  const moments = [...new Set(asked.flatMap(({ position }) => [position - 1, position]))].filter((one) => one > 0)
  const at = await withDensePositions({ asOf: null, known: last, day: endOfTime }, moments, snapshot, timeZone, folds)
  const wanted = [parties.map(label.party), parents.map((one) => label.link('child', one))].filter(
    ({ length }) => length > 0,
  )
  const { rows } = await sql<{ position: number }>`
    SELECT DISTINCT e.position
      FROM unnest(${asked.map(({ position }) => position)}::bigint[], ${asked.map(({ line }) => decodeLine(line).proposalId)}::text[])
        AS e(position, proposal_id)
      JOIN ${momentsTable(at, snapshot)} p ON p.generation = ${sql.lit(snapshot.generation)} AND p.proposal_id = e.proposal_id
       AND p.known_from <= e.position AND p.known_to >= e.position AND p.valid_to = 'infinity'
      JOIN ${facetsTable(at, snapshot)} f ON f.generation = p.generation AND f.proposal_id = p.proposal_id AND f.facets = p.facets
     WHERE ${sql.join(
       wanted.map((some) => sql`f.labels && ${some}::text[]`),
       sql` AND `,
     )}`.execute(snapshot.db)
  const positions = new Set(rows.map(({ position }) => position))
  return { lines: known, fits: ({ position }) => positions.has(position) }
}
