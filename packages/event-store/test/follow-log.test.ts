import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Announcer,
  type Follower,
  type FollowTimes,
  followLog,
  openPool,
  startAnnouncer,
} from '@commitments/event-store'
import { eventually, openDatabase, type TestDatabase, tcpProxy } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { given } from './examples.ts'

/** So long that a look, or the end of a wait, is never taken for a notification. */
const never = { lookEvery: 60_000, quietFor: 60_000 }

t.test('a notification wakes the waiting caller', async (t) => {
  const { follower, announcer } = await openBoth(t)
  const woken = follower.next()
  announcer.announce(17)
  t.equal(await woken, 'hint')
})

t.test('a notification between two calls is not missed, and is taken once', async (t) => {
  const { follower, announcer } = await openBoth(t)
  const other = follower.listener()
  const woken = other.next()
  announcer.announce(1)
  await woken
  t.equal(await follower.next(), 'hint', 'whoever else took it')
  const second = follower.next()
  t.equal(await Promise.race([second, sleep(100, 'waits')]), 'waits')
})

t.test('what changes without a notification is found by the next look, and said once', async (t) => {
  const { database, follower } = await openBoth(t, { lookEvery: 50 })
  const woken = follower.next()
  t.equal(await Promise.race([woken, sleep(300, 'waits')]), 'waits', 'no look wakes anybody for nothing')
  await append(database)
  t.equal(await woken, 'change')
  t.match(follower.seen, { position: 1 })
  const second = follower.next()
  t.equal(await Promise.race([second, sleep(300, 'waits')]), 'waits')
})

t.test('a change that comes with a notification is a change as well', async (t) => {
  const { follower, announcer } = await openBoth(t)
  const other = follower.listener()
  const woken = other.next()
  follower.wake()
  t.equal(await woken, 'change')
  const again = other.next()
  announcer.announce(1)
  t.equal(await again, 'hint')
  t.equal(await follower.next(), 'change', 'of both, the one that asks for more')
})

t.test('after a while it wakes the caller although nothing has changed', async (t) => {
  const { follower } = await openBoth(t, { quietFor: 30 })
  t.equal(await follower.next(), 'poll')
  t.equal(await follower.next(), 'poll')
})

t.test(
  'while nothing can be found out it wakes the caller again and again, also if there was never a server',
  async (t) => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing'
    const follower = followLog({ url, ledger: 'commitments', times: { ...never, pollEvery: 20 } })
    t.after(() => follower.close())
    for (const _ of [1, 2, 3]) t.equal(await follower.next(), 'poll')
    t.notOk(follower.listening)
    t.equal(follower.seen, null)
  },
)

t.test('a terminated backend is replaced, and the gap counts as a change', async (t) => {
  const { database, follower, announcer } = await openBoth(t, { lookEvery: 50, pollEvery: 60_000 })
  await terminateListeners(database)
  await eventually(async () => (await follower.next()) === 'change')
  await eventually(() => follower.listening)
  announcer.announce(5)
  await eventually(async () => (await follower.next()) === 'hint')
})

