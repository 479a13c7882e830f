import type { ProjectionTable } from '../projection.ts'

/**
 * A query for the rows of a table that two sources of it do not have alike: the columns of the key, whether the row is missing
 * in `stored`, and the names of the columns that differ. The database compares the columns themselves: to make a fingerprint of each
 * row costs three times as much.
 * @param stored, expected what comes after FROM. Where rows stay that hold no longer, those that only `stored` has are none.
 */
export function differingRows({ types, key, lacks }: ProjectionTable, stored: string, expected: string): string {
  const rest = Object.keys(types).filter((name) => !key.includes(name))
  const row = (side: 'a' | 'b') => `ROW(${rest.map((name) => `${side}.${name}`).join(', ')})`
  const differ = rest.length > 0 ? `OR ${row('a')} IS DISTINCT FROM ${row('b')}` : ''
  const columns = rest.map((name) => `CASE WHEN a.${name} IS DISTINCT FROM b.${name} THEN '${name}' END`)
  return `SELECT ${key.join(', ')}, a.here IS NULL AS missing, array_remove(ARRAY[${columns.join(', ')}]::text[], NULL) AS columns
    FROM (SELECT true AS here, * FROM ${stored}) a ${lacks ? 'RIGHT' : 'FULL'} JOIN (SELECT true AS here, * FROM ${expected}) b USING (${key.join(', ')})
   WHERE a.here IS NULL OR b.here IS NULL ${differ}`
}
