import { fileURLToPath } from 'node:url'
import {
  addressMistake,
  assertDurable,
  assertMigrated,
  assertOwnSessions,
  assertWritable,
  type ConnectOptions,
  describeFault,
  followLog,
  openPool,
  type PoolOptions,
  serviceName,
} from '@commitments/event-store'
import {
  callerLeaves,
  type Environment,
  loadCallers,
  type OfProcess,
  openTokens,
  readDatabaseAddress,
  readTogether,
  runMain,
  serveLedgers,
} from '@commitments/http-kit'
import type { Logger } from 'pino'
import { buildProjectionApp } from './app.ts'
import { type AuditFiles, readAuditFiles } from './audit/read-audit-files.ts'
import { type Board, readBoard } from './board/read-board.ts'
import { isReader, readConfig } from './config.ts'
import { readIatiSettings } from './iati/read-settings.ts'
import { lookAtGuard } from './log-guard.ts'
import { type Pulse, pulseQuery } from './pulse.ts'
import { readSigning } from './transparency/signing-config.ts'
import { readWebhookSettings } from './webhooks/settings.ts'

/** The folders in which `npm start`, `npm run build` and the image put the files of the board, and those for auditors. */
const [boardFolder, auditFolder] = ['board', 'audit-cli'].map((name) =>
  fileURLToPath(new URL(`../../../packages/${name}/dist/`, import.meta.url)),
) as [string, string]

const rebuildConnections = 6
/** In addition to the downloads: live readers that catch up, and the follower of the live feed. */
const liveConnections = 5
/** For the endpoints of webhooks, whose number takes none from others. */
const webhookConnections = 3

/** Milliseconds: longer than a read or a batch of a projector may take; both are abandoned earlier. */
const answerWithin = 20_000
/** Milliseconds: the caller has already been told that the read takes too long (`readLimit` in routes/reading.ts). */
const statementTimeout = 16_000

/** Of the board and for auditors; see `builtFiles`. */
let built: { readonly board: Board | null; readonly audit: AuditFiles | null } | undefined

const service = { name: 'projection', port: 8081, read, open, explain: describeFault } as const

await runMain((environment) => serveLedgers(service, environment))

function read(environment: Environment) {
  return readTogether({
    publication: () => ({ iati: readIatiSettings(environment) }),
    sending: () => ({ webhooks: readWebhookSettings(environment) }),
    config: () => readConfig(environment),
    callers: () => loadCallers(environment),
    address: () => readDatabaseAddress(environment, 'projection', addressMistake),
    signing: () => ({ signing: isReader(environment) ? null : readSigning(environment) }),
  })
}

type Settings = ReturnType<typeof read>

async function open(settings: Settings, { logger, ...shared }: OfProcess) {
  const { config, callers, address, signing, publication, sending } = settings
  await using opened = new AsyncDisposableStack()
  for (const warning of [...(signing.signing?.warnings ?? []), ...(sending.webhooks?.warnings ?? [])])
    logger.warn(warning)
  const pools = openPools(settings, logger)
  opened.defer(() => Promise.all(Object.values(pools).map((one) => one.end())).then(() => undefined))
  const { pool } = pools
  await assertOwnSessions(pool)
  await assertDurable(pool)
  await assertMigrated(pool)
  await lookAtGuard(pool, logger)
  if (config.PROJECTION_MODE === 'apply') await assertWritable(pool)
  const follower = followLog<Pulse>({ url: address.url, look: pulseQuery, ...connectOptions(settings, logger) })
  opened.defer(() => follower.close())
  const tokens = openTokens(callers.issuers, { logger })
  const { app, close } = await buildProjectionApp({
    config,
    follower,
    keys: callers.keys,
    tokens,
    logger,
    ...pools,
    ...builtFiles(),
    ...publication,
    ...sending,
    ...signing,
    ...shared,
  })
  opened.defer(close)
  const held = opened.move()
  return { app, close: () => held.disposeAsync() }
}

function connectOptions({ config, address }: Settings, logger: Logger): ConnectOptions {
  const { LEDGER_SCHEMA: ledger } = config
  return { ledger, applicationName: serviceName(ledger, 'projection'), logger, role: address.role }
}

/** Nothing is connected before it is needed, and what is idle is closed. */
function openPools(settings: Settings, logger: Logger) {
  const { config, address } = settings
  const open = (options: Omit<PoolOptions, 'ledger'>) =>
    openPool(address.url, { ...connectOptions(settings, logger), ...options })
  return {
    pool: open({ max: config.WORK_CONNECTIONS, answerWithin }),
    readPool: open({ max: config.READ_CONNECTIONS, answerWithin, statementTimeout, wanted: callerLeaves }),
    streamPool: open({ max: config.DOWNLOADS + liveConnections, answerWithin }),
    checkPool: open({ max: 1, answerWithin }),
    webhookPool: open({ max: webhookConnections, answerWithin }),
    // Statements of a rebuild take long on a large ledger.
    rebuildPool: open({ max: rebuildConnections }),
  }
}

/** They are the same for all ledgers of the process, and read once. */
function builtFiles() {
  built ??= { board: readBoard(boardFolder), audit: readAuditFiles(auditFolder) }
  return built
}
