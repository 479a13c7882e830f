/** How each proposal stood on every day, as known at every position: what questions about a moment are answered from. */
import type { Projection } from '../projections/projection.ts'
import type { CopyTarget } from '../projections/rebuild/row-bytes.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { momentsOfStream } from './apply-batch.ts'
import { comparison } from './past-comparison.ts'
import { step } from './past-step.ts'
import { denseRow, denseTypes, facetsTypes, momentTypes, parkedRow, parkedTypes } from './write-past.ts'

export const momentsProjection: Projection = {
  name: 'proposal-moments',
  step,
  targets,
  rowsOf,
  comparison,
  parkedRows: `SELECT proposal_id, json_build_object('position', position, 'code', code) AS parked, position
    FROM parked_moments WHERE generation = $1`,
}

function targets(generation: number): CopyTarget[] {
  return [
    { table: `proposal_moments_${generation}`, generation, types: momentTypes },
    { table: `moment_facets_${generation}`, generation, types: facetsTypes },
    { table: 'parked_moments', generation, types: parkedTypes },
    { table: 'dense_moments', generation, types: denseTypes },
  ]
}

function rowsOf(streams: readonly Stream[], timeZone: string): (readonly object[])[] {
  const moments = streams.map(({ entries }) => momentsOfStream(entries, 0, timeZone))
  const changes = moments.map((one) => one.changes)
  return [
    changes.flatMap(({ opened }) => opened),
    changes.flatMap(({ facets }) => facets),
    moments.flatMap(parkedRow),
    moments.flatMap(denseRow),
  ]
}
