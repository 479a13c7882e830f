/** A restored copy is brought up to date, served by the projection service as it is, and checked with the auditor's command. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Verdict, verify } from '@commitments/audit-cli'
import { acceptRestore, followLog, migrate, openPool } from '@commitments/event-store'
import { createLogger, loadApiKeys } from '@commitments/http-kit'
import { buildProjectionApp, type Pulse, pulseQuery, readConfig, readSigning } from '@commitments/projection'
import { projections, rebuild, rulesOf } from '@commitments/projection/maintenance'
import type { Pool } from 'pg'
import { Unusable } from './outcome.ts'
import { eventAt, readStanding, type Standing } from './standing.ts'

export interface Copy {
  /** The address of its owner. */
  readonly url: string
  readonly ledger: string
  readonly timeZone: string
  /** For this drill alone. */
  readonly folder: string
}

export interface Served {
  /** As it was restored. */
  readonly standing: Standing
  /** The id of the event at the position that was asked for. */
  readonly eventAt: string | null
  /** What `migrate` had to apply: the backup is of an earlier version. */
  readonly migrated: readonly string[]
  /** The read models that were made from the log, because the backup has none or older ones. */
  readonly rebuilt: readonly string[]
  /** What the service says of itself that somebody must look at. */
  readonly alarms: readonly string[]
  readonly verdict: Verdict
  /** Milliseconds until the copy had answered a first request, and then until it was checked. */
  readonly served: number
  readonly checked: number
}

interface Asked {
  /** Verifier keys of the ledger, given by the operator; empty: those in the backup. */
  readonly keys: readonly string[]
  readonly moments: number
  /** A position at which the event is asked for; 0: none. */
  readonly at: number
}

/** The name under which a copy signs: nobody has it, so nothing that it signs can be taken for the ledger's. */
const originOfCopies = 'drill.invalid'

/**
 * Does what an operator does in a bad night, with the same code: `migrate`, `rebuild` where the read models are missing, `accept-restore`, the
 * service. It signs under a name and with a key of its own, calls nobody (no witness, no receiver of webhooks), and answers only with a secret.
 */
export async function serveAndCheck(copy: Copy, asked: Asked): Promise<Served> {
  const began = performance.now()
  const { url, ledger, timeZone, folder } = copy
  const owner = openPool(url, { ledger, max: 2, applicationName: 'commitments drill' })
  const pool = openPool(url, { ledger, role: 'projection', max: 16, applicationName: 'commitments drill' })
  try {
    const { applied } = await migrate(url, { ledger })
    const standing = await readStanding(owner)
    const found = await eventAt(owner, asked.at)
    const rebuilt = await rebuildMissing(pool, timeZone)
    await acceptRestore(owner, 'a drill: this is a copy')
    const secret = randomBytes(24).toString('base64url')
    const service = await startService(copy, pool, secret)
    try {
      const headers = { authorization: `Bearer ${secret}` }
      const first = await fetch(`${service.address}/v1/proposals?limit=1`, { headers })
      if (!first.ok) throw new Unusable(`The service does not serve the copy: ${first.status} ${await first.text()}`)
      const served = performance.now() - began
      await untilSigned(owner, standing.position)
      const verdict = await verify(
        await checkOf(service.address, { folder, secret, standing, asked, headers, timeZone }),
      )
      const alarms = await alarmsOf(service.address, headers)
      return {
        standing,
        eventAt: found,
        migrated: applied,
        rebuilt,
        alarms,
        verdict,
        served,
        checked: performance.now() - began - served,
      }
    } finally {
      await service.close()
    }
  } finally {
    await Promise.all([owner, pool].map((one) => one.end()))
  }
}

/** Rebuilds each read model that other rules made, or that says that it has applied events and has no rows. */
async function rebuildMissing(pool: Pool, timeZone: string): Promise<string[]> {
  const rules = rulesOf(timeZone)
  const rebuilt: string[] = []
  for (const projection of projections) {
    const table = projection.name === 'proposal-status' ? 'proposal_status' : 'proposal_moments'
    const { rows } = await pool.query<{ generation: number }>(
      `SELECT generation FROM projection_generations g WHERE projection = $1 AND state = 'live' AND position > 0
         AND (rules <> $2 OR NOT EXISTS (SELECT FROM ${table} r WHERE r.generation = g.generation))`,
      [projection.name, rules],
    )
    if (rows.length === 0) continue
    const options = { pool, projection, timeZone, rules }
    let result = await rebuild(options)
    // From rows that other rules made.
    if (result.outcome === 'differs') result = await rebuild({ ...options, acceptDifferences: result.generation })
    if (result.outcome !== 'switched')
      throw new Unusable(
        `The read model ${projection.name} cannot be made again from the log of the backup (${result.outcome}).`,
      )
    rebuilt.push(projection.name)
  }
  return rebuilt
}

