/** The steps of a drill: a backup, a copy beside, and what becomes of it. */
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { clientFactory, type Queryable, roleName } from '@commitments/event-store'
import { addressOfRunning, hasServer, startServer } from '@commitments/local-postgres'
import { Client } from 'pg'
import { databaseName, serverFolder } from '../owner-address.ts'
import { type Job, readDump, restoreDump, takeDump } from './logical.ts'
import { Hindered, Unusable } from './outcome.ts'
import { copyFolder, type Folder, startOn, takeBaseBackup } from './physical.ts'
import { type Report, reportOf } from './report.ts'
import { type Served, serveAndCheck } from './serve.ts'
import { eventAt, readStanding, type Standing } from './standing.ts'

export interface Asked {
  readonly ledger: string
  readonly timeZone: string
  readonly from: string | undefined
  /** Undefined: what is usual. */
  readonly physical: boolean | undefined
  readonly withoutReadModels: boolean
  readonly database: string | undefined
  readonly wal: string | undefined
  readonly restoreCommand: string | undefined
  readonly until: string | undefined
  /** Hours. */
  readonly maxAge: number | undefined
  readonly keys: readonly string[]
  /** Bytes a second. */
  readonly rate: number
  readonly moments: number
  readonly json: boolean
}

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Done at the end, the last one first, however it ends. */
  readonly cleanUp: (() => Promise<void> | void)[]
  /** Of this drill alone. */
  readonly folder: string
  /** Says what is done now, to who watches. */
  readonly step: (what: string) => void
}

/** The addresses of the ledger: its owner's, or that of whoever may read it, and that at which a base backup is taken. */
export interface Source {
  readonly url: string
  readonly replicationUrl: string
}

/** Takes a backup of a ledger that is there, and drills with it. */
export async function drillOwn(asked: Asked, around: Surroundings, { url, replicationUrl }: Source): Promise<Report> {
  const job = jobOf(asked, around)
  const client = await connect(url, asked.ledger)
  try {
    const { standing, snapshot } = await readSnapshot(client, asked.ledger)
    const takenAt = new Date().toISOString()
    const began = performance.now()
    const compare = compareWithSnapshot(standing, !asked.physical)
    if (!asked.physical) {
      requireRoom(around.folder, 2.2 * standing.bytes, around.environment)
      around.step(`Taking a backup of ${standing.position} events`)
      const { withoutReadModels, rate } = asked
      const dump = await takeDump(job, { url, snapshot, standing, withoutReadModels, rate })
      // So that the ledger can clear away what only this snapshot still sees.
      await client.query('ROLLBACK')
      const backup = {
        kind: 'pg_dump',
        path: null,
        bytes: dump.bytes,
        takenAt,
        milliseconds: performance.now() - began,
      } as const
      return await drillDump(asked, around, { backup, path: dump.path, compare })
    }
    await client.query('ROLLBACK')
    requireRoom(around.folder, 1.1 * standing.clusterBytes, around.environment)
    around.step(`Taking a base backup of the server, ${standing.position} events`)
    let bytes = 0
    let milliseconds = 0
    const fill = async (cluster: string) => {
      bytes = await takeBaseBackup(replicationUrl, cluster, asked.rate, around.signal)
      milliseconds = performance.now() - began
      around.step('Recovering it')
    }
    const restoring = performance.now()
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    const copy = await physicalCopy({ ...asked, database: rows[0]?.name }, around, { major: standing.major, fill })
    const restored = { on: copy.on, milliseconds: performance.now() - restoring - milliseconds }
    const served = await check(asked, around, copy.url, compare.at)
    const backup = { kind: 'base backup', path: null, bytes, takenAt, milliseconds } as const
    return reportOf({ asked, backup, restored, served, compared: compare.judge(served) })
  } finally {
    await client.end().catch(() => {})
  }
}

