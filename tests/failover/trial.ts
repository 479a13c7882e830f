/**
 * One failover under load: two embedded servers, a base backup, the primary killed, the standby promoted. Afterwards the log is read as a whole:
 * every acknowledged line stands byte for byte at its position, or its loss was noticed, by the services, the signer and an auditor.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { acceptRestore, migrate, openPool, readLog } from '@commitments/event-store'
import { ensureDatabase, startTemporaryServer } from '@commitments/local-postgres'
import {
  backUpAsStandby,
  type Cleanup,
  eventually,
  processEnvironment,
  processKey,
  promote,
  type ServiceName,
  scriptOf,
  tcpProxy,
  temporaryFolder,
} from '@commitments/test-kit'
import { verify as audit } from '../../packages/audit-cli/src/index.ts'
import { type Service, startService } from '../../scripts/start/supervisor.ts'
import { type Acknowledged, type Load, startLoad } from '../crash/load.ts'
import { verify } from '../crash/verify.ts'
import type { Plan } from './plan.ts'

export interface Outcome {
  readonly acknowledged: number
  /** Acknowledged events that are not in the log any more. */
  readonly lost: number
  /** What is wrong, in words; empty if nothing is. */
  readonly faults: readonly string[]
}

/** Servers of which one takes writes, and another one can take its place. */
export interface Cluster {
  /** For the services and the owner, whichever server takes writes. */
  readonly databaseUrl: string
  /** Stops what the primary sends to its standbys. */
  cut(): void
  killPrimary(): Promise<void>
  /** Afterwards another server takes writes, for those who connect to `databaseUrl`. */
  replacePrimary(): Promise<void>
}

export type StartCluster = (t: Cleanup, plan: Plan) => Promise<Cluster>

/** With two embedded servers, unless another cluster is given. Names each fault that it finds. @throws if the trial could not be run */
export async function runTrial(
  plan: Plan,
  say: (line: string) => void = () => {},
  start: StartCluster = startPair,
): Promise<Outcome> {
  const endings: (() => unknown)[] = []
  const cleanup: Cleanup = { after: (end) => endings.push(end) }
  try {
    return await runOver(cleanup, await start(cleanup, plan), plan, say)
  } finally {
    for (const end of endings.toReversed()) await end()
  }
}

