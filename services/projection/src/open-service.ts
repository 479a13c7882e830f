import { type Database, type DatabaseClock, readLogIdentity } from '@commitments/event-store'
import { Kysely, PostgresDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import { createStatusReader } from './answers/read-status.ts'
import { createStatusView, type StatusView } from './answers/status-cache.ts'
import type { ProjectionConfig } from './config.ts'
import { dayClock } from './day-clock.ts'
import { defaults, type ProjectionDeps } from './deps.ts'
import { createDrift } from './drift/drift.ts'
import { createIati } from './iati/iati.ts'
import type { Recent } from './lists/recent.ts'
import { createHub } from './live/hub.ts'
import { createFoldMemory } from './past/dense.ts'
import { adoptEmpty, readMomentsStanding } from './projections/generations.ts'
import { createRunner } from './projections/rebuild/runner.ts'
import { rulesOf } from './projections/rules.ts'
import { createView, type View } from './projections/view.ts'
import { restUntilDrift } from './pulse.ts'
import type { KeptPortfolio, Service } from './service.ts'
import { createSlots } from './slots.ts'
import { readStanding } from './status/read-standing.ts'
import { createKnownDays } from './streams/counting-days.ts'
import { openWebhooks } from './webhooks/sending.ts'

/** Bytes of answers and of folded states in memory. */
export function memoryOf({ CACHE_MEMORY }: ProjectionConfig) {
  const part = (CACHE_MEMORY * 1024 * 1024) / 11
  return { answers: Math.floor(6 * part), folded: Math.floor(3 * part), folds: Math.floor(2 * part) }
}

/** What the routes share, with the standing of both projections as it is in the database. */
export async function openService(deps: ProjectionDeps, databaseClock: DatabaseClock): Promise<Service> {
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
