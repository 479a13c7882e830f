import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onEnd } from '../lib/cleanup.ts'
import type { Bench } from '../lib/context.ts'
import { queryRows, settle, withClient } from '../lib/database.ts'
import { pgbenchVersion } from '../lib/machine.ts'
import { ledger } from '../lib/product.ts'
import type { Side } from '../lib/rounds.ts'

const run = promisify(execFile)

/** Each client numbers its own rows; values that the service computes (id, digest) are replaced by the cheapest ones of the same size. */
const insert = `\\set n :n + 1
INSERT INTO ${ledger}.pgbench_events (position, proposal_id, version, event_id, recorded_at, key_digest, line)
VALUES (nextval('${ledger}.pgbench_positions'), 'bench-' || :round::text || '-' || :client_id::text || '-' || (:n::integer / 4)::text,
  :n::integer % 4 + 1, uuidv7(), clock_timestamp(), uuid_send(gen_random_uuid()), :line);
`

export type PgbenchSide = { side: Side; notes: string[] } | { notMeasured: string }

/**
 * pgbench inserts the row that the service inserts, one for each transaction: the same columns and indexes, and a line of the mean length
 * of the lines recorded by then, sent as a parameter each time.
 */
export async function pgbenchSide(bench: Bench, url: string): Promise<PgbenchSide> {
  const version = pgbenchVersion()
  if (version === null) return { notMeasured: 'pgbench is not installed (Debian: postgresql-contrib)' }
  await createCopy(url)
  const script = writeScript()
  const { clients } = bench.options
  const side = {
    name: 'pgbench',
    async measure(round: number) {
      await settle(bench.server)
      return insertFor(url, script, await meanLine(url), round, clients, bench.options.seconds)
    },
  }
  return {
    side,
    notes: [
      `${version}, -c ${clients} -j 2 -M prepared, over TCP as the others`,
      'no service, no validation, no keys looked up',
    ],
  }
}

async function createCopy(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`CREATE TABLE ${ledger}.pgbench_events (LIKE ${ledger}.events INCLUDING ALL)`)
    await client.query(`CREATE SEQUENCE ${ledger}.pgbench_positions`)
  })
}

function writeScript(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-bench-'))
  onEnd(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'insert.sql')
  writeFileSync(script, insert)
  return script
}

/** A recorded line with the mean length of the last recorded ones. */
async function meanLine(url: string): Promise<string> {
  const rows = await queryRows<{ line: string }>(
    url,
    `WITH last AS (SELECT line FROM ${ledger}.events ORDER BY position DESC LIMIT 1000)
     SELECT line FROM last ORDER BY abs(octet_length(line) - (SELECT avg(octet_length(line)) FROM last)) LIMIT 1`,
  )
  return rows[0]?.line ?? ''
}

async function insertFor(
  url: string,
  script: string,
  line: string,
  round: number,
  clients: number,
  seconds: number,
): Promise<number> {
  const { username, password, hostname, port, pathname } = new URL(url)
  const before = await countRows(url)
  const load = [
    '-n',
    '-f',
    script,
    '-c',
    String(clients),
    '-j',
    '2',
    '-M',
    'prepared',
    '-T',
    String(Math.ceil(seconds)),
  ]
  const variables = ['-D', 'n=-1', '-D', `round=${round}`, '-D', `line=${line}`]
  const address = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)]
  const env = { PATH: process.env['PATH'], PGPASSWORD: decodeURIComponent(password) }
  const { stdout } = await run('pgbench', [...load, ...variables, ...address], { env })
  const [, transactions] = /number of transactions actually processed: (\d+)/.exec(stdout) ?? []
  const [, perSecond] = /tps = ([\d.]+) \(without initial connection time\)/.exec(stdout) ?? []
  const inserted = (await countRows(url)) - before
  if (Number(transactions) !== inserted)
    throw new Error(`pgbench counted ${transactions} rows, its table has ${inserted} more`)
  return Number(perSecond)
}

async function countRows(url: string): Promise<number> {
  const rows = await queryRows<{ count: string }>(url, `SELECT count(*) FROM ${ledger}.pgbench_events`)
  return Number(rows[0]?.count)
}
