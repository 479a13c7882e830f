/** Both services over one database of a test's own, with a signed log, listening: what an auditor meets. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@commitments/client'
import { buildCommandApp, readConfig as readCommandConfig } from '@commitments/command'
import { clientFactory, followLog, startAnnouncer } from '@commitments/event-store'
import { createLogger, loadApiKeys } from '@commitments/http-kit'
import { buildProjectionApp, type ProjectionDeps, readConfig as readProjectionConfig } from '@commitments/projection'
import { eventually, openDatabase, type TestDatabase } from '@commitments/test-kit'
import { type Checkpoint, openCheckpoint, parseVerifierKey } from '@commitments/transparency'
import type { Test } from 'tap'

type Signing = NonNullable<ProjectionDeps['signing']>

export interface Audited {
  readonly database: TestDatabase
  readonly client: Client
  /** Of the projection service: what is audited. */
  readonly url: string
  readonly signing: Signing
  /** Waits until the log is signed up to that position, and projected; gives the note. */
  readonly signed: (size: number) => Promise<string>
  /** Ends the projection service. */
  readonly stop: () => Promise<void>
}

const apiKey = 'auditor-secret-0123456789'
const environment = { API_KEYS: `auditor:record+read+audit+admin:${apiKey}`, LOG_LEVEL: 'silent' }

export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

export function folder(t: { after: Test['after'] }): string {
  const path = mkdtempSync(join(tmpdir(), 'audit-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function signingFor(t: { after: Test['after'] }, parts: Partial<Signing> = {}): Signing {
  return { keys: [newKey()], origin: 'log.example/ledger', keyName: null, witnesses: [], folder: folder(t), ...parts }
}

export async function openAudited(t: Test, signing: Signing = signingFor(t)): Promise<Audited> {
  const database = await openDatabase(t)
  const commandUrl = await startCommand(t, database)
  const { url, stop } = await startProjection(t, database, signing)
  const client = createClient({
    commandUrl,
    projectionUrl: url,
    apiKey,
    retries: { firstPauseMs: 10, longestPauseMs: 50 },
  })
  return { database, client, url, signing, stop, signed: (size) => untilSigned(client, url, size) }
}

async function startCommand(t: Test, database: TestDatabase): Promise<string> {
  const { ledger } = database
  const config = readCommandConfig(environment)
  const announcer = startAnnouncer({ connect: clientFactory(database.url, { ledger, role: 'command' }), ledger })
  t.after(() => announcer.close())
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const pool = database.pool('command')
  const { app, close } = await buildCommandApp({ config, pool, announcer, keys: loadApiKeys(config), logger })
  return (await listening(t, app, close)).url
}

/** Another one over the same database may be started once the first has ended; without `signing` it serves what is signed, and signs nothing. */
export async function startProjection(t: Test, database: TestDatabase, signing: Signing | null) {
  const { ledger } = database
  const config = readProjectionConfig(environment)
  const connect = clientFactory(database.url, { ledger, role: 'projection' })
  const follower = followLog({ connect, ledger, pollEvery: 100 })
  t.after(() => follower.close())
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const pool = database.pool('projection')
  const deps = { config, pool, follower, keys: loadApiKeys(config), logger, signing, takeOverAfter: 200 }
  const { app, close } = await buildProjectionApp(deps)
  return listening(t, app, close)
}

interface App {
  readonly server: { address(): unknown; closeAllConnections(): void }
  listen(where: { port: number; host: string }): Promise<unknown>
  close(): Promise<unknown>
}

async function listening(t: Test, app: App, close: () => Promise<void>) {
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= end(app, close)
    return stopped
  }
  t.after(stop)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, stop }
}

async function end(app: App, close: () => Promise<void>): Promise<void> {
  // Connections that a client keeps for its next request would hold the server open for seconds.
  app.server.closeAllConnections()
  await app.close()
  await close()
}

/** The signed checkpoint that is served, its signature verified by the served key. */
export async function servedCheckpoint(url: string): Promise<{ note: string; checkpoint: Checkpoint }> {
  const [note, vkeys] = await Promise.all(
    ['checkpoint', 'vkey'].map(async (name) => (await fetch(`${url}/log/${name}`)).text()),
  )
  const verifiers = (vkeys ?? '').split('\n').flatMap((vkey) => parseVerifierKey(vkey) ?? [])
  const opened = openCheckpoint(note ?? '', { verifiers })
  if (opened.outcome !== 'verified') throw new Error(`${opened.outcome}: ${note}`)
  return { note: note ?? '', checkpoint: opened.checkpoint }
}

async function untilSigned(client: Client, url: string, size: number): Promise<string> {
  let found = ''
  await eventually(
    async () => {
      const { note, checkpoint } = await servedCheckpoint(url)
      if (checkpoint.size < size) throw new Error(`signed are ${checkpoint.size} events, not ${size}`)
      found = note
    },
    { within: 20_000 },
  )
  await client.waitFor(size)
  return found
}

const portfolio = ['portfolio.ndjson', 'portfolio-later.ndjson'].map(
  (name) => new URL(`../../../data/${name}`, import.meta.url),
)

/** Records the portfolio that the product comes with, and what became of it: some hundred real events. Gives the last position. */
export async function recordPortfolio({ client }: Pick<Audited, 'client'>): Promise<number> {
  let last = 0
  for (const file of portfolio) {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    const { results } = await client.recordAtomically(lines.map((line) => JSON.parse(line)))
    last = Math.max(last, ...results.map(({ position }) => position))
  }
  return last
}
