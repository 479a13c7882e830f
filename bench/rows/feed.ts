import { spawn } from 'node:child_process'
import type { Bench } from '../lib/context.ts'
import { queryRows } from '../lib/database.ts'
import { runCopy, runFeed } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { psqlVersion } from '../lib/machine.ts'
import type { RunningServer } from '../lib/processes.ts'
import { ledger, secret, startProjectionService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, type Side } from '../lib/rounds.ts'

/** The same lines in the same order, in COPY's own text format: the fastest way out of Postgres. */
const copyText = `COPY (SELECT line FROM ${ledger}.events ORDER BY position) TO STDOUT`
/** The whole table in its order on disk. The log is append-only, so this is also its order, although Postgres does not promise that. */
const copyTable = `COPY ${ledger}.events (line) TO STDOUT`
/** The exact bytes of the lines, for the comparison: JSON contains neither of these two characters unescaped. */
const copyExactly = `COPY (SELECT line FROM ${ledger}.events ORDER BY position) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')`

/** The whole feed as NDJSON over HTTP, compared with COPY of the same lines, which are dropped: the better of psql and the driver. */
export async function measureFeed(bench: Bench): Promise<Row[]> {
  const url = await loadedLedger(bench, bench.options.events)
  const { events, bytes } = await sizeOf(url)
  const ours = await startProjectionService(url)
  const check = await checkSameBytes(ours, url, events, bytes)
  const sides = [
    feedSide(ours, events, bytes),
    driverSide(url, events, copyText),
    driverSide(url, events, copyTable),
    ...psqlSides(url, events),
  ]
  const [measured, ...rivals] = await alternate(sides, bench.options.rounds, bench.say)
  await ours.close()
  const [best] = rivals.toSorted((a, b) => b.median - a.median)
  if (!measured || !best) throw new Error('at least two sides were measured')
  const notes = [
    `${events.toLocaleString('en')} events, ${(bytes / 1e6).toFixed(0)} MB, one download at a time, read by a process of its own and thrown away`,
    ...[measured, ...rivals].map(formatRounds),
    psqlVersion() ?? 'psql is not installed: COPY through the driver only',
    check,
  ]
  return [rateRow('feed, NDJSON', 'events per s', measured, best, 0.8, notes)]
}

async function sizeOf(url: string): Promise<{ events: number; bytes: number }> {
  const [row] = await queryRows<{ events: string; bytes: string }>(
    url,
    `SELECT count(*) AS events, sum(octet_length(line) + 1) AS bytes FROM ${ledger}.events`,
  )
  return { events: Number(row?.events), bytes: Number(row?.bytes) }
}

async function checkSameBytes(ours: RunningServer, url: string, events: number, bytes: number): Promise<string> {
  const feed = await runFeed({ port: ours.port, limit: events, secret, digest: true })
  const copy = await runCopy({ url, sql: copyExactly, digest: true })
  if (feed.bytes !== bytes || feed.sha256 !== copy.sha256) throw new Error('the feed is not the bytes of the log')
  return `the feed's SHA-256 is that of the lines in the table: ${feed.sha256}`
}

function feedSide(ours: RunningServer, events: number, bytes: number): Side {
  return {
    name: 'feed',
    async measure() {
      const result = await runFeed({ port: ours.port, limit: events, secret, digest: false })
      if (result.bytes !== bytes) throw new Error(`the feed gave ${result.bytes} bytes, not ${bytes}`)
      return events / result.seconds
    },
  }
}

function driverSide(url: string, events: number, sql: string): Side {
  const measure = async () => events / (await runCopy({ url, sql, digest: false })).seconds
  return { name: `pg-copy-streams, ${sql === copyTable ? 'table' : 'ordered'}`, measure }
}

function psqlSides(url: string, events: number): Side[] {
  if (psqlVersion() === null) return []
  return [copyText, copyTable].map((sql) => ({
    name: `psql, ${sql === copyTable ? 'table' : 'ordered'}`,
    measure: async () => events / (await runPsql(url, sql)),
  }))
}

/**
 * Seconds that psql takes, including its start (some milliseconds). The address is passed in the environment, because everybody can see
 * arguments.
 */
function runPsql(url: string, sql: string): Promise<number> {
  const { username, password, hostname, port, pathname } = new URL(url)
  const env = {
    PATH: process.env['PATH'],
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  }
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn('psql', ['-X', '-q', '-c', sql], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve((performance.now() - began) / 1000)
      else reject(new Error(`psql ended with ${code}`))
    })
  })
}
