import { availableParallelism } from 'node:os'
import { meaningOfMember } from '@commitments/domain'
import {
  type Database,
  type DatabaseClock,
  describeFault,
  type Follower,
  followDatabaseClock,
  haltCheck,
  readLogIdentity,
} from '@commitments/event-store'
import {
  type ApiKeys,
  addClockMetric,
  buildApp,
  type Check,
  type RouteDefinition,
  readExamples,
  type Tokens,
  type Tracing,
  usualStallLimitMs,
} from '@commitments/http-kit'
import { createTurns } from '@commitments/http-kit/turns'
import type { Settings } from '@commitments/iati'
import type { FastifyInstance } from 'fastify'
import { Kysely, PostgresDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { alarmHeader } from './alarms.ts'
import { createStatusReader } from './answers/read-status.ts'
import { createStatusView, type StatusView } from './answers/status-cache.ts'
import type { AuditFiles } from './audit/read-audit-files.ts'
import type { Board } from './board/read-board.ts'
import { readinessChecks } from './checks.ts'
import type { ProjectionConfig } from './config.ts'
import { dayClock } from './day-clock.ts'
import { createDrift, type Drift } from './drift/drift.ts'
import { addDriftMetrics, driftCheck } from './drift/report.ts'
import { judgeMissing, watchDrift } from './drift/watch.ts'
import { type HaltWatch, watchHalts } from './halt-watch.ts'
import { createIati } from './iati/iati.ts'
import type { Recent } from './lists/recent.ts'
import { closeHub, createHub } from './live/hub.ts'
import { addLiveMetrics } from './live/live-metrics.ts'
import { type ProjectionMetrics, projectionMetrics } from './metrics.ts'
import { createFoldMemory } from './past/dense.ts'
import { momentsProjection } from './past/past-projection.ts'
import { projectionProblemTypes } from './problems.ts'
import { type ProjectionName } from './projection-names.ts'
import { follow } from './projections/follow.ts'
import { adoptEmpty, readMomentsStanding } from './projections/generations.ts'
import type { ParkedProposal } from './projections/projection.ts'
import { createRunner } from './projections/rebuild/runner.ts'
import { rulesOf } from './projections/rules.ts'
import { createView, type View } from './projections/view.ts'
import { type Pulse, restUntilDrift } from './pulse.ts'
import { addReplicationMetrics, replicationChecks } from './replication.ts'
import { boardRoutes } from './routes/board-pages.ts'
import { listChangesRoute, listProposalChangesRoute } from './routes/changes.ts'
import { checkDriftRoute } from './routes/check-drift.ts'
import { listEventTypesRoute } from './routes/event-types.ts'
import { readFeedRoute } from './routes/feed.ts'
import { getActivityRoute } from './routes/get-activity.ts'
import { getCalendarRoute } from './routes/get-calendar.ts'
import { getProposalMomentsRoute } from './routes/get-moments.ts'
import { getPortfolioRoute } from './routes/get-portfolio.ts'
import { getProposalRoute } from './routes/get-proposal.ts'
import { getProposalIatiRoute } from './routes/get-proposal-iati.ts'
import { getSeriesRoute } from './routes/get-series.ts'
import { getVocabularyRoute } from './routes/get-vocabulary.ts'
import { getProposalEventRoute, listProposalEventsRoute } from './routes/history.ts'
import { listIatiActivitiesRoute } from './routes/iati-activities.ts'
import { getIatiReportRoute } from './routes/iati-report.ts'
import { listPartiesRoute } from './routes/list-parties.ts'
import { listProposalsRoute } from './routes/list-proposals.ts'
import { logRoutes } from './routes/log-routes.ts'
import { listProjectionsRoute, rebuildRoute } from './routes/projections.ts'
import { tableRoutes } from './routes/tables.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { KeptPortfolio, Service } from './service.ts'
import { createSlots } from './slots.ts'
import { readStanding } from './status/read-standing.ts'
import { statusProjection } from './status/status-projection.ts'
import { createKnownDays } from './streams/counting-days.ts'
import type { Signing } from './transparency/signing.ts'
import { createTransparency, type Transparency } from './transparency/start.ts'
import type { Lookup } from './webhooks/deliver.ts'
import { sentToWebhooks } from './webhooks/messages.ts'
import type { WebhookTimes } from './webhooks/sender.ts'
import { openWebhooks, startWebhooks } from './webhooks/sending.ts'
import type { WebhookSettings } from './webhooks/settings.ts'
import { webhookCheck } from './webhooks/standing.ts'

export interface ProjectionDeps {
  readonly config: ProjectionConfig
  /**
   * Connections as the projection role, for the service's own work (projectors, signer, checks). Their statements may have a time limit.
   */
  readonly pool: Pool
  /** For answers: one for each turn of the gate, and a few more; `pool` unless given. */
  readonly readPool?: Pool
  /** For downloads and the live feed; `pool` unless given. */
  readonly streamPool?: Pool
  /** One connection for health and metrics, so that looking at a quiet ledger takes no more; `pool` unless given. */
  readonly checkPool?: Pool
  /** For rebuilds that the admin call starts, whose statements take long; `pool` unless given. */
  readonly rebuildPool?: Pool
  /** Wakes projectors, signer and webhooks, and knows what is known against the log. Its statement is `pulseQuery`. */
  readonly follower: Follower<Pulse>
  readonly keys: ApiKeys
  /** The tokens of issuers that are taken beside keys; absent or null: none. */
  readonly tokens?: Tokens | null
  readonly logger: Logger
  /** The name of the ledger, where its process serves several; absent or null: it serves this one. */
  readonly ledger?: string | null
  /** Gets spans of requests, and of events that become visible; absent or null: nobody does. */
  readonly tracing?: Tracing | null
  /** Absent or null: this instance serves the transparency log, and another one builds and signs it. */
  readonly signing?: Signing | null
  /** The files of the board; absent or null: it is not built, and its page says how to build it. */
  readonly board?: Board | null
  /** How the ledger is published to IATI; absent or null: it is not. */
  readonly iati?: Settings | null
  /** How events are sent to the endpoints of others; absent or null: they are not. */
  readonly webhooks?: WebhookSettings | null
  /** Connections for that; `pool` unless given. */
  readonly webhookPool?: Pool
  /** Replaces how the addresses of receivers are looked up, and the usual times; for tests. */
  readonly webhookLookup?: Lookup
  readonly webhookTimes?: Partial<WebhookTimes>
  /** The auditor's command and its documents; absent or null: they are not built. */
  readonly audit?: AuditFiles | null
  /** Further checks that must pass before the service is ready. */
  readonly furtherChecks?: readonly Check[]
  /** Replaces the clock by which days are judged, which is the database's; for tests. */
  readonly clock?: () => Date
  /** The clock of this machine, in milliseconds since 1970; for tests. */
  readonly machineClock?: () => number
  /** Check our own answers against their schemas; for tests. */
  readonly strictAnswers?: boolean
  /** Milliseconds that a round of the comparison takes in a small ledger; for tests. */
  readonly shortestRound?: number
  /** Milliseconds between two looks of the signer if nothing has changed; for tests. */
  readonly longestRest?: number
  /** Milliseconds for which all callers share one result of the checks; for tests. */
  readonly lookShared?: number
  /** Milliseconds; see the defaults below. */
  readonly patience?: number
  readonly takeOverAfter?: number
  readonly stallLimit?: number
  readonly iatiPageTime?: number
  readonly heartbeatEvery?: number
  /** Events of one batch of the projector, at most. */
  readonly batchSize?: number
}

interface ProjectionApp {
  readonly app: FastifyInstance
  /** Ends the projectors after their current batch. Call it when the app takes no more requests. The caller closes pool and follower. */
  close(): Promise<void>
}

const defaults = {
  patience: 5_000,
  takeOverAfter: 1_000,
  stallLimit: usualStallLimitMs,
  // Proxies commonly close a quiet connection after a minute, some after half a minute.
  heartbeatEvery: 15_000,
  batchSize: 1_000,
}

/** Bytes of answers and of folded states in memory. */
function memoryOf({ CACHE_MEMORY }: ProjectionConfig) {
  const part = (CACHE_MEMORY * 1024 * 1024) / 11
  return { answers: Math.floor(6 * part), folded: Math.floor(3 * part), folds: Math.floor(2 * part) }
}

/**
 * Milliseconds: nobody waits for the moments as for a status that was just written, and a proposal that changes ten times within this time
 * is computed once. A question about the past that has to wait ends the pause.
 */
const momentsPace = 200
/** Events: fewer than for statuses, because the streams of all their proposals are read with them, a portion at a time. */
const momentsBatch = 500

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
  const service = await createService(deps, clock)
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

/** All routes. They use the service only when they are called, so documents can be made from them without one. */
export function projectionRoutes(service: Service): RouteDefinition[] {
  return [
    listProposalsRoute(service),
    getProposalRoute(service),
    listProposalEventsRoute(service),
    getProposalEventRoute(service),
    listProposalChangesRoute(service),
    getProposalMomentsRoute(service),
    listChangesRoute(service),
    listEventTypesRoute(service),
    getVocabularyRoute(service),
    readFeedRoute(service),
    getPortfolioRoute(service),
    getSeriesRoute(service),
    listPartiesRoute(service),
    getCalendarRoute(service),
    getActivityRoute(service),
    ...tableRoutes(service),
    listIatiActivitiesRoute(service),
    getIatiReportRoute(service),
    getProposalIatiRoute(service),
    listProjectionsRoute(service),
    rebuildRoute(service),
    checkDriftRoute(service),
    ...webhookRoutes(service),
    ...logRoutes(service),
  ]
}

async function createService(deps: ProjectionDeps, databaseClock: DatabaseClock): Promise<Service> {
  const { config, pool, logger, clock, patience, stallLimit } = deps
  const { readPool = pool, streamPool = pool } = deps
  const timeZone = config.LEDGER_TIME_ZONE
  const rules = rulesOf(timeZone)
  const onlyReads = config.PROJECTION_MODE === 'read'
  if (!onlyReads) await adoptEmpty(pool, rules)
  const memory = memoryOf(config)
  const { view, moments } = await openViews(pool, memory.answers)
  const today = dayClock(clock ?? databaseClock.now, timeZone)
  const rate = config.DRIFT_CHECK_RATE
  const rest = restUntilDrift(deps.follower)
  const { shortestRound } = deps
  const drift = createDrift({
    pool,
    timeZone,
    rules,
    logger,
    clock: databaseClock.now,
    rate,
    onlyReads,
    shortestRound,
    rest,
  })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: readPool }) })
  return {
    onlyReads,
    pool: readPool,
    streams: streamPool,
    db,
    view,
    moments,
    today,
    timeZone,
    rules,
    status: createStatusReader({ pool: readPool, view, today, timeZone }),
    portfolios: new LRUCache<string, Recent<KeptPortfolio>>({ max: 50 }),
    folds: createFoldMemory(memory.folds),
    knownDays: createKnownDays(),
    downloads: createSlots(config.DOWNLOADS),
    stallLimit: stallLimit ?? defaults.stallLimit,
    live: createHub({
      pool: streamPool,
      view,
      onlyReads,
      logger,
      limit: config.LIVE_READERS,
      heartbeatEvery: deps.heartbeatEvery ?? defaults.heartbeatEvery,
    }),
    cloudEvents: { publicUrl: config.PUBLIC_URL ?? '', typePrefix: config.CLOUDEVENTS_TYPE_PREFIX },
    drift,
    alarms: { drift, refused: () => null, isHalted: () => false, quorumMissing: () => null },
    webhooks: openWebhooks({
      settings: deps.webhooks,
      times: deps.webhookTimes,
      lookup: deps.webhookLookup,
      keys: deps.keys,
      readAccess: config.READ_ACCESS,
      pool: readPool,
    }),
    audit: deps.audit ?? null,
    dataLicence: config.DATA_LICENSE,
    iati: deps.iati ? createIati(deps.iati, clock ?? databaseClock.now, deps.iatiPageTime) : null,
    rebuilds: createRunner({ pool: deps.rebuildPool ?? pool, timeZone, rules }, logger),
    cacheControl: config.READ_ACCESS === 'key' ? 'private, no-cache' : 'no-cache',
    patience: patience ?? defaults.patience,
    logger,
  }
}

