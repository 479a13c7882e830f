import { setTimeout as pause } from 'node:timers/promises'
import { meaningOfMember, refusals } from '@commitments/domain'
import {
  type Announcer,
  clockChecks,
  type DatabaseClock,
  describeFault,
  followDatabaseClock,
  writableCheck,
} from '@commitments/event-store'
import {
  type ApiKeys,
  addClockMetric,
  BodyRoom,
  buildApp,
  type Check,
  conflictTypes,
  type Elsewhere,
  problemTypes as kitProblems,
  type Problem,
  type ProblemTypes,
  problemDocument,
  type RouteDefinition,
  readExamples,
  type Tokens,
  type Tracing,
  usualStallLimitMs,
} from '@commitments/http-kit'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { CommandConfig } from './config.ts'
import type { AppendLimits } from './recorder/append.ts'
import { type Log, type LogTimeouts, NotSent, openLog } from './recorder/log.ts'
import { recorderMetrics } from './recorder/metrics.ts'
import { isFull, type QueueLimits } from './recorder/queue.ts'
import { drain, type Recorder, startRecorder } from './recorder/recorder.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { keepInStepRoute } from './routes/keep-in-step.ts'
import { recordEventRoute } from './routes/record-event.ts'
import { type BulkBounds, recordEventsRoute, usualPatience } from './routes/record-events.ts'
import { usualRoom } from './routes/spool.ts'

export interface CommandDeps {
  readonly config: CommandConfig
  /** Connections as the command role. */
  readonly pool: Pool
  /** One connection for what goes on all the time, the clock and checks, so that a quiet ledger holds no more; `pool` unless given. */
  readonly checkPool?: Pool
  readonly announcer: Announcer
  readonly keys: ApiKeys
  /** The tokens of issuers that are taken beside keys; absent or null: none. */
  readonly tokens?: Tokens | null
  readonly logger: Logger
  /** The name of the ledger, where its process serves several; absent or null: it serves this one. */
  readonly ledger?: string | null
  /** Gets spans of requests and batches; absent or null: nobody does. */
  readonly tracing?: Tracing | null
  /** Further checks that must pass for the service to be ready. */
  readonly furtherChecks?: readonly Check[]
  /** Replaces the clock by which days and the future are judged, which is the database's; for tests. */
  readonly clock?: () => Date
  /** The clock of this machine, in milliseconds since 1970; for tests. */
  readonly machineClock?: () => number
  /** Check our own answers against their schemas; for tests. */
  readonly strictAnswers?: boolean
  /** Milliseconds for which one result of the checks is shared by all callers; for tests. */
  readonly lookShared?: number
  /** Replaces the contract's limits, for tests that cannot wait for those. */
  readonly limits?: CommandLimits
}

export interface CommandLimits {
  readonly append?: AppendLimits
  readonly log?: LogTimeouts
  readonly queue?: QueueLimits
  /** Milliseconds after which an unfinished batch makes the service not ready. */
  readonly stuckAfterMs?: number
  /** Bounds of the bulk call. */
  readonly bulk?: Partial<BulkBounds>
}

interface CommandApp {
  readonly app: FastifyInstance
  /** Waits until everything that was accepted is answered. Call it when the app takes no more requests. */
  close(): Promise<void>
}

/** Every problem that the service can answer with, in addition to those of HTTP from http-kit. */
export const commandProblemTypes: ProblemTypes = { ...kitProblems, ...conflictTypes(refusals) }

/** What the OpenAPI document says about the service as a whole. */
export const commandApi = {
  name: 'commitments-command',
  title: 'Commitments: recording',
  description: 'Records what institutions promise each other, as events in an append-only log.',
  tags: {
    Record: 'Recording events: one at a time, many in one request, or those that bring a proposal to a wished state.',
    Erase: 'Erasing texts of recorded events for ever: proposed by one caller, approved by another.',
  },
  meaningOf: meaningOfMember,
  examples: readExamples(new URL('openapi-examples.json', import.meta.url)),
} as const

/** The command service, ready to listen. The caller owns the pools, and closes them after `close`. */
export async function buildCommandApp(deps: CommandDeps): Promise<CommandApp> {
  const { config, pool, checkPool = pool, announcer, keys, logger, limits = {} } = deps
  const log = openLog(pool, limits.log)
  await log.look()
  const clock = await followDatabaseClock(
    checkPool,
    deps.machineClock === undefined ? {} : { machine: deps.machineClock },
  )
  const metrics = new Registry()
  addClockMetric(metrics, clock)
  const recorder = startRecorder({
    log,
    clock: deps.clock ?? clock.ledgerNow,
    timeZone: config.LEDGER_TIME_ZONE,
    metrics: recorderMetrics(metrics),
    announce: (position) => announcer.announce(position),
    tell: deps.tracing?.tell ?? null,
    warn: (detail, message) => logger.error(detail, message),
    ...(limits.append && { limits: limits.append }),
    ...(limits.queue && { queueLimits: limits.queue }),
  })
  const app = await buildApp({
    ...commandApi,
    routes: commandRoutes(
      recorder,
      () => log.known.logId,
      { own: config.PUBLIC_URL, projection: config.PROJECTION_PUBLIC_URL },
      { ...usualBounds(logger), ...limits.bulk },
      config.READ_ACCESS,
    ),
    elsewhere: whereElse(config.PROJECTION_PUBLIC_URL),
    problemTypes: commandProblemTypes,
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
    checks: [...readinessChecks(checkPool, clock, recorder, limits.stuckAfterMs), ...(deps.furtherChecks ?? [])],
    explain: describeFault,
    metrics,
    strictAnswers: deps.strictAnswers ?? false,
    lookShared: deps.lookShared,
  })
  return { app, close: () => Promise.all([drain(recorder), clock.close()]).then(() => undefined) }
}

