import type { Logger } from 'pino'
import type { ApiKeys } from './api-keys.ts'
import type { ProblemTypes } from './problem-types.ts'

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
  readonly headersForAll: () => Record<string, string>
}
