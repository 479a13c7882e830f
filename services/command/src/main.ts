import {
  addressMistake,
  assertDurable,
  assertMigrated,
  assertOwnSessions,
  type ConnectOptions,
  clientFactory,
  openPool,
  serviceName,
  startAnnouncer,
} from '@commitments/event-store'
import {
  createLogger,
  type Environment,
  heldReadiness,
  loadCallers,
  openTokens,
  openTracing,
  readDatabaseAddress,
  readTogether,
  runMain,
  runService,
} from '@commitments/http-kit'
import { buildCommandApp } from './app.ts'
import { readConfig } from './config.ts'

/** Batches are written one after the other; the other connections read streams and keys. */
const connections = 10

/**
 * Milliseconds: shorter than one attempt to append (`LogTimeouts.tryMs`), so that an attempt that only waited for the lock of the log ends
 * in the server too. An attempt that waits for a synchronous standby holds the lock; otherwise each further one would wait behind it for
 * as long, until the server has no connections left.
 */
const lockTimeout = 3_500

await runMain(start)

/** The only function of the service that reads its environment. */
async function start(environment: Environment) {
  const { config, callers, address } = readTogether({
    config: () => readConfig(environment),
    callers: () => loadCallers(environment),
    address: () => readDatabaseAddress(environment, 'command', addressMistake),
  })
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const tracing = await openTracing(environment, 'commitments-command')
  const { url, ...role } = address
  const tokens = openTokens(callers.issuers, { logger })
  const furtherChecks = heldReadiness(environment)
  const connect: ConnectOptions = {
    ledger: config.LEDGER_SCHEMA,
    applicationName: serviceName(config.LEDGER_SCHEMA, 'command'),
    logger,
    ...role,
  }
  const pool = openPool(url, { ...connect, max: connections, lockTimeout })
  await assertOwnSessions(pool)
  await assertDurable(pool)
  await assertMigrated(pool)
  const announcer = startAnnouncer({ connect: clientFactory(url, connect), ledger: config.LEDGER_SCHEMA, logger })
  const { app, close } = await buildCommandApp({
    config,
    pool,
    announcer,
    keys: callers.keys,
    tokens,
    logger,
    tracing,
    furtherChecks,
  })
  const { HOST: host, PORT: port, SHUTDOWN_DELAY: shutdownDelay } = config
  return runService({ app, host, port, shutdownDelay, logger, close: closeAll })

  async function closeAll(): Promise<void> {
    await close()
    await announcer.close()
    await pool.end()
    await tracing?.close()
  }
}