async function startPair(t: Cleanup, { replication }: Plan): Promise<Cluster> {
  const primary = await startTemporaryServer({ settings: { wal_keep_size: '512MB' } })
  t.after(() => primary.stop())
  await ensureDatabase(primary.url, 'commitments')
  const wire = await tcpProxy(t, { port: primary.port })
  const standby = await backUpAsStandby(t, primary, { name: 'standby', port: wire.port })
  const owner = openPool(primary.url, { ledger: 'commitments', max: 1 })
  await eventually(async () => (await owner.query('SELECT FROM pg_stat_replication')).rowCount === 1, {
    within: 20_000,
  })
  if (replication === 'synchronous') {
    await owner.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`)
    await owner.query('SELECT pg_reload_conf()')
    const isSync = `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`
    await eventually(async () => (await owner.query(isSync)).rowCount === 1, { within: 20_000 })
  }
  await owner.end()
  const { username, password } = new URL(primary.url)
  const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`
  return {
    databaseUrl: `postgres://${username}:${password}@${hosts}/commitments?target_session_attrs=read-write`,
    cut: () => wire.stall(),
    killPrimary: () => primary.kill(),
    replacePrimary: () => promote(standby),
  }
}

interface Running {
  readonly command: Service
  readonly projection: Service
  readonly databaseUrl: string
}

async function startServices(t: Cleanup, databaseUrl: string, say: (line: string) => void): Promise<Running> {
  const begin = async (name: ServiceName) => {
    const environment = processEnvironment(databaseUrl)
    const service = await startService({ name, script: scriptOf(name), environment, say }, new AbortController().signal)
    t.after(() => service.stop())
    return service
  }
  const [command, projection] = await Promise.all([begin('command'), begin('projection')])
  return { command, projection, databaseUrl }
}

async function runOver(t: Cleanup, cluster: Cluster, plan: Plan, say: (line: string) => void): Promise<Outcome> {
  await migrate(cluster.databaseUrl, { ledger: 'commitments' })
  const services = await startServices(t, cluster.databaseUrl, say)
  const load = startLoad(services, { clients: 8, name: `s${plan.seed}` })
  const memory = join(temporaryFolder(t), 'memory')
  await sleep(plan.before)
  if (plan.cutFor > 0) cluster.cut()
  await sleep(plan.cutFor)
  const last = await audit({ source: services.projection.url, status: false, memory })
  const faults = last.outcome === 'valid' ? [] : [`before: ${last.sentence}`]
  const signed = await signedSize(services)
  for (const name of plan.killed) process.kill(services[name].pid, 'SIGKILL')
  await cluster.killPrimary()
  await sleep(plan.downFor)
  // Whatever was acknowledged until now can be lost, answers under way included; nothing that is acknowledged later.
  const until = load.acknowledged.length
  await cluster.replacePrimary()
  await sleep(plan.after)
  const lost = await lostOf(services, load.acknowledged.slice(0, until))
  const isSigned = lost.some(({ position }) => position <= signed)
  // Of what nobody signed and no process remembers, nobody but its client knows: asynchronous replication is that.
  const isKnown = isSigned || !plan.killed.includes('command')
  say(
    `${until} events acknowledged, ${lost.length} of them lost${lost.length > 0 && !isSigned ? ', none of them signed' : ''}`,
  )
  if (lost.length > 0 && plan.replication === 'synchronous')
    faults.push(`${lost.length} events are lost with a synchronous standby`)
  if (lost.length > 0 && isKnown) {
    faults.push(...(await faultsOfNotice(services, isSigned ? memory : null)))
    await acceptAndGoOn(services, load)
  }
  await load.stop()
  const gone = new Set(lost)
  const kept = load.acknowledged.filter((one) => !gone.has(one))
  const verdict = await verify(services as Parameters<typeof verify>[0], kept)
  faults.push(...verdict.faults)
  // Clients that built on what was lost are told what is there now, whatever that is.
  if (lost.length === 0) faults.push(...load.unexpected, ...(await faultsWithoutLoss(services, memory)))
  else if (isKnown) faults.push(...(await faultsAfterAcceptance(services, memory, isSigned)))
  return { acknowledged: load.acknowledged.length, lost: lost.length, faults }
}

async function lostOf({ databaseUrl }: Running, acknowledged: readonly Acknowledged[]): Promise<Acknowledged[]> {
  const pool = openPool(databaseUrl, { ledger: 'commitments', max: 1 })
  try {
    // The first connection may still go to the server that was killed.
    await eventually(() => pool.query('SELECT').then(Boolean))
    const lines: string[] = []
    for (let page = await readLog(pool, { after: 0, limit: 5_000 }); page.length > 0; ) {
      lines.push(...page.map(({ line }) => line))
      page = await readLog(pool, { after: lines.length, limit: 5_000 })
    }
    return acknowledged.filter(({ position, line }) => lines[position - 1] !== line)
  } finally {
    await pool.end()
  }
}

interface Ready {
  readonly status: number
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
}

async function readyOf({ url }: Service): Promise<Ready> {
  const answer = await fetch(new URL('/health/ready', url), { headers: { authorization: `Bearer ${processKey}` } })
  const { checks } = (await answer.json()) as Pick<Ready, 'checks'>
  return { status: answer.status, checks }
}

async function signedSize({ projection }: Running): Promise<number> {
  const note = await (await fetch(new URL('/log/checkpoint', projection.url))).text()
  return Number(note.split('\n')[1])
}

/** Something was lost: who has to notice it, does. @param memory of an auditor who saw that it was signed; null if nothing lost was signed */
async function faultsOfNotice({ command, projection }: Running, memory: string | null): Promise<string[]> {
  const faults: string[] = []
  const noticed = async (what: string, holds: () => Promise<boolean>) => {
    await eventually(holds, { within: 30_000 }).catch(() => faults.push(`the loss is not noticed by ${what}`))
  }
  await noticed('the command service', async () => (await readyOf(command)).status === 503)
  if (memory === null) return faults
  await noticed('the signer', async () =>
    (await readyOf(projection)).checks.some(({ name, ok }) => name === 'transparency-log' && !ok),
  )
  const { outcome, sentence } = await audit({ source: projection.url, status: false, memory })
  if (outcome === 'valid') faults.push(`the loss is not noticed by an auditor: ${sentence}`)
  return faults
}

async function acceptAndGoOn({ databaseUrl, command, projection }: Running, load: Load): Promise<void> {
  const owner = openPool(databaseUrl, { ledger: 'commitments', max: 1 })
  await acceptRestore(owner, 'a failover lost the last events')
  await owner.end()
  const isReady = async () => (await readyOf(command)).status === 200 && (await readyOf(projection)).status === 200
  await eventually(isReady, { within: 30_000 })
  const reached = load.acknowledged.length + 50
  await eventually(() => load.acknowledged.length >= reached, { within: 30_000 })
}

async function signedUp({ projection }: Running): Promise<string[]> {
  const signed = async () =>
    (await readyOf(projection)).checks.some(
      ({ name, ok, detail }) => name === 'transparency-log' && ok && detail?.startsWith('signed up to the head'),
    )
  return eventually(signed, { within: 30_000 }).then(
    () => [],
    () => ['the log is not signed up to its head'],
  )
}

async function faultsWithoutLoss(services: Running, memory: string): Promise<string[]> {
  const faults = await signedUp(services)
  const { outcome, sentence } = await audit({ source: services.projection.url, status: false, memory })
  return outcome === 'valid' ? faults : [...faults, `nothing was lost, and an auditor says: ${sentence}`]
}

/** After the loss was accepted, whoever begins anew finds a log that holds, and is told what was given up. */
async function faultsAfterAcceptance(services: Running, memory: string, isSigned: boolean): Promise<string[]> {
  const faults = await signedUp(services)
  const { outcome, sentence } = await audit({
    source: services.projection.url,
    status: false,
    memory,
    beginAnew: true,
  })
  if (outcome !== 'valid') return [...faults, `after the acceptance an auditor says: ${sentence}`]
  return !isSigned || /given up in a declared restore/.test(sentence)
    ? faults
    : [...faults, `an auditor is not told what was given up: ${sentence}`]
}
