/** Whether the moments of two generations are the same. */
import { facetsColumns, momentColumns } from './write.ts'

const rectangle = ['proposal_id', 'facets', 'known_to', 'valid_from', 'known_from', 'valid_to'] as const
const facetsKey = ['proposal_id', 'facets'] as const

/**
 * `differing_moments (proposal_id)`, as part of a WITH clause: the proposals whose moments are not the same in the
 * generations $1 and $2.
 *
 * @param only narrows the rows of both, as `AND …`.
 */
export function differingMoments(only: string): string {
  return `differing_moments AS (
      ${differing('proposal_moments', rectangle, momentColumns, only)}
      UNION ${differing('moment_facets', facetsKey, facetsColumns, only)}
    )`
}

function differing(table: string, key: readonly string[], all: readonly string[], only: string): string {
  const rest = all.filter((name) => !key.includes(name))
  const row = (side: string) => `ROW(${rest.map((name) => `${side}.${name}`).join(', ')})`
  return `SELECT proposal_id FROM (SELECT * FROM ${table} WHERE generation = $1 ${only}) a
      FULL JOIN (SELECT * FROM ${table} WHERE generation = $2 ${only}) b USING (${key.join(', ')})
      WHERE ${row('a')} IS DISTINCT FROM ${row('b')}`
}
