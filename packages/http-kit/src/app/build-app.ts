/** Builds the HTTP side of a service from values: its routes, problem types, keys and checks. */

import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type AllowedOrigins, allowOrigins, allowReading } from '../headers/cross-origin.ts'
import { requestId } from '../headers/request-identity.ts'
import { commonHeaders } from '../headers/response-headers.ts'
import type { ApiKeys } from '../keys/api-keys.ts'
import { observeCallers } from '../keys/caller-uses.ts'
import type { Caller } from '../keys/key-entries.ts'
import { hasRight, type ReadAccess } from '../keys/rights.ts'
import { Bag } from '../limits/bag.ts'
import { BodyRoom, type DocumentLimits } from '../limits/body-room.ts'
import { type ConnectionLimits, connectionLimits, limitedServer } from '../limits/connections.ts'
import { createGate, type GateLimits } from '../limits/gate.ts'
import { createGuessing } from '../limits/guessing.ts'
import type { RateLimit } from '../limits/rates.ts'
import { createRates } from '../limits/rates.ts'
import type { MeaningOfMember } from '../openapi/describe-members.ts'
import { describeApi } from '../openapi/open-api.ts'
import type { AnswerExamples } from '../openapi/responses.ts'
import type { SentRequest } from '../openapi/sent.ts'
import { openApiRoutes, registerDocs } from '../operations/docs.ts'
import { type Check, healthOf, type Purpose, type Report } from '../operations/health.ts'
import { metricsRoute, observeRequests } from '../operations/metrics.ts'
import { problemRoutes } from '../operations/problem-pages.ts'
import { metadataRoute } from '../operations/resource-metadata.ts'
import { type ProblemTypes, problemTypes } from '../problems/problem-types.ts'
import { ConfigError } from '../process/config.ts'
import { holdContinue, receiveBody } from '../request/body.ts'
import { guardRoute } from '../request/guard.ts'
import { refuseHead } from '../request/head.ts'
import { compressAnswers } from '../response/compress-answers.ts'
import { sendError } from '../response/errors.ts'
import { answerExpectation, answerOnSocket } from '../response/socket-errors.ts'
import type { AppContext, Readiness } from '../route/app-context.ts'
import type { RouteDefinition } from '../route/route.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { type AppsBehind, nobodyBehind } from './apps-behind.ts'
import type { TrustProxy } from './common-variables.ts'
import { keepKeysFresh, keyCheck } from './key-upkeep.ts'
import {
  collectUrls,
  type Elsewhere,
  type Hint,
  hintOf,
  notFound,
  refuseOtherMethods,
  refusePath,
} from './not-offered.ts'
import { RequestLog } from './request-log.ts'
import { runHandler } from './run-handler.ts'
import { issuerCheck, keepIssuersFresh } from './token-upkeep.ts'
import { traceRequests } from './trace-requests.ts'

