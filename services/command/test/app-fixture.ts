import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientFactory, openPool, startAnnouncer } from '@commitments/event-store'
import { loadApiKeys } from '@commitments/http-kit'
import { openDatabase, type TestDatabase } from '@commitments/test-kit'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import type { Test } from 'tap'
import { buildCommandApp, type CommandLimits } from '../src/app.ts'
import { type CommandConfig, readConfig } from '../src/config.ts'

const callers = [
  { name: 'registry', scopes: ['record'] },
  { name: 'most', party: 'most-vn', scopes: ['record'] },
  { name: 'reader', scopes: ['read'] },
] as const

type CallerName = (typeof callers)[number]['name']

/** The secret of one of the test's keys. */
export function secretOf(name: CallerName): string {
  return `${name}-secret-0123456789`
}

export interface CommandFixture {
  readonly app: FastifyInstance
  readonly database: TestDatabase
  /** Every line of the service's log so far. */
  readonly logged: string[]
  /** Sends one event. */
  post(proposalId: string, body: unknown, options?: PostOptions): Promise<LightMyRequestResponse>
  bulk(lines: readonly unknown[], options?: PostOptions): Promise<LightMyRequestResponse>
}

export interface PostOptions {
  readonly as?: CallerName
  readonly headers?: Record<string, string>
  readonly query?: Record<string, string>
}

interface AppOptions {
  readonly environment?: Record<string, string>
  /** Another way to the same database, such as through a proxy. */
  readonly databaseUrl?: (url: string) => string | Promise<string>
  readonly limits?: CommandLimits
}

/** The command service over a database of its own, with answers checked against their schemas. */
export async function openCommandApp(t: Test, options: AppOptions = {}): Promise<CommandFixture> {
  const database = await openDatabase(t)
  const config = readConfig({ API_KEYS_FILE: keyFile(t), ...options.environment })
  const url = (await options.databaseUrl?.(database.url)) ?? database.url
  const { ledger } = database
  const pool = openPool(url, { ledger, role: 'command', max: 4 })
  const connect = clientFactory(url, { ledger, role: 'command' })
  const announcer = startAnnouncer({ connect, ledger })
  const logged: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  const keys = loadApiKeys(config)
  const { limits = {} } = options
  const { app, close } = await buildCommandApp({
    config,
    pool,
    announcer,
    keys,
    logger,
    limits,
    strictAnswers: true,
    lookShared: 0,
  })
  t.teardown(async () => {
    await app.close()
    await close()
    await announcer.close()
    await pool.end()
  })
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
    bulk: (lines, post = {}) =>
      app.inject({
        method: 'POST',
        url: '/v1/events',
        query: post.query ?? {},
        headers: headersOf('application/x-ndjson', post),
        payload: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      }),
  }
}

export type { CommandConfig }

function headersOf(contentType: string, { as = 'registry', headers = {} }: PostOptions): Record<string, string> {
  return { authorization: `Bearer ${secretOf(as)}`, 'content-type': contentType, ...headers }
}

function keyFile(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-keys-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  const entries = callers.map((caller) => ({ ...caller, sha256: hash('sha256', secretOf(caller.name)) }))
  writeFileSync(file, JSON.stringify(entries))
  return file
}
