/** What we add to Fastify's requests. */

import type { Caller } from '../keys/api-keys.ts'
import type { Allowance } from '../limits/rates.ts'
import type { RouteDefinition } from './route.ts'
import type { LogFields } from './route-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Reads the key file now, whether it has changed or not. */
    refreshKeys(): Promise<void>
  }
  interface FastifyRequest {
    /** Set after authentication; null where nobody had to say who they are. */
    caller: Caller | null
    /** Where requests are counted: what is left of the caller's share. */
    allowance: Allowance | null
    /** Fields for the line in the log. */
    notes: LogFields | null
    /** The route, once its guard has begun; null on the routes of plug-ins. */
    definition: RouteDefinition | null
  }
}
