/** What we add to Fastify's requests and routes. */
import type { Caller } from './api-keys.ts'
import type { RouteDefinition } from './route.ts'
import type { LogFields } from './route-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set after authentication; null where nobody had to say who they are. */
    caller: Caller | null
    /** Fields for the line in the log. */
    notes: LogFields | null
    /** The route, once its guard has begun; null on the routes of plug-ins. */
    definition: RouteDefinition | null
  }
  interface FastifyContextConfig {
    /** Media types that the route can answer with; empty where it never has a body. */
    offers: readonly string[]
  }
}
