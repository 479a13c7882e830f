import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { isInstalled, startStandby } from '@commitments/test-kit'
import { captureAnswers, targetsOf } from '../lib/answers.ts'
import { startBalancer } from '../lib/balancer.ts'
import { onEnd } from '../lib/cleanup.ts'
import type { Bench } from '../lib/context.ts'
import { canShareProcessors, makeShare } from '../lib/cpu-share.ts'
import { queryRows } from '../lib/database.ts'
import { runReads } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import type { RunningServer } from '../lib/processes.ts'
import { secret, startProjectionService } from '../lib/product.ts'
import { formatRounds, type MeasuredRow, type Row, rateRow } from '../lib/report.ts'
import { alternate } from '../lib/rounds.ts'
import { preloadedProposal } from '../lib/workload.ts'

/** Of a processor, for each replica: three of them, the balancer and the load generator fit on two processors. */
const share = 0.15
const replicas = 3
/** Of each side: so many that a replica has enough to do in each of the ten milliseconds of its share. */
const clients = 160
/** How many proposals are read in turn. */
const working = 1000
const goal = 0.9 * replicas

/** What is read: what a replica keeps in memory, and what it asks its database for. */
const kinds = [
  { what: 'status reads', pathOf: (proposalId: string) => `/v1/proposals/${proposalId}` },
  { what: 'reads of a history', pathOf: (proposalId: string) => `/v1/proposals/${proposalId}/events` },
]

/** Reads a second of three replicas, each a standby of Postgres with a projection service, compared with one of them; all behind HAProxy. */
export async function measureReplicas(bench: Bench): Promise<Row[]> {
  const missing = whatIsMissing()
  if (missing !== null) return [{ what: `reads of ${replicas} replicas`, notMeasured: missing }]
  const primary = await startTemporaryServer()
  onEnd(() => primary.stop())
  const name = await loadInto(bench, primary)
  const started: Replica[] = []
  for (let at = 1; at <= replicas; at++) started.push(await startReplica(primary, name, at))
  const ports = started.map(({ reader }) => reader.port)
  const [one = 0, all = 0] = await startBalancer([ports.slice(0, 1), ports])
  const compared = kinds.map((kind) => ({ one, all, primary: addressOf(primary, name), ...kind }))
  // With so small a share, compiling would take minutes.
  for (const each of compared) await readFrom(bench, each, all, bench.options.warmSeconds)
  for (const { hold } of started) hold()
  const rows: Row[] = []
  for (const each of compared) rows.push(await compare(bench, each))
  for (const { reader } of started) await reader.close()
  return rows
}

function whatIsMissing(): string | null {
  if (!isInstalled('haproxy', '-v')) return 'it needs HAProxy (Debian: haproxy)'
  if (!canShareProcessors()) return 'it needs root and cgroups v1, to give each replica a share of a processor'
  return null
}

/** A projected log of its own on the server, because standbys are copies of all that a server has. Returns the name of its database. */
async function loadInto(bench: Bench, primary: LocalServer): Promise<string> {
  const server = { urlOf: (database: string) => addressOf(primary, database), settings: [] }
  const url = await loadedLedger({ ...bench, server }, bench.options.events)
  const projection = await startProjectionService(url)
  await projection.close()
  // The server is killed for the copies, and what is projected is committed a moment before it is written.
  await queryRows(url, 'CHECKPOINT')
  return new URL(url).pathname.slice(1)
}

interface Replica {
  reader: RunningServer
  /** From now on it has its share, and no more. */
  hold: () => void
}

async function startReplica(primary: LocalServer, name: string, at: number): Promise<Replica> {
  const put = makeShare(`replica-${at}`, share)
  const standby = await startStandby({ after: onEnd }, primary)
  const reader = await startProjectionService(addressOf(standby, name), { PROJECTION_MODE: 'read' })
  return { reader, hold: () => put([standby.pid, reader.pid]) }
}

function addressOf(server: LocalServer, database: string): string {
  const url = new URL(server.url)
  url.pathname = `/${database}`
  return url.href
}

interface Compared {
  what: string
  pathOf: (proposalId: string) => string
  /** Ports of the balancer: before one replica, and before all. */
  one: number
  all: number
  primary: string
}

async function readFrom(bench: Bench, { all, pathOf }: Compared, port: number, seconds: number): Promise<number> {
  const proposals = Math.floor(bench.options.events / 4)
  const sample = Array.from({ length: working }, (_, at) => preloadedProposal(Math.floor((at * proposals) / working)))
  const targets = targetsOf(await captureAnswers(all, sample, pathOf), 200)
  return (await runReads({ port, clients, seconds, secret, targets })).readsPerSecond
}

async function compare(bench: Bench, compared: Compared): Promise<MeasuredRow> {
  const { what, one, all, primary } = compared
  const { seconds, rounds } = bench.options
  let reads = 0
  const side = (name: string, port: number) => ({
    name,
    async measure() {
      const readsPerSecond = await readFrom(bench, compared, port, seconds)
      reads += readsPerSecond * seconds
      return readsPerSecond
    },
  })
  const sides = [side(`${replicas} replicas`, all), side('one replica', one)]
  const before = await transactions(primary)
  const [ours, rival] = await alternate(sides, rounds, bench.say)
  if (!ours || !rival) throw new Error('two sides were measured')
  const during = (await transactions(primary)) - before
  return rateRow(`${what}, ${replicas} replicas`, 'per s', ours, rival, goal, [
    `each replica, a standby of Postgres and a projection service with PROJECTION_MODE=read, has ${share} of a processor, as if it were a machine of its own; HAProxy before both sides, ${clients} keep-alive clients over ${working} proposals`,
    `the primary did ${during} transactions during ${Math.round(reads).toLocaleString('en')} reads`,
    formatRounds(ours),
    formatRounds(rival),
  ])
}

/** Transactions of the database so far. */
async function transactions(url: string): Promise<number> {
  const [row] = await queryRows<{ count: string }>(
    url,
    'SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()',
  )
  return Number(row?.count)
}