/** The addresses under which callers reach the services, as far as known. */
interface Addresses {
  readonly own?: string | undefined
  readonly projection?: string | undefined
}

function whereElse(projection: string | undefined): Elsewhere[] {
  const where = projection === undefined ? 'port 8081 where nothing else is configured' : projection
  const reading = `This service records; the projection service answers what is read (${where}).`
  const recording =
    'One event is recorded by `POST /v1/proposals/{proposalId}/events`, many are by `POST /v1/events`; `PUT /v1/proposals/{proposalId}/plan` records what brings a proposal to a wished state.'
  return [
    { methods: ['GET', 'HEAD'], hint: reading },
    { methods: ['POST', 'PUT', 'PATCH', 'DELETE'], hint: recording },
  ]
}

/** All routes. They use the database only when they are called, so documents can be made from them without one. */
export function commandRoutes(
  recorder: Recorder,
  logId: () => string,
  addresses: Addresses = {},
  limits: BulkBounds = usualBounds(),
  readAccess: CommandConfig['READ_ACCESS'] = 'public',
): RouteDefinition[] {
  const context = { publicUrl: addresses.own }
  const writeProblem = (problem: Problem) => problemDocument(commandProblemTypes, problem, context)
  const readAt = addresses.projection ?? ''
  return [
    recordEventRoute({ recorder, logId, readAt, readAccess }),
    recordEventsRoute({ recorder, logId, writeProblem, limits }),
    keepInStepRoute({ recorder, logId, readAccess }),
    ...erasureRoutes(recorder),
  ]
}

/** Bytes of imports in work at the same time: three of the largest atomic ones. */
const importRoom = 24 * 1024 * 1024

/** Bytes of lines of imports that have begun and not ended: 64 of the longest. */
const begunRoom = 16 * 1024 * 1024

function usualBounds(logger?: Logger): BulkBounds {
  const warn = (error: unknown) => logger?.warn({ err: error }, 'results of an import cannot be kept in a file')
  return {
    ...usualPatience,
    stallMs: usualStallLimitMs,
    room: { ...usualRoom, warn },
    imports: new BodyRoom(importRoom),
    begun: new BodyRoom(begunRoom),
  }
}

function readinessChecks(pool: Pool, clock: DatabaseClock, recorder: Recorder, stuckAfter?: number): Check[] {
  return [
    {
      name: 'log',
      async check() {
        // What is wrong with the database is said by its own error.
        const { log } = recorder
        await log.look().catch((fault: Error) => Promise.reject(fault.cause ?? fault))
        return log.assertOpen().then(
          () => ({ ok: true, detail: `the log reaches position ${log.known.newest?.position ?? 0}` }),
          (fault: Error) => ({ ok: false, detail: fault.message }),
        )
      },
    },
    ...clockChecks(pool, clock),
    queueCheck(recorder, stuckAfter),
    writableCheck(pool),
  ]
}

/** Milliseconds that a batch may take before the service is not ready: another session may hold the lock of the log. */
const usualStuckAfter = 5_000

function queueCheck(recorder: Recorder, stuckAfter = usualStuckAfter): Check {
  const { log, queue, queueLimits } = recorder
  const probed = probing(log)
  return {
    name: 'queue',
    async check() {
      const { batchSince } = recorder
      const waits = `${queue.events} events wait`
      const age = batchSince === null ? 0 : performance.now() - batchSince
      if (age >= stuckAfter) {
        const detail = `${waits}, and the oldest batch has been waiting for the database for ${secondsOf(age)} s; pg_locks and pg_stat_activity show the holder of the lock of the log`
        return { ok: false, detail }
      }
      if (log.unanswered !== null) await Promise.race([probed(), pause(probePatience)])
      if (log.unanswered === null) return { ok: !isFull(queue, queueLimits), detail: waits }
      const { since, cause } = log.unanswered
      const why =
        describeFault(cause instanceof NotSent ? cause.cause : cause) ?? 'the reason is in the log of the service'
      const detail = `${waits}, and for ${secondsOf(performance.now() - since)} s no append has had an answer from the database: ${why}`
      return { ok: false, detail }
    },
  }
}

/** Milliseconds that the check waits for a probe; the probe itself may go on. */
const probePatience = 1_000

/**
 * After an append without an answer, the check itself finds out whether the next one would get one: a balancer sends no requests to a service
 * that is not ready, so none of them would. One probe at a time: while a synchronous standby is away, each waits for the lock of the log.
 */
function probing(log: Log): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= log
      .probe()
      .catch(() => undefined)
      .finally(() => {
        running = null
      })
    return running
  }
}

function secondsOf(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1)
}
