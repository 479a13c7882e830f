/** Whether the moments of two generations are the same. */
import { facetsColumns, momentColumns } from './write-past.ts'

const rectangle = ['proposal_id', 'facets', 'known_to', 'valid_from', 'known_from', 'valid_to'] as const
const facetsKey = ['proposal_id', 'facets'] as const

/** As `Projection.comparison` promises. What changed after the position that both have applied, the log says. */
export function comparison(only: string): string {
  return `
  WITH reached AS (
    SELECT min(position) AS by_both, max(position) AS by_one FROM projection_generations WHERE generation IN ($1, $2)
  ), later AS MATERIALIZED (
    SELECT DISTINCT proposal_id FROM events, reached WHERE events.position > by_both AND events.position <= by_one ${only}
  ), differing AS (
    ${differing('proposal_moments', rectangle, momentColumns, only)}
    UNION ${differing('moment_facets', facetsKey, facetsColumns, only)}
    UNION ${differing('parked_moments', ['proposal_id'], ['position', 'code'], only)}
    UNION ${differing('dense_moments', ['proposal_id'], [], only)}
  )
  SELECT proposal_id AS "proposalId", true AS later FROM later
  UNION ALL SELECT proposal_id, false FROM differing WHERE proposal_id NOT IN (SELECT proposal_id FROM later)
  ORDER BY 1`
}

function differing(table: string, key: readonly string[], all: readonly string[], only: string): string {
  const rest = all.filter((name) => !key.includes(name))
  const row = (side: string) => `ROW(${rest.map((name) => `${side}.${name}`).join(', ')})`
  const differ = rest.length > 0 ? `${row('a')} IS DISTINCT FROM ${row('b')} OR` : ''
  return `SELECT proposal_id FROM (SELECT * FROM ${table} WHERE generation = $1 ${only}) a
      FULL JOIN (SELECT * FROM ${table} WHERE generation = $2 ${only}) b USING (${key.join(', ')})
      WHERE ${differ} a.generation IS NULL OR b.generation IS NULL`
}
