export { type AppOptions, buildApp } from './app/build-app.ts'
export { commonVariables, publicUrl, readDatabaseAddress } from './app/common-variables.ts'
export { type Callers, loadCallers } from './app/load-callers.ts'
export type { Elsewhere } from './app/not-offered.ts'
export { breathe, inSlices, inTurns } from './event-loop/slices.ts'
export { type Coding } from './headers/content-coding.ts'
export { addVary } from './headers/cross-origin.ts'
export {
  type Condition,
  type EntityTag,
  entityTag,
  holdsIfNoneMatch,
  parseIfMatch,
  parseIfNoneMatch,
  readIfNoneMatch,
} from './headers/etag.ts'
export { type Link, linkHeader } from './headers/link.ts'
export { negotiate } from './headers/negotiate.ts'
export { parseTraceparent } from './headers/request-identity.ts'
export { pageHeaders, type ResponseHeader, responseHeaders } from './headers/response-headers.ts'
export { parseStructuredString } from './headers/structured-string.ts'
export { type ApiKeySources, type ApiKeys, loadApiKeys } from './keys/api-keys.ts'
export { type Caller, faultsOfEntry, hasToken, type Scope, type Signing, scopes } from './keys/key-entries.ts'
export { hasRight, type ReadAccess } from './keys/rights.ts'
export { type LedgerService, type OfProcess, serveLedgers } from './ledgers/serve-ledgers.ts'
export { BodyRoom, type GiveBack } from './limits/body-room.ts'
export { endWhenStalled, usualStallLimitMs } from './limits/connections.ts'
export type { Work } from './limits/gate.ts'
export { onlyOnce } from './limits/only-once.ts'
export type { Allowance } from './limits/rates.ts'
export { type RateLimit } from './limits/rates.ts'
export { callerLeaves, forEverybody, outOfTurn } from './limits/turn.ts'
export { editionOf30 } from './openapi/edition-3-0.ts'
export { type ApiDescription, describeApi, openApiDocument } from './openapi/open-api.ts'
export { readExamples } from './openapi/read-examples.ts'
export type { SentRequest } from './openapi/sent.ts'
export { addGauge } from './operations/gauge.ts'
export type { Check, CheckResult } from './operations/health.ts'
export { filled, heldReadiness, heldVariable } from './operations/health.ts'
export { addClockMetric } from './operations/metrics.ts'
export {
  type InputFault,
  invalid,
  Problem,
  type ProblemCode,
  type ProblemContext,
  type ProblemDocument,
  type ProblemExtra,
  problem,
  problemDocument,
} from './problems/problem.ts'
export {
  conflictTypes,
  type KitProblemCode,
  type ProblemType,
  type ProblemTypes,
  problemTypes,
  type RefusalText,
} from './problems/problem-types.ts'
export { problemTexts } from './problems/problem-words.ts'
export { ConfigError, type Environment, oneOf, parseConfig, port, readTogether, wholeNumber } from './process/config.ts'
export { createLogger } from './process/logger.ts'
export { runMain } from './process/run-main.ts'
export { type RunningService, runService } from './process/run-service.ts'
export { readWithin } from './request/body.ts'
export { type Line, ndjson, ndjsonLine, readLines, readPortions } from './request/lines.ts'
export { parseJson } from './request/parse-json.ts'
export { decodeCursor, encodeCursor, queryInteger, queryList } from './request/query.ts'
export { sendNothing } from './response/answer.ts'
export { type Answer, answered, type HandlerResult, type ResponseDefinition } from './route/responses.ts'
export {
  type Access,
  type BodyDefinition,
  defineRoute,
  ignoredQuery,
  type JsonBody,
  type Method,
  type ReadBody,
  type RouteDefinition,
  type RouteSpec,
  type StreamBody,
  type TypedRequest,
} from './route/route.ts'
export { type LogFields, RouteRequest } from './route/route-request.ts'
export { type IssuerSources, type Issuers, loadIssuers } from './tokens/issuer-settings.ts'
export { openTokens, type Tokens, type TokenTimes } from './tokens/tokens.ts'
export { type DoneWork, openTracing, type Tracing } from './tracing/tracing.ts'
