/** A ledger on a server of its own, with a signed log, and the drill as a process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { migrate, openPool } from '@commitments/event-store'
import { ensureDatabase, type LocalServer, type Settings, startTemporaryServer } from '@commitments/local-postgres'
import { eventually, keyFile, proposed, secretOf, type TestDatabase, temporaryFolder } from '@commitments/test-kit'
import { signingFor, startCommand, startProjection } from '@commitments/test-kit/services'
import type { Test } from 'tap'

const ledger = 'commitments'

const major = 18

/** Programs of the version of the embedded server, if they are here. */
export const programs = [process.env['POSTGRES_PROGRAMS'], `/usr/lib/postgresql/${major}/bin`].find(
  (folder) => folder !== undefined && existsSync(join(folder, 'pg_dump')),
)
export const withoutPrograms =
  programs === undefined && `there is no pg_dump of Postgres ${major}: name its folder in POSTGRES_PROGRAMS`

export interface Ledger {
  readonly server: LocalServer
  /** As its owner, who is no superuser. */
  readonly url: string
  /** Records a proposal, and waits until it is signed; the position. */
  record(id: string): Promise<number>
  /** As a superuser, in the database of the ledger. */
  asSuperuser(sql: string): Promise<void>
}

export async function openLedger(t: Test, settings: Settings = {}): Promise<Ledger> {
  const server = await startTemporaryServer({ settings })
  t.after(() => server.stop())
  const url = await ensureDatabase(server.url, ledger)
  await migrate(url, { ledger })
  const superuser = server.url.replace(/postgres$/, ledger)
  const database = { url, ledger } as TestDatabase
  const environment = { API_KEYS_FILE: keyFile(t, [{ name: 'registry', scopes: ['record'] }]) }
  const [command] = await Promise.all([
    startCommand(t, database, { environment }),
    startProjection(t, database, { environment, signing: signingFor(t) }),
  ])
  const pool = openPool(superuser, { ledger, max: 1 })
  t.after(() => pool.end())
  return {
    server,
    url,
    record: async (id) => {
      const { body, statusCode } = await command.app.inject({
        method: 'POST',
        url: `/v1/proposals/${id}/events`,
        headers: { authorization: `Bearer ${secretOf('registry')}` },
        payload: proposed(),
      })
      if (statusCode !== 201) throw new Error(body)
      const { position } = JSON.parse(body) as { position: number }
      await eventually(
        async () => {
          const { rows } = await pool.query<{ size: number }>('SELECT max(size) AS size FROM log_checkpoints')
          return (rows[0]?.size ?? 0) >= position
        },
        { within: 30_000 },
      )
      return position
    },
    asSuperuser: async (sql) => void (await pool.query(sql)),
  }
}

const root = join(import.meta.dirname, '../..')

export interface Drilled {
  readonly status: number
  readonly said: string
  readonly remarked: string
  /** What is left in its folder for temporary files. */
  readonly left: readonly string[]
}

/** Runs the drill as an operator does, with nothing in its environment but what is given. */
export function drill(t: Test, environment: Record<string, string>, ...given: string[]): Promise<Drilled> {
  return startDrill(t, environment, ...given).ended
}

/** The same, while it works. */
export function startDrill(t: Test, environment: Record<string, string>, ...given: string[]) {
  const TMPDIR = temporaryFolder(t)
  chmodSync(TMPDIR, 0o755)
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const child = spawn(process.execPath, [join(root, 'scripts/drill.ts'), '--moments=1', ...given], {
    env: { PATH, HOME: TMPDIR, TMPDIR, DATA_DIR: join(TMPDIR, 'none'), ...environment },
  })
  t.after(() => child.kill('SIGKILL'))
  const all = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  const ended = all.then(
    ([said, remarked, [status]]): Drilled => ({
      status: status as number,
      said,
      remarked,
      left: readdirSync(environment['TMPDIR'] ?? TMPDIR),
    }),
  )
  return { child, ended }
}