async function startService({ url, ledger, timeZone, folder }: Copy, pool: Pool, secret: string) {
  const state = join(folder, 'state')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  // Only what is named here: nothing of the operator's environment, such as the addresses of witnesses.
  const environment = {
    LEDGER_SCHEMA: ledger,
    LEDGER_TIME_ZONE: timeZone,
    LOG_LEVEL: 'silent',
    READ_ACCESS: 'key',
    API_KEYS: `drill:read+audit+admin:${secret}`,
    DRIFT_CHECK_RATE: '0',
    LOG_ORIGIN: `${originOfCopies}/${ledger}`,
    LOG_KEY_FILE: join(state, 'key.pem'),
    LOG_STATE_DIR: state,
  }
  const config = readConfig(environment)
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const follower = followLog<Pulse>({ url, look: pulseQuery, ledger, role: 'projection' })
  const keys = loadApiKeys(environment)
  const built = await buildProjectionApp({ config, pool, follower, keys, logger, signing: readSigning(environment) })
  await built.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = built.app.server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    close: async () => {
      built.app.server.closeAllConnections()
      await built.app.close()
      await built.close()
      await follower.close()
    },
  }
}

/** Milliseconds in which the copy must get on with applying and signing. */
const patience = 60_000

/** What is served must be signed as a whole before it is checked. */
async function untilSigned(owner: Pool, position: number): Promise<void> {
  let last = ''
  let since = performance.now()
  for (;;) {
    const { rows } = await owner.query<{ applied: number; tree: number; signed: number }>(
      `SELECT (SELECT min(position) FROM projection_generations WHERE state = 'live') AS applied, (SELECT size FROM log_tree) AS tree,
          (SELECT coalesce(max(size), -1) FROM log_checkpoints WHERE published_at IS NOT NULL
            AND log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)) AS signed`,
    )
    const [{ applied, tree, signed } = { applied: 0, tree: 0, signed: -1 }] = rows
    if (applied >= position && signed >= position) return
    const now = JSON.stringify([applied, tree, signed])
    if (now !== last) since = performance.now()
    last = now
    if (performance.now() - since > patience)
      throw new Unusable(
        `The copy does not get on: of ${position} events ${applied} are applied, ${tree} are in the tree and ${Math.max(signed, 0)} are signed.`,
      )
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

interface Checked {
  readonly folder: string
  readonly secret: string
  readonly standing: Standing
  readonly asked: Asked
  readonly headers: Record<string, string>
  readonly timeZone: string
}

/** The log of the copy must continue what the ledger had signed, by the keys of the ledger. */
async function checkOf(address: string, { folder, secret, standing, asked, headers, timeZone }: Checked) {
  const own = (await (await fetch(`${address}/log/vkey`, { headers })).text()).trim().split('\n')
  const ofLedger = asked.keys.length > 0 ? asked.keys : (standing.signed?.vkeys.trim().split('\n') ?? [])
  const earlier = join(folder, 'signed-before')
  if (standing.signed !== null) writeFileSync(earlier, standing.signed.note)
  return {
    source: address,
    keys: [...own, ...ofLedger],
    earlier: standing.signed === null ? [] : [earlier],
    apiKey: secret,
    moments: asked.moments,
    timeZone,
  }
}

interface Readiness {
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
}

/** What concerns this machine, and not the copy. */
const ofMachine = ['machine-clock']

async function alarmsOf(address: string, headers: Record<string, string>): Promise<string[]> {
  const { checks = [] } = (await (await fetch(`${address}/health/ready`, { headers })).json()) as Readiness
  return checks.flatMap(({ name, ok, detail }) => (ok || ofMachine.includes(name) ? [] : [`${name}: ${detail ?? ''}`]))
}
