import { keyFile, openDatabase, secretOf, type TestDatabase } from '@commitments/test-kit'
import { startCommand } from '@commitments/test-kit/services'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import type { Test } from 'tap'
import type { CommandLimits } from '../src/app.ts'

const callers = [
  { name: 'registry', scopes: ['record'] },
  { name: 'most', party: 'most-vn', scopes: ['record'] },
  { name: 'reader', scopes: ['read'] },
] as const

type CallerName = (typeof callers)[number]['name']

export interface CommandFixture {
  readonly app: FastifyInstance
  readonly database: TestDatabase
  /** Every line of the service's log so far. */
  readonly logged: string[]
  /** Sends one event. */
  post(proposalId: string, body: unknown, options?: PostOptions): Promise<LightMyRequestResponse>
  /** Sends a wish. */
  keep(proposalId: string, wish: unknown, options?: PostOptions): Promise<LightMyRequestResponse>
  /** Sends lines, or a body as it is. */
  bulk(lines: readonly unknown[] | Buffer, options?: PostOptions): Promise<LightMyRequestResponse>
}

export interface PostOptions {
  readonly as?: CallerName
  readonly headers?: Record<string, string>
  readonly query?: Record<string, string>
}

interface AppOptions {
  readonly environment?: Record<string, string>
  /** Another route to the same database, such as a proxy. */
  readonly databaseUrl?: (url: string) => string | Promise<string>
  readonly limits?: CommandLimits
}

/** Connections of the service's pool: few, so that tests can fill it. */
export const poolSize = 4

/** The command service over a separate database, with answers checked against their schemas. */
export async function openCommandApp(t: Test, options: AppOptions = {}): Promise<CommandFixture> {
  const { limits = {}, databaseUrl } = options
  const database = await openDatabase(t)
  const url = (await databaseUrl?.(database.url)) ?? database.url
  const logged: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  const environment = { API_KEYS_FILE: keyFile(t, callers), ...options.environment }
  const { app } = await startCommand(t, database, { environment, url, limits, logger, connections: poolSize })
  return {
    app,
    database,
    logged,
    post: (proposalId, body, post = {}) =>
      app.inject({
        method: 'POST',
        url: `/v1/proposals/${proposalId}/events`,
        query: post.query ?? {},
        headers: headersOf('application/json', post),
        payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    keep: (proposalId, wish, put = {}) =>
      app.inject({
        method: 'PUT',
        url: `/v1/proposals/${proposalId}/plan`,
        query: put.query ?? {},
        headers: headersOf('application/json', put),
        payload: JSON.stringify(wish),
      }),
    bulk: (lines, post = {}) =>
      app.inject({
        method: 'POST',
        url: '/v1/events',
        query: post.query ?? {},
        headers: headersOf('application/x-ndjson', post),
        payload: Buffer.isBuffer(lines) ? lines : textOf(lines),
      }),
  }
}

/** The lines of an answer to a bulk call. */
export function resultsOf(body: string): Record<string, unknown>[] {
  return body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

export function textOf(lines: readonly unknown[]): string {
  return lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
}

function headersOf(contentType: string, { as = 'registry', headers = {} }: PostOptions): Record<string, string> {
  return { authorization: `Bearer ${secretOf(as)}`, 'content-type': contentType, ...headers }
}
