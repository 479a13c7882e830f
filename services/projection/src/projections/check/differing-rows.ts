import type { ProjectionTable } from '../projection.ts'

/**
 * A query for the rows of a table that differ between two sources: the columns of the key, whether the row is missing in `stored`, and the
 * names of the columns that differ. The database compares the columns themselves: a fingerprint of each row would cost three times as much.
 *
 * @param stored, expected what comes after FROM. If a table keeps rows that no longer hold, rows that only `stored` has are not reported.
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