export interface AppOptions {
  /** Short, for the log. */
  name: string
  /** For people, in the OpenAPI document; so is the description, in Markdown. */
  title: string
  description: string
  version?: string
  tags?: Readonly<Record<string, string>>
  /** What a member of a component of the OpenAPI document means, where its schema does not say it. */
  meaningOf?: MeaningOfMember
  /** Of answers, in the OpenAPI document. */
  examples?: AnswerExamples
  routes: readonly RouteDefinition[]
  /** What the service sends to others, for the OpenAPI document. */
  sends?: readonly SentRequest[]
  /** The problem types of the service and its domain, in addition to those of http-kit; see `conflictTypes`. */
  problemTypes?: ProblemTypes
  keys: ApiKeys
  /** The tokens that are taken beside keys; absent or null: none. */
  tokens?: Tokens | null
  readAccess: ReadAccess
  /** Origins whose pages may call; absent: only the service's own. */
  allowedOrigins?: AllowedOrigins | undefined
  /** The limit for each caller, by key or token, and for each address without either; absent: no limit. */
  rateLimit?: RateLimit | undefined
  /** Proxies that are trusted to name the caller's address: their number, or their addresses. Absent: none. */
  trustProxy?: TrustProxy | undefined
  logger: Logger
  /** Gets a span of each request; absent or null: nobody does. */
  tracing?: Tracing | null | undefined
  publicUrl?: string | undefined
  /** Other services and their routes, for a hint to callers that use them here. */
  elsewhere?: readonly Elsewhere[]
  /** The checks of `/health/ready`. */
  checks: readonly Check[]
  /** What an instance can be ready for besides its usual work: `/health/ready?for=<name>`. */
  readyFor?: Readonly<Record<string, Purpose>>
  /** Says what an error of a check means, as a sentence for the operator; null if it does not know. */
  explain?: (error: unknown) => string | null
  /** Each app needs its own registry. */
  metrics: Registry
  /** The name of the ledger, where this app serves one of several in its process: a label of its metrics, which then leave out the process. */
  ledger?: string | null | undefined
  /** Apps behind this one, to which it passes on requests. */
  behind?: AppsBehind
  /**
   * Set on every answer when its request begins (`Log-Id`, `Log-Position`); with READ_ACCESS=key, only for a caller with a key that allows
   * the call. A handler may set later values.
   */
  headersForAll?: () => Record<string, string>
  /** Called when closing begins: ends answers that would otherwise never end. */
  onClosing?: () => void
  /** How many turns for lookups and for pages are given at the same time: as many as reads may have database connections. */
  turns?: { readonly lookup: number; readonly page: number }
  /** Milliseconds for which one result of the checks and the metrics is shared by all callers; default: a second. */
  lookShared?: number | undefined
  /** Replaces the usual limits. */
  connectionLimits?: Partial<ConnectionLimits>
  gateLimits?: Partial<GateLimits>
  documentLimits?: Partial<DocumentLimits>
  /** For tests: answers and problem codes that a route does not declare are errors. */
  strictAnswers?: boolean
}

/**
 * The app, ready to listen or to be injected into. It serves the routes, and `/health/live`, `/health/ready`, `/metrics`, `/openapi.json`, `/openapi-3.0.json`,
 * `/docs`, `/problems/*` and `/.well-known/oauth-protected-resource`. For every URL, methods that are not defined answer 405. The order of checks: route (404, 405), key or token (401),
 * scope (403), rate (429), 406, size and media type of the body (413, 415), input (400), and then the handler.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  if (options.allowedOrigins === '*' && options.readAccess === 'key') {
    throw new ConfigError(['ALLOWED_ORIGINS: * is for reading that is public; with READ_ACCESS=key list the origins'])
  }
  const context = createContext(options)
  const app = createServer(context, { ...connectionLimits, ...options.connectionLimits }, options)
  const urls = collectUrls(app)
  const { behind } = options
  const hint = behind === undefined ? hintOf(options.elsewhere) : behind.hint
  const offers = new Map<string, readonly string[]>()
  allowOrigins(app, { allowed: options.allowedOrigins, open: openUrls(options), offered: offers })
  compressAnswers(app)
  if (options.tracing) traceRequests(app, options.tracing)
  addHooks(app, context, observeRequests(options.metrics, options.ledger), hint, behind)
  noticeClosing(app, context, options.onClosing, behind)
  keepKeysFresh(app, context, options.metrics, behind ?? nobodyBehind)
  keepIssuersFresh(app, context, options.metrics)
  const { routes, document, look } = describeRoutes(options, context)
  app.decorate('openApi', document)
  app.decorate('registry', options.metrics)
  app.decorate('readiness', async () => readinessOf((await look()).body))
  for (const route of routes) addRoute(app, context, route)
  await registerDocs(app, options.title, document, context.publicUrl)
  if (!urls.has('/') && behind === undefined) leadToDocs(app, context)
  refuseOtherMethods(app, urls, hint, offers)
  warnOfKeys(context)
  await app.ready()
  return app
}

function readinessOf({ status, checks }: Report['body']): Readiness {
  return { ready: status === 'ready', failing: checks.flatMap(({ name, ok }) => (ok ? [] : [name])) }
}

function openUrls({ readAccess, routes }: AppOptions): ReadonlySet<string> {
  return new Set(readAccess === 'public' ? routes.filter(({ openToPages }) => openToPages).map(({ url }) => url) : [])
}

function warnOfKeys({ keys, logger }: AppContext): void {
  if (keys.weak.length > 0) {
    logger.warn({ keys: keys.weak }, 'these keys are short enough to be guessed; use 16 characters or more')
  }
  for (const warning of keys.warnings) logger.warn(warning)
}

function createContext(options: AppOptions): AppContext {
  return {
    types: { ...problemTypes, ...options.problemTypes },
    publicUrl: options.publicUrl ?? '',
    logger: options.logger,
    keys: options.keys,
    tokens: options.tokens ?? null,
    uses: observeCallers(options.metrics),
    readAccess: options.readAccess,
    allowedOrigins: options.allowedOrigins,
    strictAnswers: options.strictAnswers ?? false,
    life: { closing: false },
    gates: {
      lookup: createGate({ ...gateLimits, atOnce: options.turns?.lookup ?? usualTurns.lookup, ...options.gateLimits }),
      page: createGate({ ...gateLimits, atOnce: options.turns?.page ?? usualTurns.page, ...options.gateLimits }),
    },
    documents: { ...documentLimits(), ...options.documentLimits },
    answering: new Bag(),
    guessing: createGuessing(),
    rates: createRates(options.rateLimit),
    headersForAll: options.headersForAll ?? (() => ({})),
  }
}

const usualTurns = { lookup: 8, page: 4 }

/** The queue holds about five seconds of work for pages; beyond that, a caller should try again later. */
export const gateLimits = { waiting: 256, patience: 5_000, untaken: 48 * 1024 * 1024 }

