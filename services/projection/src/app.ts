import { availableParallelism } from 'node:os'
import { meaningOfMember } from '@commitments/domain'
import { describeFault, followDatabaseClock, haltCheck } from '@commitments/event-store'
import { addClockMetric, buildApp, readExamples } from '@commitments/http-kit'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { alarmHeader } from './alarms.ts'
import { readinessChecks } from './checks.ts'
import type { ProjectionConfig } from './config.ts'
import { defaults, type ProjectionDeps } from './deps.ts'
import type { Drift } from './drift/drift.ts'
import { addDriftMetrics, driftCheck } from './drift/report.ts'
import { judgeMissing, watchDrift } from './drift/watch.ts'
import { type HaltWatch, watchHalts } from './halt-watch.ts'
import { closeHub } from './live/hub.ts'
import { addLiveMetrics } from './live/live-metrics.ts'
import { projectionMetrics } from './metrics.ts'
import { openService } from './open-service.ts'
import { projectionProblemTypes } from './problems.ts'
import type { View } from './projections/view.ts'
import { addReplicationMetrics, replicationChecks } from './replication.ts'
import { projectionRoutes } from './routes/all-routes.ts'
import { boardRoutes } from './routes/board-pages.ts'
import type { Service } from './service.ts'
import { startProjectors } from './start-projectors.ts'
import { createTransparency, type Transparency } from './transparency/start.ts'
import { sentToWebhooks } from './webhooks/messages.ts'
import { startWebhooks } from './webhooks/sending.ts'
import { webhookCheck } from './webhooks/standing.ts'

interface ProjectionApp {
  readonly app: FastifyInstance
  /** Ends the projectors after their current batch. Call it when the app takes no more requests. The caller closes pool and follower. */
  close(): Promise<void>
}

/** The service as a whole, for the OpenAPI document. */
export const projectionApi = {
  name: 'commitments-projection',
  title: 'Commitments: status, history and feed',
  description: 'Serves the status and history of each commitment, and the log.',
  sends: sentToWebhooks,
  tags: {
    Webhooks:
      'Events are sent to you: endpoints, what they get, and how far they are. docs/webhooks.md has the receiver.',
  },
  meaningOf: (component: string, member: string) =>
    meaningOfMember(component === 'SparseStatus' ? 'ProposalStatus' : component, member),
  examples: readExamples(new URL('openapi-examples.json', import.meta.url)),
  readyFor: {
    signing: {
      description: 'the log is being signed: by this instance, or by another one for which it stands by',
      absent: 'this instance does not sign (LOG_SIGNER is no, or PROJECTION_MODE is read): ask one that does',
    },
  },
} as const

