import {
  assertMigrated,
  migrate,
  migrationsFolder,
  openPool,
  readLogIdentity,
  readMigrations,
} from '@commitments/event-store'
import { eventually, openDatabase } from '@commitments/test-kit'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import t from 'tap'
import { given } from './examples.ts'

const ledger = 'commitments'

t.test('when twenty processes migrate one ledger at once, one does the work, and all succeed', async (t) => {
  const { url, pool } = await openDatabase(t, { migrated: false })
  const results = await Promise.all(Array.from({ length: 20 }, () => migrate(url, { ledger })))
  const worked = results.filter((result) => result.applied.length > 0)
  t.equal(worked.length, 1)
  t.same(worked[0]?.applied, Object.keys(await readMigrations()))
  for (const result of results) t.equal(result.version, worked[0]?.version)
  t.match(await given(pool('command'), 'a', 1), [{ outcome: 'appended', position: 1 }])
})

t.test(
  'ledgers of one database and of others can be migrated at once although they share the cluster’s roles',
  async (t) => {
    const [one, other] = [await openDatabase(t, { migrated: false }), await openDatabase(t, { migrated: false })]
    // Names that no other test uses, so that the roles are created here.
    const ledgers = [`race_a${process.pid}`, `race_b${process.pid}`]
    const places = [one.url, other.url].flatMap((url) => ledgers.map((name) => ({ url, ledger: name })))
    await Promise.all([...places, ...places].map(({ url, ledger }) => migrate(url, { ledger })))
    for (const { url, ledger } of places) {
      const pool = openPool(url, { ledger, role: 'command', max: 1 })
      t.match(await given(pool, 'a', 1), [{ outcome: 'appended', position: 1 }], `${ledger} has its roles`)
      await pool.end()
    }
  },
)

t.test('an up-to-date ledger is left unchanged', async (t) => {
  const { url, pool } = await openDatabase(t)
  const before = await readLogIdentity(pool())
  t.same((await migrate(url, { ledger })).applied, [])
  t.same(await readLogIdentity(pool()), before)
})

t.test('two ledgers of one database have different identities', async (t) => {
  const { url, pool } = await openDatabase(t)
  await migrate(url, { ledger: 'second' })
  const second = openPool(url, { ledger: 'second' })
  t.after(() => second.end())
  t.not((await readLogIdentity(second)).logId, (await readLogIdentity(pool())).logId)
})

t.test('a failed migration is reported by name, and leaves nothing behind', async (t) => {
  const { url, client } = await openDatabase(t, { migrated: false })
  const owner = await client()
  await owner.query('CREATE SCHEMA commitments; CREATE TABLE commitments.log_identity (other text)')
  await t.rejects(
    migrate(url, { ledger }),
    /^migration 0001_events of ledger commitments failed: relation "log_identity" already exists/,
  )
  t.same(
    (await owner.query(`SELECT FROM pg_tables WHERE schemaname = 'commitments' AND tablename = 'events'`)).rowCount,
    0,
  )
})

t.test(
  'while a migration waits for a lock, others hardly wait behind it, and it is done when the lock is free',
  async (t) => {
    const { url, client } = await openDatabase(t, { migrated: false })
    const newest = await migrateButNewest(url)
    const [reader, other] = [await client(), await client()]
    await reader.query('BEGIN; LOCK TABLE commitments.kysely_migration IN SHARE MODE')
    const migrating = migrate(url, { ledger })
    await eventually(async () => {
      const { rows } = await other.query(
        "SELECT FROM pg_locks WHERE relation = 'commitments.kysely_migration'::regclass AND NOT granted",
      )
      return rows.length > 0
    })
    await eventually(async () => {
      const { rows } = await other.query(
        "SELECT FROM pg_locks WHERE relation = 'commitments.kysely_migration'::regclass AND NOT granted",
      )
      return rows.length === 0
    })
    t.pass('it gave the place up at which others would have waited')
    await reader.query('ROLLBACK')
    t.same((await migrating).applied, [newest])
  },
)

/** Leaves the newest migration out, and returns its name. */
async function migrateButNewest(url: string): Promise<string> {
  const all = Object.entries(await readMigrations())
  const older = all.slice(0, -1).map(([name, text]): [string, Migration] => {
    return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }]
  })
  const pool = openPool(url, { ledger, max: 1 })
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
    provider: { getMigrations: async () => Object.fromEntries(older) },
    migrationTableSchema: ledger,
  })
  const { error } = await migrator.migrateToLatest()
  await pool.end()
  if (error) throw error
  return all.at(-1)?.[0] ?? ''
}

t.test('a missing database and a missing server are errors', async (t) => {
  await t.rejects(migrate('postgres://nobody@127.0.0.1:1/nothing', { ledger }), { code: 'ECONNREFUSED' })
})

t.test('a database in another encoding is refused', async (t) => {
  const { url, client } = await openDatabase(t, { migrated: false })
  const owner = await client()
  const name = `latin_${process.pid}`
  await owner.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'`)
  t.after(() => owner.query(`DROP DATABASE ${name} WITH (FORCE)`))
  const latin = new URL(url)
  latin.pathname = `/${name}`
  await t.rejects(migrate(latin.href, { ledger }), /encoded in LATIN1; a ledger needs one made with UTF8/)
})