/** A document of a key that has already sent much waits for up to 5 s. */
function documentLimits(): DocumentLimits {
  return { small: 4 * 1024, room: new BodyRoom(16 * 1024 * 1024), patience: 5_000 }
}

function createServer(
  context: AppContext,
  limits: ConnectionLimits,
  { trustProxy, behind }: AppOptions,
): FastifyInstance {
  const app = fastify({
    serverFactory: (handle) => listenWithin(context, limits, passingOn(handle, behind)),
    loggerInstance: context.logger,
    logController: new RequestLog(context.logger),
    childLoggerFactory: (logger) => logger,
    genReqId: requestId,
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : (trustProxy ?? false),
    routerOptions: { maxParamLength: 1000 },
    // Late requests on open connections are still served; the connection is closed after them.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(context, request, reply)
      if (context.allowedOrigins !== undefined) allowReading(context.allowedOrigins, request, reply)
      void sendError(context, error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerOnSocket(context, error, socket),
  }) as unknown as FastifyInstance
  app.decorateRequest('caller', null)
  app.decorateRequest('allowance', null)
  app.decorateRequest('notes', null)
  app.decorateRequest('definition', null)
  app.decorateRequest('onceAnswered', null)
  app.decorateRequest('place', -1)
  app.decorateRequest('span', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', 'application/x-ndjson', '*'], (request, payload, done) =>
    receiveBody(context.documents, request, payload, done),
  )
  return app
}

/** Requests for an app behind this one never come to the routes of this one. */
function passingOn(handle: Handle, behind: AppsBehind | undefined): Handle {
  if (behind === undefined) return handle
  return (request, response) => {
    const app = behind.take(request)
    if (app === null) handle(request, response)
    else app.routing(request, response)
  }
}

/** Fastify's keep-alive, and no limit for a whole request: each kind of body has its own. */
const serverOptions: ServerOptions = {
  keepAliveTimeout: 72_000,
  requestTimeout: 0,
  // Node's own refusal would have no body; refuseHead() looks for it.
  requireHostHeader: false,
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void

function listenWithin(context: AppContext, limits: ConnectionLimits, handle: Handle): Server {
  const server = limitedServer(handle, serverOptions, limits)
  server.on('checkContinue', (request, response) => holdContinue(server, request, response))
  server.on('checkExpectation', (request, response) => answerExpectation(context, request, response))
  return server
}

function addHooks(
  app: FastifyInstance,
  context: AppContext,
  observe: (request: FastifyRequest, reply: FastifyReply) => void,
  hint: Hint,
  behind: AppsBehind | undefined,
): void {
  app.setErrorHandler((error, request, reply) => sendError(context, error, request, reply))
  app.setNotFoundHandler((request) => {
    throw notFound(request, hint)
  })
  app.addHook('onRequest', (request, reply, done) => {
    setCommonHeaders(context, request, reply)
    done(behind?.refuse(request.raw) ?? refusePath(request, hint) ?? refuseHead(request.raw) ?? undefined)
  })
  app.addHook('onResponse', (request, reply, done) => {
    observe(request, reply)
    if (request.caller !== null) context.answering.delete(request)
    request.allowance?.chargeAnswer()
    request.onceAnswered?.()
    done()
  })
}

function noticeClosing(
  app: FastifyInstance,
  context: AppContext,
  onClosing: () => void = () => {},
  behind: Pick<AppsBehind, 'apps'> = nobodyBehind,
): void {
  app.decorate('announceStop', () => {
    context.life.closing = true
    for (const one of behind.apps()) one.announceStop()
  })
  app.decorate('endAnswers', () => {
    context.life.closing = true
    onClosing()
    for (const one of behind.apps()) one.endAnswers()
  })
  app.addHook('preClose', (done) => {
    app.endAnswers()
    done()
  })
}

function setCommonHeaders(context: AppContext, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(commonHeaders).header('x-request-id', request.id)
  if (context.readAccess === 'public') reply.headers(context.headersForAll())
}

/** A caller that opens the bare address finds the documentation. */
function leadToDocs(app: FastifyInstance, context: AppContext): void {
  app.get('/', (_request, reply) => reply.redirect(`${context.publicUrl}/docs`, 302))
}

/** All routes of the app, and the document that describes them all. */
function describeRoutes(
  options: AppOptions,
  context: AppContext,
): { routes: RouteDefinition[]; document: () => object; look: () => Promise<Report> } {
  const { behind } = options
  const metrics = async () => (behind === undefined ? options.metrics.metrics() : behind.metrics(options.metrics))
  const checks = [...options.checks, ...keyCheck(context.keys), ...issuerCheck(context.tokens)]
  const health = healthOf(checks, context.logger, {
    openTo: (caller) => mayKnow(context, caller),
    isStopping: () => context.life.closing,
    shared: options.lookShared,
    purposes: options.readyFor,
    explain: options.explain,
    metrics: options.metrics,
  })
  const routes: RouteDefinition[] = [
    ...options.routes,
    ...health.routes,
    metricsRoute(options.metrics.contentType, metrics, options.lookShared),
    metadataRoute(context.tokens, context.publicUrl, options.title),
    ...problemRoutes(context.types),
    ...openApiRoutes(() => document()),
  ]
  let made: object | undefined
  const document = (): object =>
    (made ??= describeApi({ ...options, version: options.version ?? '1.0.0', problemTypes: context.types, routes }))
  return { routes, document, look: health.look }
}

/** Only callers that can read see the results; a key that can only record does not. */
function mayKnow({ readAccess }: AppContext, caller: Caller | null): boolean {
  return (['read', 'audit', 'admin'] as const).some((scope) => hasRight(caller, scope, readAccess))
}

function addRoute(app: FastifyInstance, context: AppContext, route: RouteDefinition): void {
  app.route({
    method: route.method,
    url: route.url,
    onRequest: guardRoute(context, route),
    handler: (raw, reply) => {
      // Returns nothing, so that Fastify waits for the reply instead of a promise.
      void runHandler(context, route, raw, reply)
    },
  })
}