/** The projection service, ready to listen, with its projectors at work. */
export async function buildProjectionApp(deps: ProjectionDeps): Promise<ProjectionApp> {
  const { config, pool, checkPool = pool, follower, keys, logger } = deps
  const clock = await followDatabaseClock(
    follower.connection,
    deps.machineClock === undefined ? {} : { machine: deps.machineClock },
  )
  const service = await openService(deps, clock)
  const registry = new Registry()
  addClockMetric(registry, clock)
  const metrics = projectionMetrics(registry, checkPool)
  addLiveMetrics(registry, service.live)
  addDriftMetrics(registry, service.drift)
  if (service.onlyReads) addReplicationMetrics(registry, checkPool)
  const halts = watchHalts(follower, logger)
  const transparency = openTransparency(deps, service.view, registry, halts)
  service.alarms.refused = () => transparency?.refused() ?? alarmOf(halts)
  service.alarms.isHalted = () => halts.halted() !== null
  if (transparency !== null) service.alarms.quorumMissing = transparency.quorumMissing
  const app = await buildApp({
    ...projectionApi,
    routes: [...projectionRoutes(service), ...boardRoutes(deps.board ?? null, settingOfBoard(config))],
    problemTypes: projectionProblemTypes,
    keys,
    tokens: deps.tokens ?? null,
    readAccess: config.READ_ACCESS,
    rateLimit: config.RATE_LIMIT,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    logger,
    tracing: deps.tracing,
    ledger: deps.ledger,
    publicUrl: config.PUBLIC_URL,
    elsewhere: [
      {
        methods: ['POST', 'PUT', 'PATCH', 'DELETE'],
        hint: `This service is read; the command service records (${config.COMMAND_PUBLIC_URL ?? 'port 8080 where nothing else is configured'}).`,
      },
    ],
    checks: [
      ...readinessChecks(checkPool, clock, () => judgeMissing(service.drift)),
      ...(service.onlyReads ? replicationChecks(checkPool) : []),
      ...(transparency?.checks ?? [{ ...haltCheck(checkPool), isAlarm: true }]),
      driftCheck(service.drift),
      ...(service.webhooks === null ? [] : [webhookCheck(checkPool, service.webhooks.settings)]),
      ...(deps.furtherChecks ?? []),
    ],
    explain: describeFault,
    metrics: registry,
    headersForAll: () => ({
      'log-id': service.view.logId,
      'log-position': String(service.view.position),
      ...alarmHeader(service.alarms),
    }),
    onClosing: () => closeHub(service.live),
    turns: turnsOf(config.READ_CONNECTIONS),
    strictAnswers: deps.strictAnswers ?? false,
    lookShared: deps.lookShared,
  })
  const stops = [
    startProjectors(deps, service, metrics),
    startDrift(service.drift),
    startWebhooks({
      webhooks: service.webhooks,
      onlyReads: service.onlyReads,
      pool: deps.webhookPool ?? pool,
      origin: service.cloudEvents,
      timeZone: service.timeZone,
      logger,
      registry,
      listener: () => deps.follower.listener(),
    }),
    clock.close,
    halts.close,
  ]
  transparency?.begin()
  return { app, close: () => close(service, stops, transparency) }
}

function settingOfBoard({ PUBLIC_URL, COMMAND_PUBLIC_URL, READ_ACCESS, LEDGER_TIME_ZONE }: ProjectionConfig) {
  return {
    publicUrl: PUBLIC_URL,
    commandUrl: COMMAND_PUBLIC_URL,
    reading: READ_ACCESS,
    timeZone: LEDGER_TIME_ZONE,
  }
}

/**
 * Pages need processors, ours and the database's, which often are the same ones. A third of the connections is enough for them; more pages
 * than processors would only slow down health, statuses and projectors. The minimum is two, so that one expensive page does not delay all
 * others.
 */
export function turnsOf(connections: number, processors: number = availableParallelism()) {
  const page = Math.max(1, Math.min(Math.floor(connections / 3), Math.max(2, processors)))
  return { page, lookup: Math.max(1, connections - page) }
}

function alarmOf({ halted }: HaltWatch): { detail: string } | null {
  const detail = halted()
  return detail === null ? null : { detail }
}

function openTransparency(
  deps: ProjectionDeps,
  view: View,
  registry: Registry,
  { halted }: HaltWatch,
): Transparency | null {
  const {
    pool,
    checkPool = pool,
    follower,
    logger,
    signing,
    takeOverAfter = defaults.takeOverAfter,
    longestRest,
  } = deps
  if (!signing) return null
  const common = { pool, checkPool, follower, view, registry, logger }
  return createTransparency({ ...common, signing, takeOverAfter, longestRest, halted })
}

function startDrift(drift: Drift): () => Promise<void> {
  const stop = new AbortController()
  const running = watchDrift(drift, stop.signal)
  return () => {
    stop.abort()
    return running
  }
}

async function close(
  { rebuilds, live }: Service,
  stops: readonly (() => Promise<void>)[],
  transparency: Transparency | null,
): Promise<void> {
  await Promise.all([...stops.map((stop) => stop()), transparency?.close()])
  // An app that was never closed still has readers.
  closeHub(live)
  await live.running
  // A rebuild that is interrupted here leaves an unfinished generation, which the next rebuild drops.
  if (rebuilds.running) rebuilds.logger.warn('a rebuild was under way and is given up')
}
