/** The programs of Postgres that are not ours: where they are, whether they fit, and what they say. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Hindered, isNoRoom } from './outcome.ts'

/** Where to look: the folder that the operator names, or else the usual ones, newest version first. */
function folders({ POSTGRES_PROGRAMS, PATH = '' }: NodeJS.ProcessEnv): string[] {
  if (POSTGRES_PROGRAMS) return [POSTGRES_PROGRAMS]
  const ofDebian = namesIn('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  const ofRedHat = namesIn('/usr').flatMap((name) => (/^pgsql-\d+$/.test(name) ? `/usr/${name}/bin` : []))
  const installed = [...ofDebian, ...ofRedHat].toSorted((one, other) => numberIn(other) - numberIn(one))
  return [...PATH.split(delimiter).filter(Boolean), ...installed]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function numberIn(path: string): number {
  return Number(/\d+/.exec(path)?.[0] ?? 0)
}

/** A program of at least this major version of Postgres. @throws Hindered which says what is there instead */
export function findProgram(name: string, least: number, environment: NodeJS.ProcessEnv): string {
  const all = folders(environment)
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, major: versionOf(path) }))
  const fitting = all.find(({ major }) => major >= least)
  if (fitting !== undefined) return fitting.path
  const newest = all.toSorted((one, other) => other.major - one.major)[0]
  const found =
    newest === undefined
      ? `${name} was not found`
      : `${name} is too old: ${newest.path} is of version ${newest.major}, and version ${least} or later is needed`
  const where = environment['POSTGRES_PROGRAMS'] ? ` in POSTGRES_PROGRAMS (${environment['POSTGRES_PROGRAMS']})` : ''
  throw new Hindered(
    `${found}${where}. Install the client programs of Postgres ${least} (Debian: postgresql-client-${least}) or name their folder in ` +
      'POSTGRES_PROGRAMS; a base backup needs none of them (--physical).',
  )
}

/** The folder with a server of exactly this major version; null if there is none. */
export function findServer(major: number, environment: NodeJS.ProcessEnv): string | null {
  return folders(environment).find((folder) => versionOf(join(folder, 'postgres')) === major) ?? null
}

function versionOf(path: string): number {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', env: quiet })
  return Number(/(\d+)(?:\.|devel|beta|rc)/.exec(stdout ?? '')?.[1] ?? 0)
}

/** Nothing of our own environment, in which there are passwords; messages in one language, times in UTC. */
const quiet = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

export interface Run {
  readonly program: string
  readonly given: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Takes what it prints; absent: it is returned. */
  readonly take?: (printed: Readable) => Promise<void>
  /** Is read by it. */
  readonly give?: Readable
}

interface Ended {
  readonly status: number | null
  readonly printed: string
  /** On standard error, the end of it. */
  readonly remarked: string
}

/** Runs a program to its end. Its parameters hold no secret: everybody on the machine can read them. */
export async function run({ program, given, environment = {}, signal, take, give }: Run): Promise<Ended> {
  const child = spawn(program, given, {
    env: { ...quiet, ...environment },
    stdio: [give === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGTERM',
  })
  let printed = ''
  let remarked = ''
  child.stderr?.on('data', (data: Buffer) => (remarked = (remarked + data).slice(-20_000)))
  if (take === undefined) child.stdout?.on('data', (data: Buffer) => (printed += data))
  if (give !== undefined && child.stdin !== null) {
    // It may end before it has read everything; its status says why.
    child.stdin.on('error', () => give.destroy())
    give.pipe(child.stdin)
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [status] = await Promise.all([ended, child.stdout !== null ? take?.(child.stdout) : undefined])
  return { status, printed, remarked: remarked.trim() }
}

/** What a program said when it failed, as a sentence. */
export function complaint(name: string, { status, remarked }: Ended): string {
  if (isNoRoom(remarked)) return `there is no room on the disk for what ${name} writes`
  const line = remarked.split('\n').find((one) => /error|fatal|denied/i.test(one)) ?? remarked.split('\n').at(-1) ?? ''
  return line.replace(/^(?:pg_\w+: )?(?:error: )?/, '').trim() || `${name} ended with status ${status} and said nothing`
}

/** The parameters of an address that libpq knows as well. */
const shared = [
  'host',
  'port',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'target_session_attrs',
  'options',
  'connect_timeout',
]

/**
 * The environment in which the programs of Postgres connect to the address: it names a file that only we can read, so that neither their
 * parameters nor their environment hold the password.
 */
export function connectionIn(folder: string, name: string, url: string): Record<string, string> {
  const [, authority = '', database = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?#]*)\/?([^?#]*)\??([^#]*)/.exec(url) ?? []
  const [, account = '', places = ''] = /^(?:(.*)@)?(.*)$/.exec(authority) ?? []
  const [user = '', ...password] = account.split(':')
  const hosts = places.split(',').map((place) => /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place))
  const settings: Record<string, string> = {
    host: hosts.map((one) => one?.[1]?.replace(/^\[|\]$/g, '') ?? '').join(','),
    port: hosts.map((one) => one?.[2] ?? '5432').join(','),
    user: decodeURIComponent(user),
    password: decodeURIComponent(password.join(':')),
    dbname: decodeURIComponent(database),
  }
  for (const [key, value] of new URLSearchParams(query)) if (shared.includes(key)) settings[key] = value
  const lines = Object.entries(settings).filter(([, value]) => value !== '')
  const file = join(folder, `${name}.conf`)
  writeFileSync(file, `[drill]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`, { mode: 0o600 })
  return { PGSERVICEFILE: file, PGSERVICE: 'drill', PGAPPNAME: 'commitments drill', PGPASSFILE: join(folder, 'none') }
}
