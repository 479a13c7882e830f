import { addressMistake, classifyFault, clientFactory, openPool } from '@commitments/event-store'
import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { copyAsStandby, eventually, promote } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { readAddress } from '../src/hosts.ts'

t.setTimeout(120_000)

t.test('an address names its hosts before the database, each with its port', (t) => {
  const host = (name: string, port = 5432) => ({ host: name, port })
  const cases = {
    'postgres://u:p@a/db': [host('a')],
    'postgresql://u:p@a:5433,b,[::1]:5434/db': [host('a', 5433), host('b'), host('::1', 5434)],
    'postgres://a,b/db?sslmode=verify-full': [host('a'), host('b')],
    'postgres:///db?host=/run/postgresql': [host('/run/postgresql')],
  }
  for (const [url, hosts] of Object.entries(cases)) t.same(readAddress(url).hosts, hosts, url)
  t.end()
})

t.test('everything else of the address stays as it is', (t) => {
  const single = (query: string) => readAddress(`postgres://u:s%40@a:1,b:2/db${query}`).single
  t.equal(single(''), 'postgres://u:s%40@a:1/db')
  t.equal(single('?target_session_attrs=primary'), 'postgres://u:s%40@a:1/db')
  t.equal(
    single('?sslmode=require&target_session_attrs=primary&options=x'),
    'postgres://u:s%40@a:1/db?sslmode=require&options=x',
  )
  t.end()
})

t.test('an address that cannot be used gets a sentence that does not quote it', (t) => {
  const secret = 'secret-of-the-owner'
  const cases = {
    'mysql://u@a/db': /begin with postgres/,
    [`postgres://u:${secret}@a:x/db`]: /hosts such as db-1:5432/,
    [`postgres://u:${secret}@a:70000/db`]: /ports up to 65535/,
    [`postgres://u:${secret}@/db?host=a,b`]: /several hosts before the database/,
    [`postgres://u:${secret}@a/db?sslrootcert=/nowhere/ca.pem`]: /files that can be read, unlike \/nowhere\/ca.pem/,
    [`postgres://u:${secret}@a/db?target_session_attrs=writable`]:
      /one of any, read-write, read-only, primary, standby, prefer-standby/,
  }
  for (const [url, sentence] of Object.entries(cases)) {
    t.match(addressMistake(url), sentence, url)
    t.notMatch(addressMistake(url), secret)
  }
  t.equal(addressMistake('postgres://u:p@a,b:5433/db?target_session_attrs=read-write'), null)
  t.end()
})

/** One address for both servers, the first of which may be away. */
function addressOf(servers: readonly { port: number }[], { url }: LocalServer, wish?: string): string {
  const own = new URL(url)
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const query = wish === undefined ? '' : `?target_session_attrs=${wish}`
  return `postgres://${own.username}:${own.password}@${hosts}/postgres${query}`
}

const options = { ledger: 'commitments', max: 2 }

async function portOf(t: Test, url: string): Promise<number> {
  const client = clientFactory(url, options)()
  await client.connect()
  t.after(() => client.end())
  const { rows } = await client.query<{ port: number }>('SELECT inet_server_port() AS port')
  return rows[0]?.port ?? 0
}

t.test('connections go to the first host that fits target_session_attrs', async (t) => {
  const primary = await startTemporaryServer()
  t.after(() => primary.stop())
  const standby = await copyAsStandby(t, primary)
  const away = { port: 1 }
  const both = [away, standby, primary]
  const ask = (wish?: string) => portOf(t, addressOf(both, primary, wish))
  t.equal(await ask(), standby.port, 'any: the first that is there')
  t.equal(await ask('read-write'), primary.port)
  t.equal(await ask('primary'), primary.port)
  t.equal(await ask('standby'), standby.port)
  t.equal(await ask('read-only'), standby.port)
  t.equal(await ask('prefer-standby'), standby.port)
  t.equal(await portOf(t, addressOf([away, primary], primary, 'prefer-standby')), primary.port, 'none: any')

  await t.test('one host alone is checked too, and the error says what was found where', async (t) => {
    const pool = openPool(addressOf([standby], primary, 'read-write'), options)
    t.after(() => pool.end())
    const error = await pool.query('SELECT 1').catch((fault: unknown) => fault)
    t.match(error, {
      message: `no host of the address fits target_session_attrs=read-write: 127.0.0.1:${standby.port} is a standby`,
    })
    t.equal(classifyFault(error), 'not-recorded')
  })

  await t.test('when the primary is lost, the pool finds the promoted standby by itself', async (t) => {
    const pool = openPool(addressOf([primary, standby], primary, 'read-write'), options)
    t.after(() => pool.end())
    const seldom = openPool(addressOf([primary, standby], primary, 'read-write'), options)
    t.after(() => seldom.end())
    const portIn = async (one: typeof pool) => (await one.query('SELECT inet_server_port() AS port')).rows[0].port
    const port = () => portIn(pool)
    t.equal(await port(), primary.port)
    t.equal(await portIn(seldom), primary.port)
    await primary.kill()
    await t.rejects(port(), 'nobody takes writes')
    await promote(standby)
    await eventually(async () => (await port().catch(() => 0)) === standby.port)
    t.equal(await port(), standby.port)
    t.equal(await portIn(seldom), standby.port, 'a pool that was not used meanwhile knows it from the other')
  })
})
