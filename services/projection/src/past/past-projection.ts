/** The read model of the past: the state of each proposal on every day, as known at every position. It answers all reads about a moment. */
import type { Sliced } from '@commitments/domain'
import type { Projection } from '../projections/projection.ts'
import type { Stream } from '../streams/streams-in-order.ts'
import { type StreamMoments, streamMoments } from './apply-batch.ts'
import { stepPast } from './past-step.ts'
import { denseRow, denseTypes, facetsTypes, momentTypes, parkedRow, parkedTypes } from './write-past.ts'

export const momentsProjection: Projection<null> = {
  name: 'proposal-moments',
  createMemory: () => null,
  step: stepPast,
  tables: [
    {
      name: 'proposal_moments',
      types: momentTypes,
      // In the order of the primary key, so that generations are compared along it.
      key: ['proposal_id', 'facets', 'known_to', 'valid_from', 'known_from', 'valid_to'],
      isPartitioned: true,
    },
    { name: 'moment_facets', types: facetsTypes, key: ['proposal_id', 'facets'], isPartitioned: true },
    { name: 'parked_moments', types: parkedTypes, key: ['proposal_id'], isPartitioned: false },
    { name: 'dense_moments', types: denseTypes, key: ['proposal_id'], isPartitioned: false },
  ],
  rowsOf,
  parkedRows: `SELECT proposal_id, json_build_object('position', position, 'code', code) AS parked, position
    FROM parked_moments WHERE generation = $1`,
}

function* rowsOf(streams: readonly Stream[], timeZone: string): Sliced<(readonly object[])[]> {
  const moments: StreamMoments[] = []
  for (const { entries } of streams) {
    moments.push(yield* streamMoments(entries, 0, timeZone))
    yield
  }
  const changes = moments.map((one) => one.changes)
  return [
    changes.flatMap(({ opened }) => opened),
    changes.flatMap(({ facets }) => facets),
    moments.flatMap(parkedRow),
    moments.flatMap(denseRow),
  ]
}
