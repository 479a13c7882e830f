import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { ApiKeys } from '../keys/api-keys.ts'
import type { Gate } from '../limits/gate.ts'
import type { Guessing } from '../limits/guessing.ts'
import type { Rates } from '../limits/rates.ts'
import type { ProblemTypes } from '../problems/problem-types.ts'

/** What the parts of an app share; made once by `buildApp`. */
export interface Kit {
  readonly types: ProblemTypes
  readonly publicUrl: string
  readonly logger: Logger
  readonly keys: ApiKeys
  readonly readAccess: 'public' | 'key'
  readonly strictAnswers: boolean
  /** Connections are told to end once this is true. */
  readonly life: { closing: boolean }
  readonly gates: Gates
  /** Requests of callers who gave their key, and whose answers are not complete. */
  readonly answering: Set<FastifyRequest>
  readonly guessing: Guessing
  /** Null: nobody's requests are counted. */
  readonly rates: Rates | null
  readonly headersForAll: () => Record<string, string>
}

/** One for each kind of work, so that whoever wants much does not wait in the way of those who want little. */
export interface Gates {
  readonly lookup: Gate
  readonly page: Gate
}