/** Drills with a backup that exists already, and compares it with the ledger where that is there. */
export async function drillExisting(asked: Asked, around: Surroundings, what: Existing): Promise<Report> {
  const job = jobOf(asked, around)
  const ledger = await ledgerIfThere(asked, around.environment)
  if (ledger.client !== null) around.cleanUp.push(() => ledger.client?.end())
  const compare = { at: 0, judge: (served: Served) => compareWithLedger(ledger, served) }
  if (what.kind === 'pg_dump') {
    const { path, bytes } = what
    requireRoom(around.folder, 8 * bytes, around.environment)
    const takenAt = await readDump(job, path)
    const backup = { kind: 'pg_dump', path, bytes, takenAt, milliseconds: null } as const
    return drillDump(asked, around, { backup, path, compare })
  }
  const { folder, bytes } = what
  requireRoom(around.folder, (folder.packed === null ? 1.1 : 5) * bytes, around.environment)
  around.step('Recovering the base backup')
  const restoring = performance.now()
  const fill = (cluster: string) => copyFolder(folder, cluster, around.signal)
  const copy = await physicalCopy(asked, around, { major: folder.major, fill })
  const restored = { on: copy.on, milliseconds: performance.now() - restoring }
  const served = await check(asked, around, copy.url, 0)
  const backup = { kind: 'base backup', path: folder.path, bytes, takenAt: folder.takenAt, milliseconds: null } as const
  return reportOf({ asked, backup, restored, served, compared: await compare.judge(served) })
}

export type Existing =
  | { readonly kind: 'pg_dump'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'base backup'; readonly folder: Folder; readonly bytes: number }

function jobOf({ ledger }: Asked, { folder, environment, signal }: Surroundings): Job {
  return { ledger, folder, environment, signal }
}

interface ToRestore {
  readonly backup: Report['backup']
  readonly path: string
  readonly compare: { readonly at: number; readonly judge: (served: Served) => Compared | Promise<Compared> }
}

async function drillDump(asked: Asked, around: Surroundings, { backup, path, compare }: ToRestore): Promise<Report> {
  around.step('Restoring it')
  const target = await emptyDatabase(around, asked.ledger)
  const restoring = performance.now()
  await restoreDump(jobOf(asked, around), path, target.url)
  const restored = { on: target.on, milliseconds: performance.now() - restoring }
  const served = await check(asked, around, target.url, compare.at)
  return reportOf({ asked, backup, restored, served, compared: await compare.judge(served) })
}

function check({ ledger, timeZone, keys, moments }: Asked, { folder, step }: Surroundings, url: string, at: number) {
  step('Serving it, and checking it with the auditor’s command')
  return serveAndCheck({ url, ledger, timeZone, folder }, { keys, moments, at })
}

async function connect(url: string, ledger: string): Promise<Client> {
  const client = clientFactory(url, { ledger, applicationName: 'commitments drill' })()
  try {
    await client.connect()
    return client
  } catch (error) {
    throw new Hindered(`The database of the ledger cannot be reached: ${(error as Error).message}.`)
  }
}

async function readSnapshot(client: Client, ledger: string): Promise<{ standing: Standing; snapshot: string }> {
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // The dump takes its time, and this transaction only lends it its snapshot.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0')
    const standing = await readStanding(client)
    const { rows } = await client.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot')
    return { standing, snapshot: rows[0]?.snapshot ?? '' }
  } catch (error) {
    throw sentenceOf(error as Error & { code?: string }, ledger)
  }
}

function sentenceOf(error: Error & { code?: string }, ledger: string): Error {
  if (error.code === '42501')
    return new Hindered(
      `The user of this address may not read the ledger ${ledger} (${error.message}): GRANT pg_read_all_data TO it.`,
    )
  if (error.code === '42P01' || error.code === '3F000')
    return new Hindered(
      `There is no ledger ${ledger} in this database, or its user may not see it: set LEDGER_SCHEMA, or GRANT pg_read_all_data.`,
    )
  return error
}

