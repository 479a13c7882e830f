/** Roles and rights are not safe in a dump: `migrate` adds them each time. */
import { assertMigrated, LedgerUnusable, migrate, openPool, readLogIdentity } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import type { Pool } from 'pg'
import t, { type Test } from 'tap'
import { given } from './examples.ts'

t.setTimeout(120_000)

interface Restored {
  /** Of the owner. */
  readonly url: string
  /** Of a name of its own, because roles belong to the cluster. */
  readonly ledger: string
  readonly owner: Pool
  open(user?: { role?: 'command' | 'projection'; url?: string }): Pool
}

let number = 0

async function opened(t: Test): Promise<Restored> {
  const { url } = await openDatabase(t, { migrated: false })
  number += 1
  const ledger = `rights_${process.pid}_${number}`
  await migrate(url, { ledger })
  const open = ({ role, url: address = url }: { role?: 'command' | 'projection'; url?: string } = {}) => {
    const pool = openPool(address, { ledger, role, max: 1 })
    t.after(() => pool.end())
    return pool
  }
  return { url, ledger, owner: open(), open }
}

/**
 * A ledger as `pg_restore` leaves it in a cluster without its roles: each statement that names one has failed, everything else is there. With
 * `--no-privileges` it also lacks what was taken from everybody.
 */
async function restored(t: Test, { withoutPrivileges = false } = {}): Promise<Restored> {
  const it = await opened(t)
  const { ledger, owner, url } = it
  await given(owner, 'lab', 1)
  const roles = `${ledger}_command, ${ledger}_projection`
  await owner.query(`DROP OWNED BY ${roles}; DROP ROLE ${roles};
    GRANT CONNECT, TEMPORARY ON DATABASE ${new URL(url).pathname.slice(1)} TO PUBLIC`)
  if (withoutPrivileges) await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${ledger} TO PUBLIC`)
  return it
}

/** Everything that others than the owner may do, with the names of the ledger and the database left out. */
async function rightsOf({ owner, ledger, url }: Restored): Promise<string[]> {
  const { rows } = await owner.query<{ line: string }>(grants, [ledger])
  return rows.map(({ line }) => line.replaceAll(ledger, 'LEDGER').replace(new URL(url).pathname.slice(1), 'DATABASE'))
}

/** Another login of the server, in a database of it. */
async function login({ owner, url }: Restored, database?: string): Promise<{ name: string; url: string }> {
  number += 1
  const name = `login_${process.pid}_${number}`
  await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'login'`)
  const own = new URL(url)
  Object.assign(own, { username: name, password: 'login', ...(database && { pathname: database }) })
  return { name, url: own.href }
}

const grants = `SELECT concat_ws(' ', name, CASE o.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o.grantee) END, string_agg(o.privilege, ' ' ORDER BY o.privilege)) AS line
  FROM (SELECT c.relname::text AS name, c.relowner AS owner, a.grantee, a.privilege_type AS privilege
          FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = $1::regnamespace
        UNION ALL
        SELECT p.oid::regprocedure::text, p.proowner, a.grantee, a.privilege_type
          FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE p.pronamespace = $1::regnamespace
        UNION ALL
        SELECT n.nspname, n.nspowner, a.grantee, a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.oid = $1::regnamespace
        UNION ALL
        SELECT d.datname, d.datdba, a.grantee, a.privilege_type FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = current_database()) o
  WHERE o.grantee <> o.owner GROUP BY name, o.grantee ORDER BY 1`