t.test('a name that is not a plain identifier is refused before any query', async (t) => {
  for (const name of ['', 'A', '1a', 'a-b', 'a"b', 'pg_mine', 'a'.repeat(42), 'a;drop']) {
    await t.rejects(
      migrate('postgres://nowhere', { ledger: name }),
      { name: 'LedgerUnusable', message: /is not usable/ },
      JSON.stringify(name),
    )
  }
})

t.test('a service can ask whether the ledger has the schema that it needs', async (t) => {
  const migrated = await openDatabase(t)
  for (const role of [undefined, 'command', 'projection'] as const) await assertMigrated(migrated.pool(role))

  await migrated.pool().query(`UPDATE kysely_migration SET name = '0003_other' WHERE name = '0003_append_only'`)
  await t.rejects(assertMigrated(migrated.pool('command')), /older than this code.*missing: 0003_append_only\)/)

  const empty = await openDatabase(t, { migrated: false })
  await t.rejects(assertMigrated(empty.pool()), /no such ledger in this database/)
  const roleless = openPool(empty.url, { ledger: 'nowhere', role: 'command', max: 1 })
  t.after(() => roleless.end())
  await t.rejects(assertMigrated(roleless), /role "nowhere_command" does not exist.*npm run migrate/)
})

t.test('a user without rights on the ledger is told so', async (t) => {
  const database = await openDatabase(t)
  const client = await database.client()
  const role = `stranger_${process.pid}`
  await client.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA commitments TO ${role}; SET ROLE ${role}`)
  t.after(async () => {
    await client.query(`RESET ROLE; REVOKE USAGE ON SCHEMA commitments FROM ${role}; DROP ROLE ${role}`)
  })
  await t.rejects(assertMigrated(client), /may not read it.*GRANT commitments_command TO/)
})

t.test('an owner without the right to create roles can still migrate, and is told what is missing', async (t) => {
  const database = await openDatabase(t, { migrated: false })
  const admin = database.pool()
  const [owner, name] = [`owner_${process.pid}`, `plain_${process.pid}`]
  await admin.query(
    `CREATE ROLE ${owner} LOGIN PASSWORD 'plain'; GRANT CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${owner}`,
  )
  t.after(() => admin.query(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`))
  const url = new URL(database.url)
  Object.assign(url, { username: owner, password: 'plain' })
  const notices: string[] = []
  await migrate(url.href, {
    ledger: name,
    logger: { info: (_, message) => notices.push(message), warn: () => undefined },
  })
  t.match(notices.join('\n'), new RegExp(`role ${name}_command is missing and may not be made by ${owner}`))
  const pool = openPool(url.href, { ledger: name, max: 1 })
  t.match(await given(pool, 'a', 1), [{ outcome: 'appended', position: 1 }])
  await pool.end()
})

t.test(
  'a ledger has an index for searches if the database allows the extension, and is migrated in any case',
  async (t) => {
    for (const allowed of [true, false]) {
      const database = await openDatabase(t, { migrated: false })
      const admin = database.pool()
      if (!allowed) await admin.query('DROP SCHEMA public CASCADE')
      const owner = `searcher_${allowed}_${process.pid}`
      await admin.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'plain'`)
      await admin.query(`GRANT CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${owner}`)
      t.after(() => admin.query(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`))
      const url = new URL(database.url)
      Object.assign(url, { username: owner, password: 'plain' })
      const notices: string[] = []
      const logger = { info: (_: object, message: string) => notices.push(message), warn: () => undefined }
      await migrate(url.href, { ledger: 'plain', logger })
      const { rows } =
        await admin.query(`SELECT FROM pg_indexes WHERE schemaname = 'plain' AND indexdef LIKE '%gin_trgm_ops%'
      AND indexname IN ('proposal_search_texts', 'moment_facets_texts')`)
      t.equal(rows.length, allowed ? 2 : 0)
      t.equal(/there is no index for searches, which read every text/.test(notices.join('\n')), !allowed)
    }
  },
)

t.test(
  'no index of a generation collects more than 256 kB before it is sorted in, however the generation came to be',
  async (t) => {
    const database = await openDatabase(t)
    const pool = database.pool()
    const read = async () => {
      const { rows } = await pool.query<{ name: string; options: string[] | null }>(`
      SELECT c.relname AS name, c.reloptions AS options FROM pg_class c JOIN pg_am a ON a.oid = c.relam
       WHERE a.amname = 'gin' AND c.relkind = 'i' AND c.relnamespace = 'commitments'::regnamespace`)
      return rows
    }
    const first = await read()
    t.equal(first.length, 4, 'labels and texts of the statuses and of the past')
    for (const name of ['proposal-status', 'proposal-moments']) {
      const { rows } = await pool.query("SELECT commitments.make_generation($1, 'x') AS made", [name])
      // One of its indexes is built before, as a rebuild does; the others come with the attachment.
      const index = name === 'proposal-status' ? 'proposal_status_labels' : 'moment_facets_texts'
      await pool.query('SELECT commitments.index_generation($1, $2)', [rows[0].made, index])
      await pool.query('SELECT commitments.attach_generation($1)', [rows[0].made])
    }
    const all = await read()
    t.equal(all.length, 8)
    for (const { name, options } of all) t.same(options, ['gin_pending_list_limit=256'], name)
  },
)

t.test('the folder of migrations is found from wherever the process runs', async (t) => {
  t.match(migrationsFolder, /\/migrations\/$/)
  t.match(Object.keys(await readMigrations()).slice(0, 3), ['0001_events', '0002_append_events', '0003_append_only'])
})
