import { createTurns } from '@commitments/http-kit/turns'
import { defaults, type ProjectionDeps } from './deps.ts'
import type { ProjectionMetrics } from './metrics.ts'
import { memoryOf } from './open-service.ts'
import { momentsProjection } from './past/past-projection.ts'
import type { ProjectionName } from './projection-names.ts'
import { follow } from './projections/follow.ts'
import { readMomentsStanding } from './projections/generations.ts'
import type { ParkedProposal } from './projections/projection.ts'
import type { Service } from './service.ts'
import { readStanding } from './status/read-standing.ts'
import { statusProjection } from './status/status-projection.ts'

/**
 * Milliseconds: nobody waits for the moments as for a status that was just written, and a proposal that changes ten times within this time
 * is computed once. A question about the past that has to wait ends the pause.
 */
const momentsPace = 200
/** Events: fewer than for statuses, because the streams of all their proposals are read with them, a portion at a time. */
const momentsBatch = 500

/** Starts one projector for each projection, so that neither waits for the other; an instance that only reads watches the others. Returns the function that ends them. */
export function startProjectors(
  deps: ProjectionDeps,
  service: Service,
  metrics: ProjectionMetrics,
): () => Promise<void> {
  const { config, pool, follower, logger, takeOverAfter, batchSize } = deps
  const stop = new AbortController()
  const common = {
    pool,
    logger,
    tell: deps.tracing?.tell ?? null,
    knownHead: () => follower.seen?.position ?? 0,
    turns: createTurns(1),
    memoryBytes: memoryOf(config).folded,
    timeZone: config.LEDGER_TIME_ZONE,
    takeOverAfter: service.onlyReads ? null : (takeOverAfter ?? defaults.takeOverAfter),
    batchSize: batchSize ?? defaults.batchSize,
  }
  const running = [
    { projection: statusProjection, view: service.view, readStanding, pace: 0 },
    {
      projection: momentsProjection,
      view: service.moments,
      readStanding: readMomentsStanding,
      pace: momentsPace,
      batchSize: Math.min(common.batchSize, momentsBatch),
    },
  ].map((own) => {
    const counted = counting(metrics, own.projection.name)
    return follow({ ...common, ...own, ...counted, listener: follower.listener() }, stop.signal)
  })
  return async () => {
    stop.abort()
    await Promise.all(running)
  }
}

function counting(metrics: ProjectionMetrics, projection: ProjectionName) {
  return {
    onApplied: (events: number, parked: readonly ParkedProposal[]) => {
      metrics.applied.inc({ projection }, events)
      metrics.parked.inc({ projection }, parked.length)
      metrics.faults.inc({ projection }, parked.filter((one) => one.parked?.code === 'fault').length)
    },
    onFailure: () => metrics.failures.inc({ projection }),
  }
}
