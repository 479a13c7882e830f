/** How each proposal stands: one row a proposal. */

import type { Projection } from '../projections/projection.ts'
import type { CopyTarget } from '../projections/rebuild/row-bytes.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { foldStreams } from './fold-stream-lines.ts'
import type { Row } from './row.ts'
import { step, withRow } from './status-step.ts'
import { linksOf, linkTypes, rowColumns, rowTypes } from './write-status.ts'

export const statusProjection: Projection = {
  name: 'proposal-status',
  step,
  targets,
  rowsOf,
  comparison,
  parkedRows: 'SELECT proposal_id, parked, position FROM proposal_status WHERE generation = $1 AND parked IS NOT NULL',
}

function targets(generation: number): CopyTarget[] {
  return [
    { table: `proposal_status_${generation}`, generation, types: rowTypes },
    { table: 'proposal_links', generation, types: linkTypes },
  ]
}

function rowsOf(streams: readonly Stream[], timeZone: string): (readonly object[])[] {
  const rows = statusRows(streams, timeZone)
  return [rows, linksOf(rows)]
}

/** The row of each of these whole streams. */
export function statusRows(streams: readonly Stream[], timeZone: string): Row[] {
  return foldStreams(streams, timeZone).map(({ held }) => withRow(held, timeZone).row)
}

const columns = ['position', ...rowColumns.filter((name) => name !== 'proposal_id' && name !== 'position')]

/** The whole row but its generation. The columns themselves: to make a fingerprint of each row costs three times as much. */
const rowOfSide = (side: 'a' | 'b') => `ROW(${columns.map((name) => `${side}.${name}`).join(', ')})`

function comparison(only: string): string {
  return `
  WITH shared AS (SELECT min(position) AS position FROM projection_generations WHERE generation IN ($1, $2))
  SELECT proposal_id AS "proposalId", greatest(a.position, b.position) > shared.position AS later
    FROM (SELECT * FROM proposal_status WHERE generation = $1 ${only}) a
    FULL JOIN (SELECT * FROM proposal_status WHERE generation = $2 ${only}) b USING (proposal_id)
    CROSS JOIN shared
   WHERE ${rowOfSide('a')} IS DISTINCT FROM ${rowOfSide('b')} OR greatest(a.position, b.position) > shared.position
   ORDER BY proposal_id`
}
