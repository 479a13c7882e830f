import { acceptRestore, readHalt } from '@commitments/event-store'
import {
  agreed,
  eventually,
  issuerEntry,
  issuersFile,
  pastGuards,
  proposed,
  type TcpProxy,
  tcpProxy,
} from '@commitments/test-kit'
import type { Test } from 'tap'
import { type Apps, bearer, openApps } from '../support/apps.ts'
import { allowed, operations } from './operations.ts'

/** The services in the situations that cause their answers. Each is set up on first use. */
export interface Stages {
  /** The default: reading is open to everybody. A read waits for a position only briefly. */
  open(): Promise<Apps>
  /** Reading needs a key. */
  locked(): Promise<Apps>
  /** A key may send one request in an hour. */
  limited(): Promise<Apps>
  /** One download at a time, of a list that needs more than one read of the database. */
  narrow(): Promise<Apps>
  /** The database is not available. */
  away(): Promise<Apps>
  /** The database refuses what the rules accept: proposals with the id `offending`. */
  refusing(): Promise<Apps>
  /** No instance signs the transparency log. */
  unsigned(): Promise<Apps>
  /** The tiles of the signed tree are missing. */
  treeless(): Promise<Apps>
  /** Neither the auditor's command nor its documents were built. */
  unbuilt(): Promise<Apps>
  /** The ledger is not published to IATI, and no events are sent to endpoints. */
  unpublished(): Promise<Apps>
  /** A restore was accepted: another log has replaced the previous one. */
  replaced(): Promise<Apps>
  /** What was recorded is no longer in the log, and nobody has decided yet. */
  halted(): Promise<Apps>
  /** The tables do not have the form that the services expect. */
  broken(): Promise<Apps>
  /** Reading needs a key or a token of an issuer, which gives no answer. */
  withoutIssuer(): Promise<Apps>
}

/** Nobody listens there. */
export const awayIssuer = 'http://127.0.0.1:1/realms/away'

export function createStages(t: Test): Stages {
  return {
    open: once(() => seeded(openApps(t, { patience: 50 }))),
    locked: once(() => seeded(openApps(t, { environment: { READ_ACCESS: 'key' } }))),
    limited: once(() => openApps(t, { environment: { READ_ACCESS: 'key', RATE_LIMIT: '1/hour' } })),
    narrow: once(() => narrow(t)),
    away: once(() => away(t)),
    refusing: once(() => altered(t, `ALTER TABLE events ADD CHECK (proposal_id <> 'offending')`)),
    unsigned: once(() => openApps(t, { environment: { LOG_SIGNER: 'no' } })),
    treeless: once(() => treeless(t)),
    replaced: once(() => replaced(t)),
    halted: once(() => halted(t)),
    unpublished: once(() => openApps(t, { iati: null, webhooks: null })),
    unbuilt: once(() => openApps(t, { audit: null })),
    withoutIssuer: once(() => withoutIssuer(t)),
    broken: once(() =>
      altered(
        t,
        'ALTER TABLE events RENAME COLUMN line TO hidden',
        'ALTER TABLE proposal_status RENAME COLUMN generation TO hidden',
        'ALTER TABLE proposal_moments RENAME COLUMN generation TO hidden',
        'ALTER TABLE log_checkpoints RENAME COLUMN log_id TO hidden',
        'ALTER TABLE log_forks RENAME COLUMN old_log_id TO hidden',
        'ALTER TABLE log_identity RENAME COLUMN generation TO hidden',
        'ALTER TABLE webhooks RENAME COLUMN url TO hidden',
      ),
    ),
  }
}

function once(open: () => Promise<Apps>): () => Promise<Apps> {
  let opened: Promise<Apps> | undefined
  return () => (opened ??= open())
}

async function seeded(opening: Promise<Apps>, proposals: readonly string[] = ['lab']): Promise<Apps> {
  const apps = await opening
  const answer = await apps.command.inject({
    method: 'POST',
    url: '/v1/events?atomic=true',
    headers: { authorization: bearer('record'), 'content-type': 'application/x-ndjson' },
    payload: proposals.map((proposalId) => JSON.stringify({ proposalId, ...proposed(publishable) })).join('\n'),
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  await apps.applied(proposals.length)
  await apps.projection.inject(allowed(operations.projection['putWebhook']!.call()))
  return apps
}

/** What IATI needs of a proposal. */
const publishable = { fields: ['health'], planned: { start: '2024' } }

function narrow(t: Test): Promise<Apps> {
  const proposals = Array.from({ length: 510 }, (_, index) => `p${index}`)
  return seeded(openApps(t, { environment: { DOWNLOADS: '1' } }), proposals)
}

function withoutIssuer(t: Test): Promise<Apps> {
  const OIDC_ISSUERS_FILE = issuersFile(t, [issuerEntry({ url: awayIssuer })])
  return openApps(t, {
    environment: { READ_ACCESS: 'key', PUBLIC_URL: 'https://ledger.example.org', OIDC_ISSUERS_FILE },
  })
}

async function away(t: Test): Promise<Apps> {
  const wire = Promise.withResolvers<TcpProxy>()
  const databaseUrl = async (url: string) => {
    const proxy = await tcpProxy(t, { port: Number(new URL(url).port) })
    wire.resolve(proxy)
    return proxy.through(url)
  }
  const apps = await seeded(openApps(t, { databaseUrl }))
  const proxy = await wire.promise
  proxy.refuse()
  return apps
}

/** Once the tree is signed: tiles that are deleted earlier would be written again. */
async function treeless(t: Test): Promise<Apps> {
  const apps = await altered(t)
  const pool = apps.database.pool()
  await eventually(async () => (await pool.query('SELECT FROM log_checkpoints WHERE size = 1')).rows.length > 0)
  await pool.query('DELETE FROM log_tiles')
  return apps
}

async function replaced(t: Test): Promise<Apps> {
  const apps = await altered(t)
  await acceptRestore(apps.database.pool(), 'restored from a backup')
  return apps
}

/**
 * A line is missing. The comparison finds that: a halt that is set here could be taken away by one that began before. A service that records knows
 * the log as it was up to a second ago; it is asked until it knows of the halt.
 */
async function halted(t: Test): Promise<Apps> {
  const apps = await seeded(openApps(t), ['lab', 'other', 'third'])
  const pool = apps.database.pool()
  await pool.query(pastGuards('DELETE FROM events WHERE position = 2'))
  await eventually(() => readHalt(pool, 'lines'), { within: 30_000 })
  const tryIt = {
    method: 'POST',
    url: '/v1/proposals/lab/events?dryRun=true',
    headers: { authorization: bearer('record') },
    payload: agreed(),
  } as const
  await eventually(async () => (await apps.command.inject(tryIt)).json().code === 'log-went-back', { within: 30_000 })
  return apps
}

async function altered(t: Test, ...statements: string[]): Promise<Apps> {
  const apps = await seeded(openApps(t))
  const pool = apps.database.pool()
  for (const statement of statements) await pool.query(statement)
  return apps
}
