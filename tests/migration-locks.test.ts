/**
 * What a migration does to the tables that grow, while services work: it neither reads, writes nor rewrites them, so that it holds its locks as
 * long at ten million events as at ten. `npm run soak` measures how long that is, over ten million events and a million statuses.
 */
import { openPool, readMigrations } from '@commitments/event-store'
import { openDatabase, type TestDatabase } from '@commitments/test-kit'
import { searchRuns } from '@commitments/test-kit/domain'
import type { Pool, PoolClient } from 'pg'
import t, { type Test } from 'tap'

t.setTimeout(3_600_000)

/** The newest migration of the last release (tests/upgrade/last-release.ts); earlier ones have run wherever there is a ledger. */
const lastReleased = '0031'

/** Enough that no table counts as small: of a table below 64 MB a migration may make an index (0032). */
const events = searchRuns(40_000, 10_000_000)
const statuses = searchRuns(40_000, 1_000_000)
/** Rows of a large table that a migration may touch: what it looks up, such as the end of the log. */
const few = 20
/** Milliseconds for which nobody may have to wait, where it is measured. */
const longest = 1_000

/** Each grows with the log. */
const growing = [
  'events',
  'log_tiles',
  'moment_facets',
  'proposal_links',
  'proposal_moments',
  'proposal_search',
  'proposal_status',
]

t.test('a migration does no work in proportion to the log', async (t) => {
  const database = await openDatabase(t, { migrated: false })
  const pool = openPool(database.url, { ledger: database.ledger, max: 2 })
  t.teardown(() => pool.end())
  const migrations = Object.entries(await readMigrations())
  await prepare(
    pool,
    database,
    migrations.filter(([name]) => name < `${lastReleased}~`).map(([, text]) => text),
  )
  const newer = migrations.filter(([name]) => name > `${lastReleased}~`)
  t.ok(newer.length > 0)
  for (const [name, text] of newer) await t.test(name, (t) => touchesFew(t, pool, text))
  await t.test('what would take long is found', async (t) => {
    for (const statement of slow) t.not((await tryOut(pool, statement)).length, 0, statement)
  })
})

/** The check itself would notice these. */
const slow = [
  'CREATE INDEX some_index ON events (recorded_at)',
  'ALTER TABLE proposal_status ALTER COLUMN parent SET NOT NULL',
  'ALTER TABLE events ALTER COLUMN version TYPE bigint',
  'UPDATE proposal_status SET title_key = title_key',
  "ALTER TABLE events ADD CHECK (line <> '')",
]

/** A ledger as the last release leaves it, with many events and statuses. */
async function prepare(pool: Pool, { ledger }: TestDatabase, texts: readonly string[]): Promise<void> {
  const client = await pool.connect()
  await client.query(`CREATE SCHEMA ${ledger}`)
  await client.query('CREATE TABLE kysely_migration (name text); CREATE TABLE kysely_migration_lock (id text)')
  for (const text of texts) await client.query(text)
  await client.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     SELECT n, 'p' || n, 1, gen_random_uuid(), now(), '{"position":' || n || ',"padding":"' || repeat('x', 200) || '"}'
       FROM generate_series(1, $1) n`,
    [events],
  )
  await client.query(
    `INSERT INTO proposal_status (generation, proposal_id, position, version, updated_at, parent, state, labels, stage, kind, fields, title_key,
                                  planned_end, condition_days, conditions, amounts)
     SELECT g.generation, 'p' || n, n, 1, now(), 'p', repeat('x', 1700), '{}', 'proposed', 'joint-research', '{}', 'title', 'infinity', '{}', '{}', '{}'
       FROM (SELECT generation FROM projection_generations WHERE projection = 'proposal-status') g, generate_series(1, $1) n`,
    [statuses],
  )
  client.release(true)
}

async function touchesFew(t: Test, pool: Pool, text: string): Promise<void> {
  const client = await pool.connect()
  try {
    const before = await filesOf(client)
    await client.query('BEGIN')
    const began = performance.now()
    await client.query(text)
    t.same(await heavyWork(client, before), [])
    await client.query('COMMIT')
    const took = performance.now() - began
    t.comment(`${events} events: ${took.toFixed(0)} ms from the first lock to the commit, at most`)
    if (statuses >= 1_000_000) t.ok(took < longest, `${took} ms`)
  } finally {
    // A new connection each time: what it has counted includes what was counted before and not reported yet.
    client.release(true)
  }
}

/** What the statement would do, without doing it. */
async function tryOut(pool: Pool, statement: string): Promise<string[]> {
  const client = await pool.connect()
  try {
    const before = await filesOf(client)
    await client.query('BEGIN')
    await client.query(statement)
    return await heavyWork(client, before)
  } finally {
    client.release(true)
  }
}

/** The growing tables and their partitions and indexes, with their files. */
async function filesOf(client: PoolClient): Promise<Map<string, string>> {
  const { rows: found } = await client.query<{ name: string; file: string }>(
    `SELECT c.oid::regclass::text AS name, coalesce(pg_relation_filenode(c.oid)::text, '') AS file
       FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'i', 'I')
        AND coalesce((SELECT relname FROM pg_class WHERE oid = i.indrelid), c.relname) ~ $1`,
    [`^(${growing.join('|')})(_[0-9]+)?$`],
  )
  return new Map(found.map(({ name, file }) => [name, file]))
}

/** In words: the large tables that this transaction has read, written or rewritten, and the indexes that it has made on them. */
async function heavyWork(client: PoolClient, before: ReadonlyMap<string, string>): Promise<string[]> {
  const after = await filesOf(client)
  const { rows: counted } = await client.query<{ name: string; touched: number }>(
    `SELECT relid::regclass::text AS name,
            seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del AS touched
       FROM pg_stat_xact_user_tables WHERE schemaname = current_schema()`,
  )
  const files = [...before].filter(([name, file]) => after.has(name) && after.get(name) !== file)
  return [
    ...counted
      .filter(({ name, touched }) => before.has(name) && touched > few)
      .map(({ name, touched }) => `${touched} rows of ${name} are touched`),
    ...files.map(([name]) => `${name} is written anew`),
  ]
}
