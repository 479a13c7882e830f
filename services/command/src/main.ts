import {
  assertDurable,
  assertMigrated,
  type ConnectOptions,
  clientFactory,
  openPool,
  startAnnouncer,
} from '@commitments/event-store'
import {
  createLogger,
  type Environment,
  heldReadiness,
  loadApiKeys,
  readDatabaseAddress,
  readTogether,
  runMain,
  runService,
} from '@commitments/http-kit'
import { buildCommandApp } from './app.ts'
import { readConfig } from './config.ts'

/** Batches are written one after the other; the other connections read streams and keys. */
const connections = 10

await runMain(start)

/** The only function of the service that reads its environment. */
async function start(environment: Environment) {
  const { config, keys, address } = readTogether({
    config: () => readConfig(environment),
    keys: () => loadApiKeys(environment),
    address: () => readDatabaseAddress(environment, 'command'),
  })
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const { url, ...role } = address
  const furtherChecks = heldReadiness(environment)
  const connect: ConnectOptions = {
    ledger: config.LEDGER_SCHEMA,
    applicationName: 'commitments command',
    logger,
    ...role,
  }
  const pool = openPool(url, { ...connect, max: connections })
  await assertDurable(pool)
  await assertMigrated(pool)
  const announcer = startAnnouncer({ connect: clientFactory(url, connect), ledger: config.LEDGER_SCHEMA, logger })
  const { app, close } = await buildCommandApp({ config, pool, announcer, keys, logger, furtherChecks })
  return runService({ app, host: config.HOST, port: config.PORT, logger, close: closeAll })

  async function closeAll(): Promise<void> {
    await close()
    await announcer.close()
    await pool.end()
  }
}
