import { commandFlags } from '../../scripts/start/node-flags.ts'
import { checkAppends, type LoggedEvent } from '../lib/check-appends.ts'
import type { Bench } from '../lib/context.ts'
import { createDatabase, queryRows, settle } from '../lib/database.ts'
import { runAppends } from '../lib/load.ts'
import { benchFile, type RunningServer, startServer } from '../lib/processes.ts'
import { createLedger, ledger, secret, startCommandService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, formatFigure, type Measured, type Side } from '../lib/rounds.ts'
import { bodies } from '../lib/workload.ts'
import type { AppendJob, AppendResult } from '../load/jobs.ts'
import { pgbenchSide } from './pgbench.ts'

const what = 'appends'
const poolSizes = [10, 20, 40]

/** An event as the driver returns it: int8 is text. */
type StoredEvent = Omit<LoggedEvent, 'position' | 'version'> & { position: string; version: string | number }

/** A server that gets appends, and its jobs, for the check at the end. */
interface AppendServer {
  name: string
  url: string
  process: RunningServer
  jobs: [AppendJob, AppendResult][]
}

/**
 * Durable appends over HTTP: the complete command service, Emmett's event store behind Fastify, and pgbench inserting the same row without
 * any service.
 */
export async function measureAppends(bench: Bench): Promise<Row[]> {
  const ours = await startOurs(bench)
  const { rival, sweep } = await startBestRival(bench)
  const pgbench = await pgbenchSide(bench, ours.url)
  await appendFor(bench, ours, bench.options.warmSeconds)
  await appendFor(bench, rival, bench.options.warmSeconds)
  const sides = [ours, rival].map((server) => appendSide(bench, server))
  if ('side' in pgbench) sides.push(pgbench.side)
  const [oursMeasured, rivalMeasured, pgbenchMeasured] = await alternate(sides, bench.options.rounds, bench.say)
  const checks = [await checkOurs(ours), await checkRival(rival)]
  await Promise.all([ours.process.close(), rival.process.close()])
  if (!oursMeasured || !rivalMeasured) throw new Error('two sides were measured')
  const notes = notesOf(bench, ours, [oursMeasured, rivalMeasured], checks)
  return [
    rateRow(what, 'per s', oursMeasured, rivalMeasured, 6.5, [...notes, ...rivalNotes(sweep)]),
    pgbenchMeasured && 'side' in pgbench
      ? rateRow(what, 'per s', oursMeasured, pgbenchMeasured, 1, [formatRounds(pgbenchMeasured), ...pgbench.notes])
      : { what: `${what}, against pgbench`, notMeasured: 'side' in pgbench ? 'no round ran' : pgbench.notMeasured },
  ]
}

async function startOurs(bench: Bench): Promise<AppendServer> {
  const url = await createLedger(bench, 'bench_appends')
  return { name: 'command service', url, process: await startCommandService(url), jobs: [] }
}

/** Emmett with the pool size that appends most; each size is tried on its own empty database. */
async function startBestRival(bench: Bench): Promise<{ rival: AppendServer; sweep: Map<number, number> }> {
  const sweep = new Map<number, number>()
  for (const poolSize of poolSizes) {
    const tried = await startRival(bench, poolSize)
    await appendFor(bench, tried, bench.options.warmSeconds)
    sweep.set(poolSize, await appendFor(bench, tried, bench.options.seconds))
    await tried.process.close()
    bench.say(`Emmett, pool of ${poolSize}: ${formatFigure(sweep.get(poolSize) ?? 0)} appends per s`)
  }
  const [best] = [...sweep].reduce((left, right) => (right[1] > left[1] ? right : left))
  return { rival: await startRival(bench, best), sweep }
}

async function startRival(bench: Bench, poolSize: number): Promise<AppendServer> {
  const url = await createDatabase(bench.server, 'bench_appends_emmett')
  const env = { DATABASE_URL: url, POOL_SIZE: String(poolSize) }
  // With the flags of our own service, which help Emmett as much.
  const process = await startServer('Emmett', benchFile('rivals/emmett/server.ts'), env, commandFlags)
  return { name: `Emmett, pool of ${poolSize}`, url, process, jobs: [] }
}

function appendSide(bench: Bench, server: AppendServer): Side {
  return {
    name: server.name,
    async measure() {
      await settle(bench.server)
      return appendFor(bench, server, bench.options.seconds)
    },
  }
}

async function appendFor(bench: Bench, server: AppendServer, seconds: number): Promise<number> {
  const name = `bench-${server.jobs.length}`
  const { clients } = bench.options
  const job = {
    port: server.process.port,
    clients,
    seconds,
    bodies: [...bodies],
    to: { prefix: name },
    keyPrefix: name,
    secret,
  }
  const result = await runAppends(job)
  server.jobs.push([{ kind: 'append', ...job }, result])
  return result.appendsPerSecond
}

async function checkOurs(server: AppendServer): Promise<string> {
  const log = await queryRows<StoredEvent>(
    server.url,
    `SELECT position, proposal_id AS "proposalId", version, line::json ->> 'type' AS type FROM ${ledger}.events ORDER BY position`,
  )
  return `command service: ${checkAppends(log.map(withNumbers), server.jobs, true)}, positions without gaps`
}

async function checkRival(server: AppendServer): Promise<string> {
  const log = await queryRows<StoredEvent>(
    server.url,
    `SELECT global_position AS position, stream_id AS "proposalId", stream_position AS version, message_type AS type
       FROM emt_messages ORDER BY global_position`,
  )
  return `Emmett: ${checkAppends(log.map(withNumbers), server.jobs, false)}`
}

function withNumbers(event: StoredEvent): LoggedEvent {
  return { ...event, position: Number(event.position), version: Number(event.version) }
}

function notesOf(bench: Bench, ours: AppendServer, measured: Measured[], checks: string[]): string[] {
  const bytes = bodies.map((body) => Buffer.byteLength(body))
  return [
    `${bench.options.clients} keep-alive clients, each recording proposed, agreed, funded, delivered on proposals of its own (bodies of ${bytes.join(', ')} bytes)`,
    `ours: ${ours.name} with API key, Idempotency-Key on each request, validation, rules, request log; one process`,
    ...measured.map(formatRounds),
    ...checks,
  ]
}

function rivalNotes(sweep: Map<number, number>): string[] {
  const tried = [...sweep].map(([size, figure]) => `${size}: ${formatFigure(figure)}`).join(', ')
  return [
    `Emmett: one process of Fastify, the same validation, rules and fold (@commitments/domain), CommandHandler with retries on version conflict, schema made before, pool size by trial (${tried}), the same flags of Node as ours`,
    'Emmett has here no authentication, no idempotency keys, no request log, and no sacred bytes; its positions may have gaps',
  ]
}
