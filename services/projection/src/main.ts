import { fileURLToPath } from 'node:url'
import {
  addressMistake,
  assertDurable,
  assertMigrated,
  assertOwnSessions,
  assertWritable,
  type ConnectOptions,
  clientFactory,
  followLog,
  openPool,
  serviceName,
} from '@commitments/event-store'
import {
  callerLeaves,
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
import { buildProjectionApp } from './app.ts'
import { readAuditFiles } from './audit/read-audit-files.ts'
import { readBoard } from './board/read-board.ts'
import { isReader, readConfig } from './config.ts'
import { readIatiSettings } from './iati/read-settings.ts'
import { lookAtGuard } from './log-guard.ts'
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

/** Milliseconds between two looks at the log if no notification arrives. */
const pollEvery = 250

await runMain(start)

/** The only function of the service that reads its environment. */
async function start(environment: Environment) {
  const { config, callers, address, signing, publication, sending } = readTogether({
    publication: () => ({ iati: readIatiSettings(environment) }),
    sending: () => ({ webhooks: readWebhookSettings(environment) }),
    config: () => readConfig(environment),
    callers: () => loadCallers(environment),
    address: () => readDatabaseAddress(environment, 'projection', addressMistake),
    signing: () => ({ signing: isReader(environment) ? null : readSigning(environment) }),
  })
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const tracing = await openTracing(environment, 'commitments-projection')
  for (const warning of [...(signing.signing?.warnings ?? []), ...(sending.webhooks?.warnings ?? [])])
    logger.warn(warning)
  const { url, ...role } = address
  const tokens = openTokens(callers.issuers, { logger })
  const furtherChecks = heldReadiness(environment)
  const ledger = config.LEDGER_SCHEMA
  const connect: ConnectOptions = { ledger, applicationName: serviceName(ledger, 'projection'), logger, ...role }
  const pool = openPool(url, { ...connect, max: config.WORK_CONNECTIONS, answerWithin })
  const forReads = { max: config.READ_CONNECTIONS, answerWithin, statementTimeout, wanted: callerLeaves }
  const readPool = openPool(url, { ...connect, ...forReads })
  const streamPool = openPool(url, { ...connect, max: config.DOWNLOADS + liveConnections, answerWithin })
  const webhookPool = openPool(url, { ...connect, max: webhookConnections, answerWithin })
  // Statements of a rebuild take long on a large ledger.
  const rebuildPool = openPool(url, { ...connect, max: rebuildConnections })
  await assertOwnSessions(pool)
  await assertDurable(pool)
  await assertMigrated(pool)
  await lookAtGuard(pool, logger)
  if (config.PROJECTION_MODE === 'apply') await assertWritable(pool)
  const follower = followLog({ connect: clientFactory(url, connect), ledger, pollEvery, logger })
  const { app, close } = await buildProjectionApp({
    config,
    pool,
    readPool,
    streamPool,
    rebuildPool,
    webhookPool,
    follower,
    keys: callers.keys,
    tokens,
    logger,
    tracing,
    furtherChecks,
    board: readBoard(boardFolder),
    audit: readAuditFiles(auditFolder),
    ...publication,
    ...sending,
    ...signing,
  })
  const { HOST: host, PORT: port, SHUTDOWN_DELAY: shutdownDelay } = config
  return runService({ app, host, port, shutdownDelay, logger, close: closeAll })

  async function closeAll(): Promise<void> {
    await close()
    await follower.close()
    await Promise.all([pool, readPool, streamPool, rebuildPool, webhookPool].map((one) => one.end()))
    await tracing?.close()
  }
}