/** Room for the copy, unless it is restored on another server. @throws Hindered */
function requireRoom(folder: string, bytes: number, { DRILL_DATABASE_URL }: NodeJS.ProcessEnv): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = DRILL_DATABASE_URL ? bytes / 2 : bytes + emptyServerBytes
  if (bavail * bsize >= needed) return
  throw new Hindered(
    `There is not enough room in ${folder}: about ${inMegabytes(needed)} MB are needed, and ${inMegabytes(bavail * bsize)} MB are free. Set TMPDIR to a folder with more.`,
  )
}

function inMegabytes(bytes: number): string {
  return Math.ceil(bytes / 1e6).toLocaleString('en')
}

/** What an empty server and its log take. */
const emptyServerBytes = 250e6

interface Target {
  readonly url: string
  /** In words. */
  readonly on: string
}

/** An empty database: on the server that the operator names, or on a temporary one. */
async function emptyDatabase(around: Surroundings, ledger: string): Promise<Target> {
  const given = around.environment['DRILL_DATABASE_URL']
  const name = `commitments_drill_${process.pid}_${Date.now()}`
  const make = `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`
  if (given) {
    const admin = new Client({ connectionString: given, connectionTimeoutMillis: 10_000 })
    try {
      await admin.connect()
      await dropLeftovers(admin)
      await requireRoles(admin, ledger)
      await admin.query(make)
    } catch (error) {
      await admin.end().catch(() => {})
      if (error instanceof Hindered) throw error
      throw new Hindered(`No database can be made at DRILL_DATABASE_URL: ${(error as Error).message}.`)
    }
    const before = await rolesOf(admin, ledger)
    around.cleanUp.push(async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      for (const role of await rolesOf(admin, ledger))
        if (!before.includes(role)) await admin.query(`DROP ROLE ${role}`)
      await admin.end()
    })
    return {
      url: given.replace(/^(postgres(?:ql)?:\/\/[^/?#]*)(?:\/[^?#]*)?/, `$1/${name}`),
      on: 'a database of its own at DRILL_DATABASE_URL',
    }
  }
  const server = await startServer({ dataDirectory: join(around.folder, 'server') })
  around.cleanUp.push(() => server.stop())
  const admin = new Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(make)
  await admin.end()
  return { url: server.url.replace(/\/postgres$/, `/${name}`), on: 'a temporary server' }
}

/** Roles belong to the cluster: those of a ledger that is there too must be lent to the user of the copy. @throws Hindered */
async function requireRoles(client: Client, ledger: string): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>(
    `SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND NOT pg_has_role(oid, 'SET')`,
    [[roleName(ledger, 'command'), roleName(ledger, 'projection')]],
  )
  if (rows.length === 0) return
  const names = rows.map(({ rolname }) => rolname).join(', ')
  throw new Hindered(
    `The server of DRILL_DATABASE_URL has the roles ${names} already: GRANT ${names} TO its user, so that the copy can be served.`,
  )
}

/** Milliseconds after which nobody works with a database that has no connection. */
const abandonedAfter = 3_600_000

/** Drops the databases of drills that were killed. */
async function dropLeftovers(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database d WHERE datname ~ '^commitments_drill_[0-9]+_[0-9]+$' AND pg_has_role(datdba, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`,
  )
  const abandoned = rows.filter(({ name }) => Date.now() - Number(name.split('_').at(-1)) > abandonedAfter)
  for (const { name } of abandoned) await client.query(`DROP DATABASE IF EXISTS ${name}`)
}

async function rolesOf(client: Queryable, ledger: string): Promise<string[]> {
  const names = [roleName(ledger, 'command'), roleName(ledger, 'projection')]
  const { rows } = await client.query<{ rolname: string }>({
    text: 'SELECT rolname FROM pg_roles WHERE rolname = ANY($1)',
    values: [names],
  })
  return rows.map(({ rolname }) => rolname)
}

interface BaseBackup {
  readonly major: number
  readonly fill: (cluster: string) => Promise<void>
}

async function physicalCopy(asked: Asked, around: Surroundings, { major, fill }: BaseBackup): Promise<Target> {
  const server = await startOn(jobOf(asked, around), major, asked, fill)
  around.cleanUp.push(() => server.stop())
  const admin = new Client({ connectionString: server.url })
  await admin.connect()
  const { rows } = await admin.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1',
  )
  await admin.end()
  const found: string[] = []
  for (const { datname } of rows) {
    const url = server.url.replace(/\/postgres$/, `/${encodeURIComponent(datname)}`)
    if ((asked.database ?? datname) === datname && (await hasLedger(url, asked.ledger))) found.push(url)
  }
  const [url] = found
  if (url === undefined)
    throw new Unusable(
      `The backup has no ledger ${asked.ledger} (its databases: ${rows.map(({ datname }) => datname).join(', ')}).`,
    )
  if (found.length > 1)
    throw new Hindered(
      `The ledger ${asked.ledger} is in ${found.length} databases of the backup: name one with --database.`,
    )
  return { url, on: `a temporary server of Postgres ${major}` }
}

async function hasLedger(url: string, ledger: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS there`, [
      `${ledger}.events`,
    ])
    return rows[0]?.there === true
  } finally {
    await client.end()
  }
}

