import { acceptRestore, migrate, openPool, readLogIdentity } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import { Client } from 'pg'
import t from 'tap'

const database = await openDatabase(t, { migrated: false })
await migrate(database.url, { ledger: database.ledger })
const owner = database.pool()
const projection = database.pool('projection')

t.test('a login without a role of the ledger cannot connect to its database', async (t) => {
  const name = `stranger_${process.pid}`
  await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'stranger'`)
  t.after(() => owner.query(`DROP ROLE ${name}`))
  const url = new URL(database.url)
  Object.assign(url, { username: name, password: 'stranger' })
  const stranger = new Client({ connectionString: url.href })
  await t.rejects(stranger.connect(), { code: '42501' })
})

t.test('a login that was granted a role of the ledger can connect and read', async (t) => {
  const name = `granted_${process.pid}`
  await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'granted'; GRANT commitments_command TO ${name}`)
  t.after(() => owner.query(`DROP ROLE ${name}`))
  const url = new URL(database.url)
  Object.assign(url, { username: name, password: 'granted' })
  const pool = openPool(url.href, { ledger: database.ledger, max: 1 })
  t.after(() => pool.end())
  t.match(await readLogIdentity(pool), { generation: 1 })
})

for (const role of ['command', 'projection'] as const) {
  t.test(`the ${role} role can create neither temporary tables nor temporary functions`, async (t) => {
    const pool = database.pool(role)
    await t.rejects(pool.query('CREATE TEMP TABLE x (n integer)'), { code: '42501' })
    await t.rejects(pool.query('CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$'), {
      code: '42501',
    })
  })
}

const fork = 'SELECT record_kept_checkpoint($1, $2, $3)'

t.test('only an accepted restore records a fork, with a kept checkpoint of the log that ended', async (t) => {
  const { logId: old } = await readLogIdentity(owner)
  const note = `example.org/log/${old}\n1\nAAAA\n`
  const insertion = `INSERT INTO log_forks (old_log_id, new_log_id, source, reason) VALUES ($1, $1, 'file', 'x')`
  await t.rejects(projection.query(insertion, [old]), { code: '42501' }, 'not freely')
  await t.rejects(projection.query(fork, [old, old, note]), { code: '55000' }, 'no restore was accepted')
  const { logId: next } = await acceptRestore(owner, 'a test')
  await t.rejects(projection.query(fork, [next, old, note]), { code: '55000' }, 'the other way round')
  await t.rejects(
    projection.query(fork, [old, next, `example.org/log/${next}\n1\n`]),
    { code: '22000' },
    'another log’s',
  )
  await projection.query(fork, [old, next, note])
  await projection.query(fork, [old, next, `${note}again`])
  const { rows } = await owner.query(`SELECT note FROM log_forks WHERE source = 'file'`)
  t.same(rows, [{ note }], 'once')
})

t.test('a service can neither delete nor change the last signed state; older ones can be deleted', async (t) => {
  const insertion = `INSERT INTO log_checkpoints (log_id, size, root, note, vkeys, epoch)
    SELECT log_id, $1, sha256($2), '', '', 1 FROM log_identity WHERE generation = 1`
  await projection.query(insertion, [1, 'one'])
  await projection.query(insertion, [2, 'two'])
  for (const statement of [
    'DELETE FROM log_checkpoints',
    'DELETE FROM log_checkpoints WHERE size = 2',
    `UPDATE log_checkpoints SET root = sha256('other') WHERE size = 2`,
    `UPDATE log_checkpoints SET log_id = gen_random_uuid()`,
  ]) {
    await t.rejects(projection.query(statement), { code: '23001' }, statement)
  }
  await projection.query(`UPDATE log_checkpoints SET note = 'by a new key', published_at = now() WHERE size = 2`)
  await projection.query('DELETE FROM log_checkpoints WHERE size = 1')
  await owner.query('DELETE FROM log_checkpoints')
})

t.end()