async function openViews(pool: Pool, answerBytes: number): Promise<{ view: StatusView; moments: View<null> }> {
  const { logId } = await readLogIdentity(pool)
  const ofStatuses = await readStanding(pool, Number.MAX_SAFE_INTEGER)
  const ofMoments = await readMomentsStanding(pool, Number.MAX_SAFE_INTEGER)
  return {
    view: createStatusView({ ...ofStatuses, logId }, answerBytes),
    moments: createView<null>({ ...ofMoments, logId }),
  }
}

/** Starts one projector for each projection, so that neither waits for the other; an instance that only reads watches the others. Returns the function that ends them. */
function startProjectors(deps: ProjectionDeps, service: Service, metrics: ProjectionMetrics): () => Promise<void> {
  const { config, pool, follower, logger, takeOverAfter, batchSize } = deps
  const stop = new AbortController()
  const common = {
    pool,
    logger,
    tell: deps.tracing?.tell ?? null,
    knownHead: () => follower.seen?.position ?? 0,
    turns: createTurns(1),
    memoryBytes: memoryOf(config).folded,
    timeZone: config.LEDGER_TIME_ZONE,
    takeOverAfter: service.onlyReads ? null : (takeOverAfter ?? defaults.takeOverAfter),
    batchSize: batchSize ?? defaults.batchSize,
  }
  const running = [
    { projection: statusProjection, view: service.view, readStanding, pace: 0 },
    {
      projection: momentsProjection,
      view: service.moments,
      readStanding: readMomentsStanding,
      pace: momentsPace,
      batchSize: Math.min(common.batchSize, momentsBatch),
    },
  ].map((own) => {
    const counted = counting(metrics, own.projection.name)
    return follow({ ...common, ...own, ...counted, listener: follower.listener() }, stop.signal)
  })
  return async () => {
    stop.abort()
    await Promise.all(running)
  }
}

function counting(metrics: ProjectionMetrics, projection: ProjectionName) {
  return {
    onApplied: (events: number, parked: readonly ParkedProposal[]) => {
      metrics.applied.inc({ projection }, events)
      metrics.parked.inc({ projection }, parked.length)
      metrics.faults.inc({ projection }, parked.filter((one) => one.parked?.code === 'fault').length)
    },
    onFailure: () => metrics.failures.inc({ projection }),
  }
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
