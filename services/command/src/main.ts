import {
  assertDurable,
  assertMigrated,
  type ConnectOptions,
  clientFactory,
  openPool,
  startAnnouncer,
} from '@commitments/event-store'
import { ConfigError, createLogger, type Environment, loadApiKeys, runMain, runService } from '@commitments/http-kit'
import { buildCommandApp } from './app.ts'
import { type CommandConfig, readConfig } from './config.ts'

/** Groups are written one after the other; the other connections read streams and keys. */
const connections = 10

await runMain(start)

/** The only place of the service that sees its environment. */
async function start(environment: Environment) {
  const config = readConfig(environment)
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const { url, ...role } = databaseAddress(config)
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
  const { app, close } = await buildCommandApp({ config, pool, announcer, keys: loadApiKeys(config), logger })
  return runService({ app, host: config.HOST, port: config.PORT, logger, close: closeAll })

  async function closeAll(): Promise<void> {
    await close()
    await announcer.close()
    await pool.end()
  }
}

/** An address of the service's own already has the right role; with the owner's it takes the role itself. */
function databaseAddress(config: CommandConfig): { url: string; role?: 'command' } {
  if (config.COMMAND_DATABASE_URL !== undefined) return { url: config.COMMAND_DATABASE_URL }
  if (config.DATABASE_URL !== undefined) return { url: config.DATABASE_URL, role: 'command' }
  throw new ConfigError(['COMMAND_DATABASE_URL (or DATABASE_URL, the owner of the ledger) must be set'])
}
