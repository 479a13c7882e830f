/** Rebuilds that the admin call starts: in the background, one at a time. */
import type { Logger } from 'pino'
import { type RebuildOptions, type RebuildOutcome, rebuild } from './rebuild.ts'

export interface RebuildRunner {
  readonly options: Pick<RebuildOptions, 'pool' | 'timeZone' | 'rules'>
  readonly logger: Logger
  running: Promise<void> | null
}

export function createRunner(options: RebuildRunner['options'], logger: Logger): RebuildRunner {
  return { options, logger, running: null }
}

/** False where one is running in this process already. How it ends is in the log and in `/v1/projections`. */
export function startRebuild(runner: RebuildRunner, acceptDifferences: number | undefined): boolean {
  if (runner.running !== null) return false
  runner.running = run(runner, acceptDifferences).finally(() => {
    runner.running = null
  })
  return true
}

async function run({ options, logger }: RebuildRunner, acceptDifferences: number | undefined): Promise<void> {
  try {
    const result: RebuildOutcome = await rebuild({ ...options, acceptDifferences })
    logger[result.outcome === 'switched' ? 'info' : 'warn'](result, 'the rebuild ended')
  } catch (error) {
    logger.error({ err: error }, 'the rebuild failed; the live generation is as it was')
  }
}
