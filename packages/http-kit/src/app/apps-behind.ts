/** The apps of ledgers, where one process serves several of them and one app in front listens for all. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Problem } from '../problems/problem.ts'
import type { Hint } from './not-offered.ts'

export interface AppsBehind {
  /** Those that run now. */
  apps(): Iterable<FastifyInstance>
  /** The app to which the request is passed on, after its URL was cut to what that app knows; null: the one in front answers. */
  take(request: IncomingMessage): FastifyInstance | null
  /** Why the app in front refuses a request that it has to answer, whatever its path; null: it does not. */
  refuse(request: IncomingMessage): Problem | null
  /** What a caller is told whose request is for none of them. */
  readonly hint: Hint
  /** The metrics of all of them, after those of the app in front. */
  metrics(front: Registry): Promise<string>
}

export const nobodyBehind: Pick<AppsBehind, 'apps'> = { apps: () => [] }
