import { openDatabase, tcpProxy } from '@commitments/test-kit'
import { Client } from 'pg'
import t from 'tap'

interface Fixture {
  after(close: () => unknown): unknown
}

async function connected(t: Fixture, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  t.after(() => client.end().catch(() => {}))
  return client
}

/** A database, with one client that connects directly and one through the proxy. */
async function wire(t: Fixture & Parameters<typeof openDatabase>[0]) {
  const { url } = await openDatabase(t, { migrated: false })
  const proxy = await tcpProxy(t, { port: Number(new URL(url).port) })
  const beside = await connected(t, url)
  await beside.query('CREATE TABLE marks (n integer)')
  return { proxy, beside, url: proxy.through(url), client: await connected(t, proxy.through(url)) }
}

/** Whether the promise is still pending after this many milliseconds. */
async function hangs(promise: Promise<unknown>, milliseconds = 200): Promise<boolean> {
  const open = Symbol('open')
  const timer = new Promise((resolve) => setTimeout(resolve, milliseconds, open))
  return (await Promise.race([promise.catch(() => null), timer])) === open
}

t.test('a cut connection fails, and a new one works', async (t) => {
  const { proxy, client, url } = await wire(t)
  t.equal((await client.query('SELECT 1 AS n')).rows[0].n, 1)
  proxy.cut()
  await t.rejects(client.query('SELECT 1'))
  t.equal((await (await connected(t, url)).query('SELECT 2 AS n')).rows[0].n, 2)
})

t.test('while it refuses, nobody can connect, and afterwards everybody can', async (t) => {
  const { proxy, url } = await wire(t)
  proxy.refuse()
  await t.rejects(connected(t, url))
  proxy.resume()
  t.equal((await (await connected(t, url)).query('SELECT 2 AS n')).rows[0].n, 2)
})

t.test('a stalled connection answers nothing, and loses nothing', async (t) => {
  const { proxy, client, beside } = await wire(t)
  proxy.stall()
  const answer = client.query('INSERT INTO marks VALUES (1) RETURNING n')
  t.ok(await hangs(answer))
  t.equal((await beside.query('SELECT FROM marks')).rowCount, 0, 'the request has not arrived')
  proxy.resume()
  t.equal((await answer).rows[0].n, 1)
})

t.test('on a half-open connection the client receives nothing', async (t) => {
  const { proxy, client, beside, url } = await wire(t)
  proxy.halfOpen()
  t.ok(await hangs(client.query('INSERT INTO marks VALUES (1)')))
  t.equal((await beside.query('SELECT FROM marks')).rowCount, 0)
  t.equal((await (await connected(t, url)).query('SELECT 2 AS n')).rows[0].n, 2, 'a new connection works')
})

t.test('a lost answer: the request was executed, and its sender does not know', async (t) => {
  const { proxy, client, beside } = await wire(t)
  const lost = proxy.loseAnswer((request) => request.includes('INSERT'))
  await client.query('SELECT 1')
  await t.rejects(client.query('INSERT INTO marks VALUES (1)'))
  await lost
  t.equal((await beside.query('SELECT FROM marks')).rowCount, 1)
})