/** How complete the copy is. */
export interface Compared {
  /** In a sentence. */
  readonly sentence: string
  readonly isFault: boolean
  /** Events of the ledger that the copy lacks; null: not known. */
  readonly behind: number | null
}

/** What was there when the backup began must be in it: exactly that in an archive, that and perhaps more in a base backup. */
function compareWithSnapshot({ position, eventId }: Standing, isExact: boolean) {
  return {
    at: position,
    judge: ({ standing, eventAt: found }: Served): Compared => {
      const isWhole = found === eventId && (isExact ? standing.position === position : standing.position >= position)
      const sentence = isWhole
        ? `it has all ${position} events that the ledger had when the backup began`
        : `the ledger had ${position} events when the backup began, and the copy has ${standing.position}, or others`
      return { sentence, isFault: !isWhole, behind: isWhole ? 0 : Math.max(position - standing.position, 0) }
    },
  }
}

interface Ledger {
  readonly client: Client | null
  /** Why it is not asked, as the end of a sentence. */
  readonly absent: string
}

async function ledgerIfThere({ ledger }: Asked, { DATABASE_URL, DATA_DIR }: NodeJS.ProcessEnv): Promise<Ledger> {
  const folder = serverFolder(DATA_DIR || '.data')
  const running =
    DATABASE_URL || (hasServer(folder) ? addressOfRunning(folder)?.replace(/\/postgres$/, `/${databaseName}`) : null)
  if (!running) return { client: null, absent: 'DATABASE_URL is not set' }
  try {
    return { client: await connect(running, ledger), absent: '' }
  } catch (error) {
    return { client: null, absent: (error as Error).message.replace(/\.$/, '') }
  }
}

async function compareWithLedger({ client, absent }: Ledger, { standing }: Served): Promise<Compared> {
  if (client === null)
    return { sentence: `it was not compared with the ledger (${absent})`, isFault: false, behind: null }
  const now = await readStanding(client).catch((error: Error) => error.message)
  if (typeof now === 'string')
    return { sentence: `it was not compared with the ledger (${now})`, isFault: false, behind: null }
  if (!now.logIds.includes(standing.logId))
    return {
      sentence: `it is of another ledger: its Log-Id is ${standing.logId}, and the ledger’s ${now.logId}`,
      isFault: true,
      behind: null,
    }
  if (standing.position > 0 && (await eventAt(client, standing.position)) !== standing.eventId)
    return {
      sentence: `its last event, at position ${standing.position}, is not the ledger’s: they have two pasts`,
      isFault: true,
      behind: null,
    }
  const behind = now.position - standing.position
  if (behind === 0)
    return { sentence: `it has all ${now.position} events that the ledger has now`, isFault: false, behind }
  const { rows } = await client.query<{ at: Date }>('SELECT recorded_at AS at FROM events WHERE position = $1', [
    standing.position + 1,
  ])
  return {
    sentence: `it lacks the last ${behind} of the ledger’s ${now.position} events, those since ${rows[0]?.at.toISOString()}`,
    isFault: false,
    behind,
  }
}
