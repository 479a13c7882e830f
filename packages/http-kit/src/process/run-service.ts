/** The life of a service's process: listen, serve, and end properly, within a time limit. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

interface ServiceToRun {
  app: FastifyInstance
  host: string
  port: number
  /**
   * Seconds from SIGTERM until the service takes no more requests. Meanwhile it is not ready and serves as usual, so that a balancer
   * notices before the port is closed. Default: 0.
   */
  shutdownDelay?: number | undefined
  logger: Logger
  /** Called when the last request is answered: flush, close pools. */
  close(): Promise<void>
}

export interface RunningService {
  /** The address on which it listens; with the real port if 0 was requested. */
  url: string
  /** Ends the service like a signal does, and resolves when everything is closed. */
  stop(reason: string): Promise<void>
}

/** Milliseconds from the end of the delay to the end of the process, whatever is still running. */
const limit = 10_000

interface Life {
  readonly service: ServiceToRun
  /** From SIGTERM until the delay is over; aborting it ends the delay. */
  delay: AbortController | null
  ending: Promise<void> | null
}

/**
 * Listens, and ends the process on SIGTERM, SIGINT, or when the parent that started it with a channel goes away: no new connections,
 * running requests are finished, then `close()`. After 10 seconds, or at a second signal, it ends at once with code 1.
 *
 * With a `shutdownDelay`, SIGTERM first only makes the service unready, and every answer closes its connection; a second signal ends the
 * delay. On SIGHUP it reads its key file again and continues. Rejects if the port is not available.
 */
export async function runService(service: ServiceToRun): Promise<RunningService> {
  const life: Life = { service, delay: null, ending: null }
  const { host, port } = service
  const url = await service.app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => endProcess(life, signal))
  process.on('SIGHUP', () => void service.app.refreshKeys())
  process.once('disconnect', () => endProcess(life, 'the parent went away'))
  return { url, stop: (reason) => stop(life, reason) }
}

function endProcess(life: Life, reason: string): void {
  if (life.ending !== null && reason.startsWith('SIG')) {
    life.service.logger.warn({ reason }, 'ending at once')
    process.exit(1)
  }
  if (life.delay !== null) return life.delay.abort()
  void waitForBalancer(life, reason)
    .then(() => stop(life, reason))
    .then(
      () => process.exit(0),
      (error: unknown) => {
        life.service.logger.error({ err: error }, 'the service did not end in an orderly way')
        process.exit(1)
      },
    )
}

/** Whoever presses Ctrl-C waits for nobody, and an orphan must not live on; an orchestrator sends SIGTERM. */
async function waitForBalancer(life: Life, reason: string): Promise<void> {
  const { app, logger, shutdownDelay = 0 } = life.service
  if (reason !== 'SIGTERM' || shutdownDelay === 0) return
  life.delay = new AbortController()
  app.announceStop()
  logger.info({ reason, seconds: shutdownDelay }, 'not ready any more; stopping after the delay')
  await sleep(shutdownDelay * 1_000, undefined, { signal: life.delay.signal }).catch(() => {})
}

function stop(life: Life, reason: string): Promise<void> {
  life.ending ??= closeAll(life.service, reason)
  return life.ending
}

async function closeAll(service: ServiceToRun, reason: string): Promise<void> {
  const { app, logger } = service
  logger.info({ reason }, 'stopping')
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`Not everything was closed within ${limit / 1000} seconds.`)), limit)
  // Node closes the connections that are idle now; those of long answers become idle later.
  const sweeper = setInterval(() => app.server.closeIdleConnections(), 50)
  try {
    await Promise.race([app.close().then(() => service.close()), late])
    logger.info('stopped')
  } finally {
    clearTimeout(timer)
    clearInterval(sweeper)
  }
}
