import { startTemporaryServer } from '@commitments/local-postgres'
import type { Client } from 'pg'
import { onEnd } from '../lib/cleanup.ts'
import type { Bench } from '../lib/context.ts'
import { withDescendants } from '../lib/cpu-share.ts'
import { withClient } from '../lib/database.ts'
import { type ListedLedgers, listLedgers, type RunningPair, secretOf, startPair } from '../lib/listed-ledgers.ts'
import { readProcessorTime, readShareOfMemory, readTimeOfEnded } from '../lib/process-usage.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { percentile } from '../lib/statistics.ts'
import { bodies, furtherLine } from '../lib/workload.ts'

/** Seconds until the pools have closed what the start and the first events needed, and the first rounds of checks are over. */
const settling = 90

/** What ledgers cost that nobody asks anything, in one pair of services: each has a few events. */
export async function measureLedgers(bench: Bench): Promise<Row[]> {
  const { ledgers: count, idleSeconds } = bench.options
  const server = await startTemporaryServer({
    settings: { max_connections: 100 + 20 * count, shared_preload_libraries: 'pg_stat_statements' },
  })
  onEnd(() => server.stop())
  const migrated = await timed(() => listLedgers(server.url, count))
  const listed = migrated.result
  const pair = await startPair(listed)
  const { startedIn } = pair
  const started = `${count} ledgers were migrated one after the other in ${formatFigure(migrated.seconds)} s; all served after ${formatFigure(startedIn.command)} s (command) and ${formatFigure(startedIn.projection)} s (projection), both at once`
  bench.say(started)
  for (const name of listed.names) await record(pair, name, bodies, 'first')
  await pause(settling)
  const used = await withClient(listed.url, (client) => usageOf(client, server.pid, pair, idleSeconds))
  const costs = await askOne(pair, listed)
  await Promise.all([pair.command.close(), pair.projection.close()])
  const notes = [started, ...notesOf(used, count), costs]
  for (const note of notes) bench.say(note)
  return rowsOf(used, count, notes)
}

interface Usage {
  readonly seconds: number
  readonly transactions: number
  readonly wal: number
  /** The mean of looks each second, and the most. */
  readonly connections: { readonly mean: number; readonly most: number }
  /** Seconds of a processor. */
  readonly processor: { readonly command: number; readonly projection: number; readonly postgres: number }
  /** Bytes (Pss). */
  readonly memory: { readonly command: number; readonly projection: number; readonly postgres: number }
  readonly statements: readonly { readonly text: string; readonly calls: number }[]
}

async function usageOf(client: Client, postgres: number, pair: RunningPair, seconds: number): Promise<Usage> {
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  await client.query('SELECT pg_stat_statements_reset()')
  const [before, began] = [await counted(client, postgres, pair), performance.now()]
  const looks: number[] = []
  while (performance.now() - began < seconds * 1000) {
    looks.push(await connectionsOf(client))
    await pause(1)
  }
  const [after, lasted] = [await counted(client, postgres, pair), (performance.now() - began) / 1000]
  const { rows: statements } = await client.query<{ text: string; calls: number }>(
    `SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 70) AS text, sum(calls)::float8 AS calls
       FROM pg_stat_statements GROUP BY 1 ORDER BY 2 DESC LIMIT 25`,
  )
  const differences = (key: 'command' | 'projection' | 'postgres') => after.processor[key] - before.processor[key]
  return {
    seconds: lasted,
    transactions: after.transactions - before.transactions,
    wal: after.wal - before.wal,
    connections: { mean: looks.reduce((sum, one) => sum + one, 0) / looks.length, most: Math.max(...looks) },
    processor: {
      command: differences('command'),
      projection: differences('projection'),
      postgres: differences('postgres'),
    },
    memory: {
      command: readShareOfMemory(pair.command.pid),
      projection: readShareOfMemory(pair.projection.pid),
      postgres: withDescendants([postgres]).reduce((sum, pid) => sum + readShareOfMemory(pid), 0),
    },
    statements,
  }
}

