import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCommandApp, type CommandLimits, readConfig as readCommandConfig } from '@commitments/command'
import { clientFactory, followLog, openPool, startAnnouncer } from '@commitments/event-store'
import { createLogger, loadApiKeys } from '@commitments/http-kit'
import { buildProjectionApp, readConfig as readProjectionConfig, readSigning } from '@commitments/projection'
import { eventually, openDatabase, type TestDatabase } from '@commitments/test-kit'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

/** One key for each scope, some bound to a party, and one that may do everything. */
const callers = [
  { name: 'record', scopes: ['record'] },
  { name: 'read', scopes: ['read'] },
  { name: 'audit', scopes: ['audit'] },
  { name: 'admin', scopes: ['admin'] },
  { name: 'bound', party: 'most-vn', scopes: ['record'] },
  { name: 'bound-kr', party: 'msit-kr', scopes: ['record'] },
  { name: 'bound-outside', party: 'elsewhere', scopes: ['record'] },
  { name: 'bound-registry', party: 'most-vn', scopes: ['record', 'correct'] },
  { name: 'all', scopes: ['record', 'read', 'audit', 'admin'] },
] as const

export type CallerName = (typeof callers)[number]['name']

export function bearer(name: CallerName): string {
  return `Bearer ${secretOf(name)}`
}

function secretOf(name: CallerName): string {
  return `${name}-secret-0123456789`
}

export type ServiceName = 'command' | 'projection'

/** Both services over one database, as they are built in production, with answers checked against their schemas. */
export interface Apps extends Readonly<Record<ServiceName, FastifyInstance>> {
  readonly database: TestDatabase
  /** Waits until the projection has applied the position, and has it in a signed checkpoint. */
  applied(position: number): Promise<void>
}

export interface AppsOptions {
  readonly environment?: Record<string, string>
  /** Another way to the same database, such as through a proxy. */
  readonly databaseUrl?: (url: string) => Promise<string>
  readonly limits?: CommandLimits
  /** Milliseconds for which a read waits for the position that it was asked for. */
  readonly patience?: number
}

export async function openApps(t: Test, options: AppsOptions = {}): Promise<Apps> {
  const database = await openDatabase(t)
  const url = (await options.databaseUrl?.(database.url)) ?? database.url
  const environment = { LOG_LEVEL: 'silent', API_KEYS_FILE: keyFile(t), ...options.environment }
  const command = await openCommand(t, url, environment, options)
  const projection = await openProjection(t, url, environment, options)
  return { database, command, projection, applied: (position) => untilApplied(projection, position) }
}

type Environment = Record<string, string>
const ledger = 'commitments'

async function openCommand(t: Test, url: string, environment: Environment, { limits = {} }: AppsOptions) {
  const config = readCommandConfig(environment)
  const connect = { ledger, role: 'command' } as const
  const pool = openPool(url, { ...connect, max: 8 })
  const announcer = startAnnouncer({ connect: clientFactory(url, connect), ledger })
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const keys = loadApiKeys(config)
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
  return app
}

async function openProjection(t: Test, url: string, environment: Environment, { patience = 5_000 }: AppsOptions) {
  const config = readProjectionConfig(environment)
  const connect = { ledger, role: 'projection' } as const
  const pool = openPool(url, { ...connect, max: 12 })
  const follower = followLog({ connect: clientFactory(url, connect), ledger, pollEvery: 200 })
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const keys = loadApiKeys(config)
  const signing = readSigning({ DATA_DIR: temporaryFolder(t), ...environment })
  const deps = { config, pool, follower, keys, logger, signing, patience, strictAnswers: true, lookShared: 0 }
  const { app, close } = await buildProjectionApp(deps)
  t.teardown(async () => {
    await app.close()
    await close()
    await follower.close()
    await pool.end()
  })
  return app
}

async function untilApplied(projection: FastifyInstance, position: number): Promise<void> {
  const headers = { authorization: bearer('all') }
  await eventually(async () => {
    const answer = await projection.inject({ url: '/v1/projections', headers })
    const signed = await projection.inject({ url: '/log/checkpoint', headers })
    return [answer, signed].every((one) => Number(one.headers['log-position']) >= position)
  })
}

function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

function keyFile(t: Test): string {
  const file = join(temporaryFolder(t), 'keys.json')
  const entries = callers.map((caller) => ({ ...caller, sha256: hash('sha256', secretOf(caller.name)) }))
  writeFileSync(file, JSON.stringify(entries))
  return file
}
