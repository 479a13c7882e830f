import {
  addressMistake,
  assertDurable,
  assertMigrated,
  assertOwnSessions,
  type ConnectOptions,
  describeFault,
  openPool,
  serviceName,
  startAnnouncer,
} from '@commitments/event-store'
import {
  type Environment,
  loadCallers,
  type OfProcess,
  openTokens,
  readDatabaseAddress,
  readTogether,
  runMain,
  serveLedgers,
} from '@commitments/http-kit'
import { buildCommandApp } from './app.ts'
import { readConfig } from './config.ts'

/**
 * Milliseconds: shorter than one attempt to append (`LogTimeouts.tryMs`), so that an attempt that only waited for the lock of the log ends
 * in the server too. An attempt that waits for a synchronous standby holds the lock; otherwise each further one would wait behind it for
 * as long, until the server has no connections left.
 */
const lockTimeout = 3_500

/** Milliseconds: looks at clock and mode take far less. */
const answerWithin = 5_000

const service = { name: 'command', port: 8080, read, open, explain: describeFault } as const

await runMain((environment) => serveLedgers(service, environment))

function read(environment: Environment) {
  return readTogether({
    config: () => readConfig(environment),
    callers: () => loadCallers(environment),
    address: () => readDatabaseAddress(environment, 'command', addressMistake),
  })
}

async function open({ config, callers, address }: ReturnType<typeof read>, { logger, ...shared }: OfProcess) {
  await using opened = new AsyncDisposableStack()
  const { url, ...role } = address
  const ledger = config.LEDGER_SCHEMA
  const connect: ConnectOptions = { ledger, applicationName: serviceName(ledger, 'command'), logger, ...role }
  const pool = openPool(url, { ...connect, max: config.RECORD_CONNECTIONS, lockTimeout })
  opened.defer(() => pool.end())
  await assertOwnSessions(pool)
  await assertDurable(pool)
  await assertMigrated(pool)
  const checkPool = openPool(url, { ...connect, max: 1, answerWithin })
  opened.defer(() => checkPool.end())
  const announcer = startAnnouncer({ pool, ledger, logger })
  const tokens = openTokens(callers.issuers, { logger })
  const { app, close } = await buildCommandApp({
    config,
    pool,
    checkPool,
    announcer,
    keys: callers.keys,
    tokens,
    logger,
    ...shared,
  })
  opened.defer(close)
  const held = opened.move()
  return { app, close: () => held.disposeAsync() }
}