async function counted(client: Client, postgres: number, { command, projection }: RunningPair) {
  const { rows } = await client.query<{ transactions: number; wal: number }>(
    `SELECT (xact_commit + xact_rollback)::float8 AS transactions, (pg_current_wal_lsn() - '0/0')::float8 AS wal
       FROM pg_stat_database WHERE datname = current_database()`,
  )
  const { transactions, wal } = rows[0] as { transactions: number; wal: number }
  const timeOf = (pid: number) => readProcessorTime(pid) ?? 0
  const ofServer = withDescendants([postgres]).reduce((sum, pid) => sum + timeOf(pid), readTimeOfEnded(postgres))
  const processor = { command: timeOf(command.pid), projection: timeOf(projection.pid), postgres: ofServer }
  return { transactions, wal, processor }
}

async function connectionsOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::float8 AS count FROM pg_stat_activity WHERE application_name LIKE 'commitments %'`,
  )
  return rows[0]?.count ?? 0
}

const asked = 100

/** An append and a status of one ledger, one after the other, while the others are idle. */
async function askOne(pair: RunningPair, { names }: ListedLedgers): Promise<string> {
  const name = names[names.length >> 1] as string
  const [appends, visible, reads]: number[][] = [[], [], []]
  for (let turn = 0; turn < asked; turn += 1) {
    const appended = await timed(() => record(pair, name, [furtherLine.replace('{turn}', String(turn))], 'first'))
    const seen = await timed(() => read(pair, name, `?atLeast=${appended.result}`))
    const again = await timed(() => read(pair, name, ''))
    appends?.push(appended.seconds * 1000)
    visible?.push(seen.seconds * 1000)
    reads?.push(again.seconds * 1000)
    await pause(0.1)
  }
  const shown = [appends, visible, reads].map(
    (all = []) => `${formatFigure(percentile(all, 0.5))} ms (p99 ${formatFigure(percentile(all, 0.99))})`,
  )
  return `meanwhile on one of them, ten times a second: an append ${shown[0]}, its status with atLeast ${shown[1]}, the same status again ${shown[2]}`
}

/** The position of the last. */
async function record({ command }: RunningPair, name: string, events: readonly string[], proposalId: string) {
  let position = 0
  for (const body of events) {
    const answer = await fetch(`http://127.0.0.1:${command.port}/${name}/v1/proposals/${proposalId}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretOf(name)}`, 'content-type': 'application/json' },
      body,
    })
    if (answer.status !== 201) throw new Error(`an append to ${name}: ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
    position = Number(answer.headers.get('log-position'))
  }
  return position
}

async function read({ projection }: RunningPair, name: string, query: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${projection.port}/${name}/v1/proposals/first${query}`)
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`a status of ${name}: ${answer.status}`)
}

function notesOf({ seconds, wal, connections, processor, memory, statements }: Usage, count: number): string[] {
  const each = (of: Usage['memory'], unit: (value: number) => string) =>
    `command ${unit(of.command)}, projection ${unit(of.projection)}, Postgres ${unit(of.postgres)}`
  const percent = (value: number) => `${formatFigure((100 * value) / seconds)} %`
  const megabytes = (value: number) => `${formatFigure(value / 2 ** 20)} MiB`
  const rates = statements.filter(({ calls }) => calls / seconds / count >= 0.01)
  return [
    `${formatFigure(seconds)} s of nothing after ${settling} s to settle; each ledger has ${bodies.length} events`,
    `memory (Pss): ${each(memory, megabytes)}`,
    `processor, of a core: ${each(processor, percent)}`,
    `connections: ${formatFigure(connections.mean)} on average, ${connections.most} at most; ${formatFigure(wal / seconds / 1024)} kB of WAL a second`,
    `statements of a ledger a second: ${rates.map(({ text, calls }) => `${formatFigure(calls / seconds / count)} × ${text}`).join('; ')}`,
  ]
}

function rowsOf({ seconds, transactions, connections, processor, memory }: Usage, count: number, notes: string[]) {
  const row = (what: string, unit: string, whole: number, most: number, own: string[] = []): Row => ({
    what: `${count} idle ledgers, ${what} of each`,
    unit,
    ours: whole / count,
    rival: null,
    goal: { kind: 'at most', value: most },
    notes: own,
  })
  return [
    row('transactions', 'per s', transactions / seconds, 5, notes),
    row('connections', '', connections.mean, 4),
    row('memory of both services', 'MiB', (memory.command + memory.projection) / 2 ** 20, 20),
    row(
      'processor with Postgres',
      '% of a core',
      (100 * (processor.command + processor.projection + processor.postgres)) / seconds,
      0.5,
    ),
  ]
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ result: Value; seconds: number }> {
  const began = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - began) / 1000 }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
