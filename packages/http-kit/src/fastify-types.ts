/** What we add to Fastify's requests and routes. */
import type { Caller } from './api-keys.ts'
import type { BodyDefinition } from './route.ts'
import type { LogFields } from './route-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set after authentication; null where nobody had to say who they are. */
    caller: Caller | null
    /** Fields for the line in the log. */
    notes: LogFields | null
    /** How the body of this route is read; null for routes without one. */
    bodyRule: BodyDefinition | null
  }
  interface FastifyContextConfig {
    /** Media types that the route can answer with; empty where it never has a body. */
    offers: readonly string[]
  }
}
