import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { ensureDatabase, FolderInUse, letLogIn, startServer } from '@commitments/local-postgres'
import t from 'tap'
import { folder, query, server } from './helper.ts'

t.test('committed data is there after stop and start', async (t) => {
  const dataDirectory = folder(t)
  const first = await startServer({ dataDirectory })
  await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS n')
  await first.stop()
  const second = await server(t, { dataDirectory })
  t.same(await query(second.url, 'SELECT n FROM kept'), [{ n: 1 }])
})

t.test(
  'committed data is there after kill -9 of the server, on the same port and with the same password',
  async (t) => {
    const started = await server(t, { dataDirectory: folder(t) })
    const { url, pid } = started
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS n')
    await started.kill()
    t.match(await started.exited(), { expected: true })
    await t.rejects(query(url, 'SELECT'))
    await started.restart()
    t.equal(started.url, url)
    t.not(started.pid, pid)
    t.same(await query(url, 'SELECT n FROM kept'), [{ n: 1 }])
  },
)

t.test('a server that is killed from outside is reported, and can be started again', async (t) => {
  const started = await server(t, { dataDirectory: folder(t) })
  process.kill(started.pid, 'SIGKILL')
  t.match(await started.exited(), { expected: false })
  await started.restart()
  t.same(await query(started.url, 'SELECT 1 AS n'), [{ n: 1 }])
})

t.test('a commit survives, so fsync and synchronous_commit are on', async (t) => {
  const { url } = await server(t, { dataDirectory: folder(t) })
  const [row] = await query(url, "SELECT current_setting('fsync') f, current_setting('synchronous_commit') c")
  t.same(row, { f: 'on', c: 'on' })
})

t.test('a wrong or missing password is refused, and only the owner can read the right one', async (t) => {
  const { url, directory } = await server(t, { dataDirectory: folder(t) })
  for (const password of ['wrong', '']) {
    const other = new URL(url)
    other.password = password
    await t.rejects(
      query(other.href, 'SELECT'),
      password === '' ? /password must be/ : /password authentication failed/,
    )
  }
  const file = join(directory, 'password')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(readFileSync(file, 'utf8').trim(), new URL(url).password)
})

t.test('the server listens on loopback only, and leaves no socket file', async (t) => {
  const { url } = await server(t, { dataDirectory: folder(t) })
  const [row] = await query(
    url,
    "SELECT current_setting('listen_addresses') l, current_setting('unix_socket_directories') u",
  )
  t.same(row, { l: '127.0.0.1', u: '' })
  const outside = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  for (const { address } of outside.filter((one) => !one.internal && one.family === 'IPv4')) {
    const other = new URL(url)
    other.hostname = address
    await t.rejects(query(other.href, 'SELECT'), { code: 'ECONNREFUSED' }, `not through ${address}`)
  }
})

t.test('a folder that a living process uses is refused, and the error names the process', async (t) => {
  const dataDirectory = folder(t)
  await server(t, { dataDirectory })
  const refusal = await startServer({ dataDirectory }).catch((error: unknown) => error)
  t.ok(refusal instanceof FolderInUse)
  t.match(refusal, { message: new RegExp(`in use by process ${process.pid}`) })
})

t.test('a port that another program uses is refused in one sentence', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  const dataDirectory = folder(t)
  await t.rejects(startServer({ dataDirectory, port }), {
    name: 'LocalPostgresError',
    message: /is used by another program/,
  })
  await server(t, { dataDirectory })
})

t.test('a setting that Postgres does not know is refused with the message of Postgres', async (t) => {
  const refusal = startServer({ dataDirectory: folder(t), settings: { no_such_setting: 1 } })
  await t.rejects(refusal, { name: 'LocalPostgresError', message: /no_such_setting/ })
})

t.test('the owner of a database is not a superuser, and creating it again changes only its password', async (t) => {
  const { url } = await server(t, { dataDirectory: folder(t) })
  const owner = await ensureDatabase(url, 'ledger')
  const before = new URL(owner)
  t.not(before.password, new URL(url).password, 'another password than the superuser’s')
  const after = new URL(await ensureDatabase(url, 'ledger'))
  t.not(after.password, before.password)
  await t.rejects(query(owner, 'SELECT'), /password authentication failed/)
  const [row] = await query(
    after.href,
    'SELECT current_database() d, rolsuper s, rolcreaterole c FROM pg_roles WHERE rolname = current_user',
  )
  t.same(row, { d: 'ledger', s: false, c: true })
})

t.test('a login role can act only as that role, with its own password', async (t) => {
  const { url } = await server(t, { dataDirectory: folder(t) })
  const owner = await ensureDatabase(url, 'ledger')
  await query(owner, 'CREATE ROLE ledger_command NOLOGIN; GRANT ledger_command TO ledger')
  const address = await letLogIn(url, 'ledger_command', 'ledger')
  const [row] = await query(
    address,
    'SELECT session_user::text u, rolsuper s FROM pg_roles WHERE rolname = session_user',
  )
  t.same(row, { u: 'ledger_command', s: false })
  for (const role of ['ledger', 'postgres']) await t.rejects(query(address, `SET ROLE ${role}`), { code: '42501' })
  t.equal(new Set([url, owner, address].map((one) => new URL(one).password)).size, 3)
})

t.test('on Windows the embedded server is refused, with what to use instead', async (t) => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor
  t.teardown(() => Object.defineProperty(process, 'platform', platform))
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' })
  await t.rejects(startServer({ dataDirectory: folder(t) }), {
    message: /There is no embedded Postgres for win32 .* Set DATABASE_URL to a Postgres server of your own/,
  })
})
