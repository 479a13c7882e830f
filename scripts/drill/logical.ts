/** Backups of one ledger: archives of pg_dump. */
import { closeSync, createWriteStream, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { roleName } from '@commitments/event-store'
import { Client } from 'pg'
import { Hindered, isNoRoom, Unusable } from './outcome.ts'
import { paced } from './pace.ts'
import { complaint, connectionIn, findProgram, run } from './programs.ts'
import type { Standing } from './standing.ts'

export interface Job {
  readonly ledger: string
  /** For this drill alone; removed at its end. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

export interface Dump {
  readonly path: string
  readonly bytes: number
}

interface Source {
  readonly url: string
  /** Of the transaction that has read the standing. */
  readonly snapshot: string
  readonly standing: Standing
  readonly withoutReadModels: boolean
  /** Bytes a second. */
  readonly rate: number
}

/** The tables that a rebuild makes again from the log; the tables of each generation, which hold the rows. */
export const readModels = ['proposal_status', 'proposal_search', 'proposal_moments', 'moment_facets']

/** Takes an archive of the ledger, as of the snapshot. One connection, which waits for no lock longer than five seconds. */
export async function takeDump(job: Job, source: Source): Promise<Dump> {
  const { ledger, folder, environment, signal } = job
  const program = findProgram('pg_dump', source.standing.major, environment)
  const path = `${folder}/ledger.dump`
  const left = source.withoutReadModels ? readModels.map((name) => `--exclude-table-data=${ledger}.${name}_*`) : []
  const given = [
    '--format=custom',
    '--no-password',
    '--lock-wait-timeout=5s',
    `--snapshot=${source.snapshot}`,
    `--schema=${ledger}`,
    ...left,
  ]
  const ended = await run({
    program,
    given,
    environment: connectionIn(folder, 'source', source.url),
    signal,
    take: async (printed) => {
      await pipeline(paced(printed, source.rate), createWriteStream(path, { mode: 0o600 }))
    },
  }).catch((error: unknown) => {
    if (isNoRoom(String(error)))
      throw new Hindered(`There is no room for the backup in ${folder}: set TMPDIR to a folder that has it.`)
    throw error
  })
  if (ended.status !== 0) throw new Hindered(`pg_dump took no backup: ${complaint('pg_dump', ended)}.`)
  return { path, bytes: statSync(path).size }
}

/** When an archive was made, and that it holds the ledger. @throws Unusable */
export async function readDump(job: Job, path: string): Promise<string | null> {
  const program = findProgram('pg_restore', 1, job.environment)
  const ended = await run({ program, given: ['--list', path], signal: job.signal })
  if (ended.status !== 0) {
    const said = complaint('pg_restore', ended)
    if (/unsupported version/.test(said))
      throw new Hindered(
        `${program} is older than the pg_dump that made ${path} (${said}): name the folder of newer programs in POSTGRES_PROGRAMS.`,
      )
    throw new Unusable(`${path} is no archive that pg_restore reads: ${said}.`)
  }
  const schemas = [...ended.printed.matchAll(/ TABLE (\S+) events /g)].map(([, schema = '']) => schema)
  if (!schemas.includes(job.ledger)) {
    const others =
      schemas.length === 0 ? '' : ` It has the ledger ${[...new Set(schemas)].join(', ')}: set LEDGER_SCHEMA.`
    throw new Unusable(`${path} has no ledger ${job.ledger}.${others}`)
  }
  const [, made] = /Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(ended.printed) ?? []
  return made === undefined ? null : `${made.replace(' ', 'T')}Z`
}

/**
 * Restores the archive into the empty database, as an operator would: the schema and the roles first, everything else from the archive without
 * owners and rights, which `migrate` gives afterwards.
 */
export async function restoreDump(job: Job, path: string, url: string): Promise<void> {
  const { ledger, folder, environment, signal } = job
  const program = findProgram('pg_restore', 1, environment)
  const indexes = await run({ program, given: [`--schema=${ledger}`, '--section=post-data', '--file=-', path], signal })
  const [, ofSearch] = /([a-z_0-9]+)\.gin_trgm_ops/.exec(indexes.printed) ?? []
  await prepare(url, ledger, ofSearch)
  const given = [
    '--no-owner',
    '--no-acl',
    '--no-password',
    '--exit-on-error',
    `--schema=${ledger}`,
    '--dbname=service=drill',
    path,
  ]
  const ended = await run({ program, given, environment: connectionIn(folder, 'copy', url), signal })
  if (ended.status === 0) return
  const said = complaint('pg_restore', ended)
  if (isNoRoom(ended.remarked))
    throw new Hindered(`There is no room to restore the backup: set TMPDIR to a folder that has it.`)
  throw new Unusable(`The backup cannot be restored: ${said}.`)
}

/** @param ofSearch the schema of the extension that an index of the ledger uses; the dump of one schema does not contain it */
async function prepare(url: string, ledger: string, ofSearch: string | undefined): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE SCHEMA ${ledger}`)
    for (const role of ['command', 'projection'] as const) {
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [roleName(ledger, role)])
      if (rowCount === 0) await client.query(`CREATE ROLE ${roleName(ledger, role)} NOLOGIN`)
    }
    if (ofSearch === undefined) return
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${ofSearch}`)
    await client.query(`CREATE EXTENSION pg_trgm WITH SCHEMA ${ofSearch}`)
  } finally {
    await client.end()
  }
}

/** Whether a path is an archive of pg_dump. */
export function isDump(path: string, isFolder: boolean): boolean {
  if (isFolder) return existsSync(join(path, 'toc.dat'))
  const beginning = Buffer.alloc(7)
  const file = openSync(path, 'r')
  readSync(file, beginning, 0, 7, 0)
  closeSync(file)
  const text = beginning.toString('latin1')
  return text.startsWith('PGDMP') || text === 'toc.dat'
}
