/** Finds stored links that never existed, using the past of their proposals. `check-projection.ts` finds missing links. */
import type { PoolClient } from 'pg'
import { type Findings, report } from '../projections/check/findings.ts'
import type { Generation } from '../projections/generations.ts'

const target = (label: string) => `regexp_replace(${label}, '^link:[^:]*:', '')`

/** Rows of links that never existed, by the facets of generation $2. It ignores dense proposals, whose former links are not stored. */
const strangeLinks = `SELECT k.proposal_id AS "proposalId", k.other FROM proposal_links k WHERE k.generation = $1
 AND ($3::text[] IS NULL OR k.proposal_id = ANY($3)) AND NOT EXISTS (SELECT FROM dense_moments d WHERE d.generation = $2 AND d.proposal_id = k.proposal_id) AND NOT EXISTS (
  SELECT FROM moment_facets f CROSS JOIN LATERAL unnest(f.labels) AS l(label)
   WHERE f.generation = $2 AND f.proposal_id = k.proposal_id AND l.label LIKE 'link:%' AND ${target('l.label')} = k.other)`

interface Links {
  readonly client: PoolClient
  readonly findings: Findings
  /** The live generations of the statuses and of the moments. */
  readonly live: Generation
  readonly moments: Generation
  /** Only links of these proposals; null: all. */
  readonly ids: readonly string[] | null
}

/** Uses the rows of the moments, which were compared with the fold before. */
export async function checkLinks({ client, live, moments, findings, ids }: Links): Promise<void> {
  // Moments that are behind the statuses lack their last links.
  if (moments.position < live.position) return
  const { rows } = await client.query<{ proposalId: string; other: string }>(strangeLinks, [
    live.generation,
    moments.generation,
    ids,
  ])
  for (const { proposalId, other } of rows)
    report(findings, { what: `proposal_links says that it was linked to ${other}, which it never was`, proposalId })
}
