/** The read model of statuses: one row for each proposal. */
import type { Sliced } from '@commitments/domain'
import type { Projection } from '../projections/projection.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { foldStreams } from './fold-stream-lines.ts'
import { createStates, type States } from './states.ts'
import { step, withRow } from './status-step.ts'
import { linksOf, linkTypes, rowTypes, searchTypes } from './write-status.ts'

export const statusProjection: Projection<States> = {
  name: 'proposal-status',
  createMemory: createStates,
  step,
  tables: [
    { name: 'proposal_status', types: rowTypes, key: ['proposal_id'], isPartitioned: true, isOneEach: true },
    { name: 'proposal_search', types: searchTypes, key: ['proposal_id'], isPartitioned: true },
    {
      name: 'proposal_links',
      types: linkTypes,
      key: ['other', 'proposal_id'],
      isPartitioned: false,
      lacks: ({ other }) => `proposal_links has no row for its link to ${String(other)}`,
    },
  ],
  rowsOf,
  parkedRows: 'SELECT proposal_id, parked, position FROM proposal_status WHERE generation = $1 AND parked IS NOT NULL',
}

function* rowsOf(streams: readonly Stream[], timeZone: string): Sliced<(readonly object[])[]> {
  const folded = yield* foldStreams(streams, timeZone)
  const rows = folded.map(({ held }) => withRow(held, timeZone).row)
  return [rows, rows, linksOf(rows)]
}
