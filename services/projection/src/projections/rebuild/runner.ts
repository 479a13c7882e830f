/**
 * Rebuilds that the admin call starts: in the background, one at a time. They have no workers: a second thread takes some 60 MB, which a
 * service needs for its readers to stay within its memory. `npm run rebuild` is the fast way.
 */
import type { Logger } from 'pino'
import type { Projection } from '../projection.ts'
import { type RebuildOptions, type RebuildOutcome, rebuild } from './rebuild.ts'

export interface RebuildRunner {
  readonly options: Pick<RebuildOptions, 'pool' | 'timeZone' | 'rules'>
  readonly logger: Logger
  running: Promise<void> | null
}

export function createRunner(options: RebuildRunner['options'], logger: Logger): RebuildRunner {
  return { options, logger, running: null }
}

export type RebuildStart = 'started' | 'busy' | 'nothing-to-accept' | 'log-changed'

/**
 * Starts a rebuild, and returns once it is certain that it can proceed. Its result is then in the log and in `/v1/projections`.
 *
 * @throws any error of the database before that
 */
export async function startRebuild(
  runner: RebuildRunner,
  projection: Projection,
  acceptDifferences: number | undefined,
): Promise<RebuildStart> {
  if (runner.running !== null) return 'busy'
  const { promise: begun, resolve } = Promise.withResolvers<RebuildStart>()
  const ended = rebuild({ ...runner.options, projection, acceptDifferences, onBegin: () => resolve('started') })
  runner.running = tell(runner.logger.child({ projection: projection.name }), ended).finally(() => {
    runner.running = null
  })
  const start = await Promise.race([begun, ended.then(startOf)])
  if (start !== 'started') await runner.running
  return start
}

/** For a rebuild that ended before it reported its start. */
function startOf({ outcome }: RebuildOutcome): RebuildStart {
  return outcome === 'busy' || outcome === 'nothing-to-accept' || outcome === 'log-changed' ? outcome : 'started'
}

async function tell(logger: Logger, ended: Promise<RebuildOutcome>): Promise<void> {
  try {
    const result = await ended
    logger[result.outcome === 'switched' ? 'info' : 'warn'](result, 'the rebuild ended')
  } catch (error) {
    logger.error({ err: error }, 'the rebuild failed; the live generation is as it was')
  }
}
