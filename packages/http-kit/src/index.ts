export { sendNothing } from './answer.ts'
export { type ApiKeySources, type ApiKeys, type Caller, loadApiKeys, type Scope, scopes } from './api-keys.ts'
export { readWithin } from './body-stream.ts'
export { type AppOptions, buildApp } from './build-app.ts'
export {
  commonVariables,
  type Environment,
  parseConfig,
  port,
  publicUrl,
  type RateLimit,
  readDatabaseAddress,
  readTogether,
  wholeNumber,
} from './config.ts'
export { ConfigError } from './config-error.ts'
export { decodeCursor, encodeCursor } from './cursor.ts'
export {
  type Condition,
  type EntityTag,
  entityTag,
  holdsIfMatch,
  holdsIfNoneMatch,
  parseIfMatch,
  parseIfNoneMatch,
  readIfNoneMatch,
} from './etag.ts'
export type { Work } from './gate.ts'
export type { Check, CheckResult } from './health.ts'
export { filled, heldReadiness, heldVariable } from './held-readiness.ts'
export { faultsOfEntry } from './key-entries.ts'
export { type Line, ndjson, ndjsonLine, ndjsonStream, readLines } from './lines.ts'
export { type Link, linkHeader } from './link.ts'
export { createLogger } from './logger.ts'
export { negotiate } from './negotiate.ts'
export { type ApiDescription, describeApi, openApiDocument } from './open-api.ts'
export { parseJson } from './parse-json.ts'
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
} from './problem.ts'
export {
  conflictTypes,
  type KitProblemCode,
  type ProblemType,
  type ProblemTypes,
  problemTypes,
  type RefusalText,
} from './problem-types.ts'
export { queryInteger, queryList } from './query.ts'
export type { Allowance } from './rates.ts'
export { type ResponseHeader, responseHeaders } from './response-headers.ts'
export {
  type Access,
  type Answer,
  answered,
  type BodyDefinition,
  defineRoute,
  type HandlerResult,
  type JsonBody,
  type Method,
  type ReadBody,
  type ResponseDefinition,
  type RouteDefinition,
  type RouteSpec,
  type StreamBody,
  type TypedRequest,
} from './route.ts'
export { type LogFields, RouteRequest } from './route-request.ts'
export { runMain } from './run-main.ts'
export { type RunningService, runService } from './run-service.ts'
export { breathe, inSlices, inTurns } from './slices.ts'
export { endWhenStalled, usualStallLimitMs } from './stalled-reader.ts'
export { parseStructuredString } from './structured-string.ts'
export { parseTraceparent } from './traceparent.ts'
export { callerLeaves, forEverybody, outOfTurn } from './turn.ts'
export type { Elsewhere } from './unoffered.ts'