t.test('a ledger that was restored without its roles works after migrate, with the rights that it had', async (t) => {
  const expected = await rightsOf(await opened(t))
  t.ok(expected.length > 30)
  for (const withoutPrivileges of [false, true]) {
    const it = await restored(t, { withoutPrivileges })
    const { url, ledger, owner, open } = it
    const identity = await readLogIdentity(owner)
    const { applied, granted } = await migrate(url, { ledger })
    t.same(applied, [])
    t.ok(granted.includes(`CREATE ROLE ${ledger}_command NOLOGIN`))
    t.equal(
      granted.some((one) => /^REVOKE EXECUTE .* FROM PUBLIC$/.test(one)),
      withoutPrivileges,
    )
    t.same(await rightsOf(it), expected)
    t.same(await readLogIdentity(owner), identity)
    await assertMigrated(open({ role: 'projection' }))
    t.match(await given(open({ role: 'command' }), 'other', 1), [{ outcome: 'appended', position: 2 }])
    t.same((await migrate(url, { ledger })).granted, [], 'what is in place stays untouched')
  }
})

t.test('a right that was taken from a role comes back, and twenty runs at once are as good as one', async (t) => {
  const { url, ledger, owner } = await restored(t)
  const results = await Promise.all(Array.from({ length: 20 }, () => migrate(url, { ledger })))
  t.ok(results.some(({ granted }) => granted.length > 20))
  const role = `${ledger}_projection`
  await owner.query(`REVOKE SELECT ON log_forks FROM ${role}; REVOKE UPDATE ON proposal_status_1 FROM ${role}`)
  t.same((await migrate(url, { ledger })).granted.toSorted(), [
    `GRANT SELECT ON log_forks TO ${role}`,
    `GRANT UPDATE ON proposal_status_1 TO ${role}`,
  ])
})

t.test('a ledger without rights is told from one that is not there, with what to do next', async (t) => {
  const it = await restored(t)
  const { url, ledger, owner, open } = it
  await t.rejects(assertMigrated(open({ role: 'command' })), {
    constructor: LedgerUnusable,
    message: new RegExp(
      `role "${ledger}_command" does not exist.*Run npm run migrate with the address of the owner: it makes the roles`,
    ),
  })
  const app = await login(it)
  const noRights = new RegExp(
    `the ledger ${ledger} is in this database, but the user ${app.name} may not read it. Run npm run migrate .*` +
      `GRANT ${ledger}_command TO ${app.name}, or GRANT ${ledger}_projection TO ${app.name}`,
  )
  const asApp = () => assertMigrated(open({ url: app.url }))
  await t.rejects(asApp(), noRights, 'not even the schema')
  await owner.query(`GRANT USAGE ON SCHEMA ${ledger} TO ${app.name}`)
  await t.rejects(asApp(), noRights, 'not its tables')
  const elsewhere = await openDatabase(t, { migrated: false })
  const missing = await login(it, new URL(elsewhere.url).pathname)
  await t.rejects(
    assertMigrated(open({ url: missing.url })),
    /there is no such ledger in this database: run the migrations first/,
  )
  await owner.query('ALTER TABLE kysely_migration RENAME TO gone')
  await t.rejects(asApp(), /is in this database, but it is no ledger: it lacks the table kysely_migration/)
  await owner.query('ALTER TABLE gone RENAME TO kysely_migration')
  await migrate(url, { ledger })
  await owner.query(`GRANT ${ledger}_projection TO ${app.name}`)
  await asApp()
})

t.test('whoever is not the owner is told that migrate needs the owner', async (t) => {
  const it = await restored(t)
  const { ledger, owner } = it
  const helper = await login(it)
  await owner.query(`CREATE ROLE ${ledger}_command; CREATE ROLE ${ledger}_projection; GRANT USAGE, CREATE ON SCHEMA ${ledger} TO ${helper.name};
    GRANT ALL ON kysely_migration, kysely_migration_lock TO ${helper.name}; GRANT SELECT ON projection_generations TO ${helper.name};
    GRANT EXECUTE ON FUNCTION projection_tables TO ${helper.name}`)
  await t.rejects(
    migrate(helper.url, { ledger }),
    new RegExp(`the rights of ledger ${ledger} could not be set: .*the address of the owner`),
  )
})
