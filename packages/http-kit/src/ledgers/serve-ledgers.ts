/** A service's process: it serves the ledger of its environment, or all that `LEDGERS` names. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { z } from 'zod'
import type { AppsBehind } from '../app/apps-behind.ts'
import { type AppOptions, buildApp } from '../app/build-app.ts'
import { commonVariables } from '../app/common-variables.ts'
import { loadCallers } from '../app/load-callers.ts'
import { type Check, heldReadiness } from '../operations/health.ts'
import { type Problem, problem } from '../problems/problem.ts'
import { ConfigError, type Environment, parseConfig, port, readTogether } from '../process/config.ts'
import { createLogger } from '../process/logger.ts'
import { type RunningService, runService } from '../process/run-service.ts'
import { openTokens } from '../tokens/tokens.ts'
import { openTracing, type Tracing } from '../tracing/tracing.ts'
import { type Address, AddressBook } from './address-book.ts'
import { type LedgerList, type ListedLedger, listLedgers, ofLedger, type ServiceName } from './list-ledgers.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { ledgerChecks, type OpenLedger, type RunningLedger, type RunningLedgers, runLedgers } from './run-ledgers.ts'

interface UsedSettings {
  readonly config: {
    readonly HOST: string
    readonly PORT: number
    readonly SHUTDOWN_DELAY: number
    readonly LOG_LEVEL: string
    readonly READ_ACCESS: 'public' | 'key'
  }
}

/** A service as its `main.ts` describes it: how one ledger is read from variables, and how it is served. */
export interface LedgerService<Settings extends UsedSettings> {
  readonly name: ServiceName
  /** The port where nothing else is configured. */
  readonly port: number
  /** Everything of one ledger. @throws ConfigError with every mistake */
  read(environment: Environment): Settings
  /** Starts one ledger; if that fails, closes all that it has opened. */
  open(settings: Settings, shared: OfProcess): Promise<OpenLedger>
  /** Says what an error of the start means, as a sentence for the operator; null if it does not know. */
  explain(error: unknown): string | null
}

/** What the process gives to a ledger. */
export interface OfProcess {
  readonly logger: Logger
  readonly tracing: Tracing | null
  readonly furtherChecks: readonly Check[]
  /** The name of the ledger; null where the process serves no other. */
  readonly ledger: string | null
}

/**
 * Runs the service from its environment, and is the only function that reads it. Without `LEDGERS`, a ledger that cannot be served ends the
 * process; with it, it is tried again while the others are served.
 *
 * @throws ConfigError with every mistake, of the process and of every ledger
 */
export function serveLedgers<Settings extends UsedSettings>(
  service: LedgerService<Settings>,
  environment: Environment,
): Promise<RunningService> {
  return environment['LEDGERS']?.trim() ? serveListed(service, environment) : serveOne(service, environment)
}

async function serveOne<Settings extends UsedSettings>(
  service: LedgerService<Settings>,
  environment: Environment,
): Promise<RunningService> {
  const settings = service.read(environment)
  const { HOST: host, PORT, SHUTDOWN_DELAY: shutdownDelay, LOG_LEVEL: level } = settings.config
  const logger = createLogger({ name: service.name, level })
  const tracing = await openTracing(environment, `commitments-${service.name}`)
  const furtherChecks = heldReadiness(environment)
  const { app, close } = await service.open(settings, { logger, tracing, furtherChecks, ledger: null })
  const closeAll = () => close().then(() => tracing?.close())
  return runService({ app, host, port: PORT, shutdownDelay, logger, close: closeAll })
}

async function serveListed<Settings extends UsedSettings>(
  service: LedgerService<Settings>,
  environment: Environment,
): Promise<RunningService> {
  const { config, callers, list, settings } = readAll(service, environment)
  const { HOST: host, PORT, SHUTDOWN_DELAY: shutdownDelay, LOG_LEVEL: level } = config
  const logger = createLogger({ name: service.name, level })
  for (const warning of list.warnings) logger.warn(warning)
  const tracing = await openTracing(environment, `commitments-${service.name}`)
  const running = runLedgers(
    list.ledgers.map(({ name }, index) => {
      const own = logger.child({ ledger: name })
      const shared = { logger: own, tracing, furtherChecks: [], ledger: name }
      const open = () => service.open(settings[index] as Settings, shared)
      return { name, logger: own, open, explain: service.explain }
    }),
  )
  const app = await buildFront(service, list.ledgers, running, {
    logger,
    tracing,
    keys: callers.keys,
    tokens: openTokens(callers.issuers, { logger }),
    readAccess: config.READ_ACCESS,
    rateLimit: config.RATE_LIMIT,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    publicUrl: config.PUBLIC_URL,
    furtherChecks: heldReadiness(environment),
  })
  const closeAll = () => running.close().then(() => tracing?.close())
  return runService({ app, host, port: PORT, shutdownDelay, logger, close: closeAll })
}

