/** What the parts of an app share, and what we add to Fastify's requests. */

import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { AllowedOrigins } from '../headers/cross-origin.ts'
import type { ApiKeys } from '../keys/api-keys.ts'
import type { CallerUses } from '../keys/caller-uses.ts'
import type { Caller } from '../keys/key-entries.ts'
import type { ReadAccess } from '../keys/rights.ts'
import type { Bag } from '../limits/bag.ts'
import type { DocumentLimits } from '../limits/body-room.ts'
import type { Gates } from '../limits/gate.ts'
import type { Guessing } from '../limits/guessing.ts'
import type { Allowance, Rates } from '../limits/rates.ts'
import type { ProblemTypes } from '../problems/problem-types.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { RequestSpan } from '../tracing/tracing.ts'
import type { RouteDefinition } from './route.ts'
import type { LogFields } from './route-request.ts'

/** Created once by `buildApp`. */
export interface AppContext {
  readonly types: ProblemTypes
  readonly publicUrl: string
  readonly logger: Logger
  readonly keys: ApiKeys
  /** Null: no issuer is configured, and no token is taken. */
  readonly tokens: Tokens | null
  /** When each caller was admitted last. */
  readonly uses: CallerUses
  readonly readAccess: ReadAccess
  /** Undefined: pages of other origins cannot read answers. */
  readonly allowedOrigins: AllowedOrigins | undefined
  readonly strictAnswers: boolean
  /** Once this is true, connections are told to end. */
  readonly life: { closing: boolean }
  readonly gates: Gates
  readonly documents: DocumentLimits
  /** Unfinished requests of callers with a key or a token. */
  readonly answering: Bag<FastifyRequest>
  readonly guessing: Guessing
  /** Null: requests are not counted. */
  readonly rates: Rates | null
  readonly headersForAll: () => Record<string, string>
}

export interface Readiness {
  readonly ready: boolean
  /** The names of the needs and alarms that do not hold. */
  readonly failing: readonly string[]
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Reads the key file and that of issuers now, whether they have changed or not. */
    refreshKeys(): Promise<void>
    /** From now on the service is not ready, and each answer closes its connection; everything is still served. */
    announceStop(): void
    /** The same, and answers that would never end are ended. */
    endAnswers(): void
    /** The OpenAPI document, which is made when somebody first asks for it. */
    openApi(): object
    /** Its metrics. */
    readonly registry: Registry
    /** What `/health/ready` finds, shared with its callers. */
    readiness(): Promise<Readiness>
  }
  interface FastifyRequest {
    /** Set after authentication; null if no key was needed. */
    caller: Caller | null
    /** If requests are counted: what is left of the caller's share. */
    allowance: Allowance | null
    /** Fields for the line in the log. */
    notes: LogFields | null
    /** Gives back what the request holds; null if it holds nothing. */
    onceAnswered: (() => void) | null
    /** Its part of a trace; null if nobody traces. */
    span: RequestSpan | null
    /** The route, once its guard has begun; null on the routes of plug-ins. */
    definition: RouteDefinition | null
    /** In `answering`. */
    place: number
  }
}
