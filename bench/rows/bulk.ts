import type { Bench } from '../lib/context.ts'
import { queryRows, settle } from '../lib/database.ts'
import { runAppends, runBulk } from '../lib/load.ts'
import { readMemory, readProcessorTime } from '../lib/process-usage.ts'
import type { RunningServer } from '../lib/processes.ts'
import { createLedger, ledger, secret, startCommandService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, formatFigure } from '../lib/rounds.ts'
import { bodies } from '../lib/workload.ts'

/** What a round of imports took. */
interface Round {
  lines: number
  /** Seconds of processor time: of the service, and of its sessions in the database. */
  service: number
  database: number
  /** Resident memory of the service, in bytes, each tenth of a second. */
  memory: number[]
}

/** Imports of many lines over one connection, against single appends of 64 clients to the same service. */
export async function measureBulk(bench: Bench): Promise<Row[]> {
  const url = await createLedger(bench, 'bench_bulk')
  const service = await startCommandService(url)
  const { rounds, seconds, warmSeconds, bulkLines } = bench.options
  const lines = Math.ceil(bulkLines / rounds / bodies.length) * bodies.length
  let recorded = (await appendFor(bench, service, 'warm', warmSeconds)).acknowledged
  const taken: Round[] = []
  const importLines = {
    name: 'import',
    async measure(round: number) {
      await settle(bench.server)
      const one = await importRound(url, service, `bulk-${round}`, lines)
      taken.push(one.round)
      recorded += lines
      return one.rate
    },
  }
  const appendOnes = {
    name: 'single appends',
    async measure(round: number) {
      await settle(bench.server)
      const one = await appendFor(bench, service, `single-${round}`, seconds)
      recorded += one.acknowledged
      return one.rate
    },
  }
  const [bulk, singles] = await alternate([importLines, appendOnes], rounds, bench.say)
  await checkLog(url, recorded)
  await service.close()
  if (!bulk || !singles) throw new Error('two sides were measured')
  const notes = [
    `${lines.toLocaleString('en')} lines a round over one connection, each with an idempotency key, four events a proposal one after the other; results are read meanwhile`,
    `single appends: ${bench.options.clients} clients, to the same service`,
    formatRounds(bulk),
    formatRounds(singles),
    ...timeNotes(taken),
    `${recorded.toLocaleString('en')} acknowledged events: as many in the log, positions without gaps`,
  ]
  return [rateRow('bulk', 'lines per s', bulk, singles, 3, notes), memoryRow(taken)]
}

async function appendFor({ options }: Bench, { port }: RunningServer, name: string, seconds: number) {
  const job = { port, clients: options.clients, seconds, bodies: [...bodies], to: { prefix: name }, secret }
  const { appendsPerSecond, acknowledged } = await runAppends({ ...job, keyPrefix: name })
  return { rate: appendsPerSecond, acknowledged: acknowledged.reduce((sum, { length }) => sum + length, 0) }
}

async function importRound(url: string, { port, pid }: RunningServer, prefix: string, lines: number) {
  const memory: number[] = []
  const watch = setInterval(() => memory.push(readMemory(pid) ?? Number.NaN), 100)
  const sessions = await sessionsOf(url)
  const before = { service: timesOf([pid]), database: timesOf(sessions) }
  const { recorded, seconds } = await runBulk({ port, lines, bodies: [...bodies], prefix, secret })
  clearInterval(watch)
  if (recorded !== lines) throw new Error(`${recorded} of ${lines} lines were recorded`)
  const round: Round = {
    lines,
    service: timeSince(before.service),
    database: timeSince(before.database),
    memory,
  }
  return { rate: lines / seconds, round }
}

/** The service's sessions in its database. */
async function sessionsOf(url: string): Promise<number[]> {
  const rows = await queryRows<{ pid: number }>(
    url,
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  return rows.map(({ pid }) => pid)
}

function timesOf(pids: readonly number[]): Map<number, number> {
  return new Map(pids.map((pid) => [pid, readProcessorTime(pid) ?? 0]))
}

/** A session that has ended since counts for nothing. */
function timeSince(before: ReadonlyMap<number, number>): number {
  return [...before].reduce((sum, [pid, time]) => sum + Math.max(0, (readProcessorTime(pid) ?? 0) - time), 0)
}

function timeNotes(rounds: readonly Round[]): string[] {
  const lines = rounds.reduce((sum, round) => sum + round.lines, 0)
  const each = (part: 'service' | 'database') =>
    formatFigure((rounds.reduce((sum, round) => sum + round[part], 0) * 1e6) / lines)
  return [
    `processor time of a line: ${each('service')} µs of the service (with its collectors), ${each('database')} µs of its sessions in the database`,
  ]
}

/** Whether memory stays as it is, however many lines come: the peak in the second half of the longest import, and in the first. */
function memoryRow(rounds: readonly Round[]): Row {
  const what = 'bulk: memory in the second half'
  const { memory } = rounds.at(-1) ?? { memory: [] }
  const middle = memory.length >> 1
  const [first, second] = [memory.slice(0, middle), memory.slice(middle)].map((part) => Math.max(...part) / 2 ** 20)
  if (first === undefined || second === undefined || !Number.isFinite(first + second))
    return { what, notMeasured: 'this system does not tell a process’s memory (/proc is Linux)' }
  const goal = { kind: 'at most', value: 1.1 } as const
  const notes = ['resident memory of the service in the last import, each tenth of a second; the most of each half']
  return { what, unit: 'MiB', ours: second, rival: { name: 'MiB in the first', figure: first }, goal, notes }
}

async function checkLog(url: string, recorded: number): Promise<void> {
  const [log] = await queryRows<{ events: string; last: string }>(
    url,
    `SELECT count(*) AS events, max(position) AS last FROM ${ledger}.events`,
  )
  if (Number(log?.events) !== recorded || Number(log?.last) !== recorded)
    throw new Error(`the log has ${log?.events} events up to ${log?.last}; ${recorded} were acknowledged`)
}