t.test('a connection that died silently wakes its callers, and is replaced', async (t) => {
  const database = await openDatabase(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
  const times = { lookEvery: 50, lookLimit: 100, pollEvery: 100, quietFor: 60_000 }
  const follower = await openFollower(t, proxy.through(database.url), times)
  const announcer = openAnnouncer(t, database)
  proxy.halfOpen()
  t.equal(await follower.next(), 'poll', 'nobody knows what has changed')
  let position = 0
  await eventually(
    async () => {
      announcer.announce(++position)
      return (await follower.next()) === 'hint'
    },
    { within: 30_000 },
  )
})

t.test('many announcements arrive as fewer notifications, and the last one always arrives', async (t) => {
  const { database, announcer } = await openBoth(t)
  const listener = await database.client()
  const payloads: string[] = []
  listener.on('notification', (message) => payloads.push(message.payload ?? ''))
  await listener.query('LISTEN commitments_appended')
  for (let position = 1; position <= 1_000; position += 1) announcer.announce(position)
  await eventually(() => payloads.at(-1) === '1000')
  t.ok(payloads.length < 10, `${payloads.length} notifications`)
})

t.test('a lower position than one announced before is not sent', async (t) => {
  const { database, announcer } = await openBoth(t)
  const listener = await database.client()
  const payloads: string[] = []
  listener.on('notification', (message) => payloads.push(message.payload ?? ''))
  await listener.query('LISTEN commitments_appended')
  announcer.announce(7)
  await eventually(() => payloads.length === 1)
  announcer.announce(3)
  announcer.announce(8)
  await eventually(() => payloads.includes('8'))
  t.same(payloads, ['7', '8'])
})

t.test('a position that cannot be announced is left out, and the next one is announced', async (t) => {
  const database = await openDatabase(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
  const follower = await openFollower(t, database.url, never)
  const announcer = openAnnouncer(t, database, proxy.through(database.url))
  proxy.refuse()
  announcer.announce(1)
  t.equal(await Promise.race([follower.next(), sleep(200, 'waits')]), 'waits')
  proxy.resume()
  let position = 1
  await eventually(async () => {
    announcer.announce(++position)
    return (await Promise.race([follower.next(), sleep(50, 'waits')])) === 'hint'
  })
})

t.test('close ends waiting calls, and later ones', async (t) => {
  const database = await openDatabase(t)
  const follower = await openFollower(t, database.url, never)
  const waiting = [follower.next(), follower.next()]
  await follower.close()
  t.same(await Promise.all(waiting), ['closed', 'closed'])
  t.equal(await follower.next(), 'closed')
  await eventually(async () => (await listeners(database)) === 0)
})

t.test('close returns although the database is not available', async (t) => {
  const follower = followLog({ url: 'postgres://nobody@127.0.0.1:1/nothing', ledger: 'commitments' })
  await t.resolves(follower.close())
})

t.test('a signal ends one call, with its reason, and not the follower', async (t) => {
  const { follower, announcer } = await openBoth(t)
  const stop = new AbortController()
  const waiting = follower.next(stop.signal)
  stop.abort(new Error('enough'))
  await t.rejects(waiting, /enough/)
  await t.rejects(follower.next(stop.signal), /enough/)
  announcer.announce(2)
  t.equal(await follower.next(), 'hint')
})

async function openBoth(
  t: Test,
  times: Partial<FollowTimes> = {},
): Promise<{ database: TestDatabase; follower: Follower; announcer: Announcer }> {
  const database = await openDatabase(t)
  const follower = await openFollower(t, database.url, { ...never, ...times })
  return { database, follower, announcer: openAnnouncer(t, database) }
}

/** A follower that listens already, and has taken what every new connection wakes for. */
async function openFollower(t: Test, url: string, times: Partial<FollowTimes>): Promise<Follower> {
  const follower = followLog({
    url,
    ledger: 'commitments',
    role: 'projection',
    applicationName: 'follower',
    // An empty log has no row.
    look: { text: 'SELECT coalesce(max(position), 0)::integer AS position FROM events' },
    times,
  })
  t.after(() => follower.close())
  await eventually(() => follower.seen !== null)
  t.equal(await follower.next(), 'change')
  return follower
}

function openAnnouncer(t: Test, database: TestDatabase, url = database.url): Announcer {
  const pool = openPool(url, { ledger: 'commitments', role: 'command', applicationName: 'announcer' })
  t.after(() => pool.end())
  return startAnnouncer({ pool, ledger: database.ledger })
}

async function append(database: TestDatabase): Promise<void> {
  await given(database.pool(), 'lab', 1)
}

async function listeners(database: TestDatabase): Promise<number> {
  const { rowCount } = await database
    .pool()
    .query(`SELECT FROM pg_stat_activity WHERE application_name = 'follower' AND datname = current_database()`)
  return rowCount ?? 0
}

async function terminateListeners(database: TestDatabase): Promise<void> {
  await database
    .pool()
    .query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('follower', 'announcer') AND datname = current_database()`,
    )
}