const { HOST, PUBLIC_URL, SHUTDOWN_DELAY, LOG_LEVEL, API_KEYS_FILE, API_KEYS, OIDC_ISSUERS_FILE } = commonVariables
const { READ_ACCESS, TRUST_PROXY, ALLOWED_ORIGINS, RATE_LIMIT } = commonVariables
const ofProcess = {
  HOST,
  PUBLIC_URL,
  SHUTDOWN_DELAY,
  LOG_LEVEL,
  API_KEYS_FILE,
  API_KEYS,
  OIDC_ISSUERS_FILE,
  READ_ACCESS,
  TRUST_PROXY,
  ALLOWED_ORIGINS,
  RATE_LIMIT,
}

function readAll<Settings extends UsedSettings>(service: LedgerService<Settings>, environment: Environment) {
  const list = listLedgers(environment, service.name)
  const { config, callers, settings } = readTogether({
    list: () => assertNone(list.mistakes),
    config: () => parseConfig(z.object({ ...ofProcess, PORT: port(service.port) }), environment),
    callers: () => loadCallers(environment),
    settings: () => readEach(service, list),
  })
  const closed = settings.some((one) => one.config.READ_ACCESS === 'key')
  if (closed && config.READ_ACCESS === 'public') throw new ConfigError([openProcess])
  return { config, callers, list, settings }
}

const openProcess =
  'READ_ACCESS: must be key for the process (with API_KEYS_FILE for its operator), because a ledger has READ_ACCESS=key: /metrics and /health/ready of the process tell about every ledger'

function assertNone(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

/** The settings of each ledger. @throws ConfigError with the mistakes of all of them */
function readEach<Settings extends UsedSettings>(
  service: LedgerService<Settings>,
  { ledgers }: LedgerList,
): Settings[] {
  const mistakes: string[] = []
  const settings = ledgers.flatMap(({ name, environment }) => {
    try {
      return [service.read(environment)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      mistakes.push(...ofLedger(name, error.mistakes))
      return []
    }
  })
  assertNone(mistakes)
  return settings
}

type FrontOptions = Pick<
  AppOptions,
  'logger' | 'tracing' | 'keys' | 'tokens' | 'readAccess' | 'rateLimit' | 'allowedOrigins' | 'trustProxy' | 'publicUrl'
> & { readonly furtherChecks: readonly Check[] }

/** The app that listens for all ledgers. It answers what is asked of the process, and what is for none of them. */
function buildFront(
  { name }: { readonly name: ServiceName },
  ledgers: readonly Pick<ListedLedger, 'name' | 'address'>[],
  running: RunningLedgers,
  { furtherChecks, ...options }: FrontOptions,
): Promise<FastifyInstance> {
  return buildApp({
    ...options,
    name: `commitments-${name}`,
    title: `Commitments: the ledgers of one ${name} service`,
    description: 'Health and metrics of a process that serves several ledgers. Each ledger has an address of its own.',
    routes: [],
    checks: [...ledgerChecks(running), ...furtherChecks],
    metrics: new Registry(),
    behind: behindFront(ledgers, running, options.readAccess),
  })
}

function behindFront(
  ledgers: readonly Pick<ListedLedger, 'address'>[],
  running: RunningLedgers,
  readAccess: AppOptions['readAccess'],
): AppsBehind {
  const book = new AddressBook<RunningLedger>()
  running.all.forEach((one, index) => book.add(ledgers[index]?.address as Address, one))
  const apps = () => running.all.flatMap((one) => one.running?.app ?? [])
  const hint = hintOf(ledgers, readAccess)
  return {
    apps,
    take: (request) => take(book, request),
    refuse: (request) => (unstarted.has(request) ? notStarted() : null),
    hint: () => hint,
    metrics: (front) => mergeMetrics([front, ...apps().map((app) => app.registry)]),
  }
}

/** Requests for a ledger that is not served yet. */
const unstarted = new WeakSet<IncomingMessage>()

function take(book: AddressBook<RunningLedger>, request: IncomingMessage): FastifyInstance | null {
  const found = book.find(request.headers.host, request.url ?? '')
  if (found === null) return null
  const { running } = found.ledger
  if (running === null) {
    unstarted.add(request)
    return null
  }
  request.url = found.url
  return running.app
}

function notStarted(): Problem {
  const detail =
    'This ledger is not served yet: it is being started, or could not be. Its operator finds the reason in /health/ready of the process and in its log.'
  return problem('unavailable', detail, { headers: { 'retry-after': '5' } })
}

/** Which ledgers there are is told only where everybody may read all of them. */
function hintOf(ledgers: readonly Pick<ListedLedger, 'address'>[], readAccess: AppOptions['readAccess']): string {
  if (readAccess === 'key') return ' This process serves several ledgers: use the address of one.'
  const places = ledgers.map(({ address: { host, path } }) => (path === '' ? `host ${host}` : `path ${path}/`))
  const shown = places.slice(0, mostShown)
  const more = places.length > shown.length ? ` and ${places.length - shown.length} more` : ''
  return ` This process serves several ledgers, each at its own address: ${shown.join(', ')}${more}.`
}

/** A hint should be read, and is sent with every such answer. */
const mostShown = 20
