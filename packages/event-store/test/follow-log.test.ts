import { setTimeout as sleep } from 'node:timers/promises'
import { type Announcer, clientFactory, type Follower, followLog, startAnnouncer } from '@commitments/event-store'
import { eventually, openDatabase, type TestDatabase, tcpProxy } from '@commitments/test-kit'
import t, { type Test } from 'tap'

/** So long that a poll is never taken for a notification. */
const never = 60_000

t.test('a notification wakes the waiting caller, and says how far the log reaches', async (t) => {
  const { follower, announcer } = await openBoth(t)
  const woken = follower.next()
  announcer.announce(17)
  t.equal(await woken, 'hint')
  t.equal(follower.hintedPosition, 17)
})

t.test('a notification between two calls is not missed, and is taken once', async (t) => {
  const { follower, announcer } = await openBoth(t)
  announcer.announce(1)
  await eventually(() => follower.hintedPosition === 1)
  t.equal(await follower.next(), 'hint')
  const second = follower.next()
  t.equal(await Promise.race([second, sleep(100, 'waits')]), 'waits')
})

t.test('without notifications the follower polls', async (t) => {
  const database = await openDatabase(t)
  const follower = await openFollower(t, database.url, { pollEvery: 30 })
  t.equal(await follower.next(), 'poll')
  t.equal(await follower.next(), 'poll')
})

t.test('it polls from the start if there is no server at all', async (t) => {
  const connect = clientFactory('postgres://nobody@127.0.0.1:1/nothing', { ledger: 'commitments' })
  const follower = followLog({ connect, ledger: 'commitments', pollEvery: 20 })
  t.after(() => follower.close())
  t.equal(await follower.next(), 'poll')
  t.notOk(follower.listening)
})

t.test('a terminated backend is replaced, and the gap counts as a notification', async (t) => {
  const { database, follower, announcer } = await openBoth(t)
  await terminateListeners(database)
  t.equal(await follower.next(), 'hint', 'something may have been announced while nobody listened')
  await eventually(() => follower.listening)
  await eventually(() => announceUntilSeen(follower, announcer, 5))
})

t.test('a connection that died silently is detected and replaced', async (t) => {
  const database = await openDatabase(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
  const follower = await openFollower(t, proxy.through(database.url), { heartbeatEvery: 100 })
  const announcer = openAnnouncer(t, proxy.through(database.url), { heartbeatEvery: 100 })
  proxy.halfOpen()
  await eventually(() => announceUntilSeen(follower, announcer, 9))
  t.ok(follower.hintedPosition >= 9)
})

t.test('many announcements arrive as fewer notifications, and the last one always arrives', async (t) => {
  const { database, follower, announcer } = await openBoth(t)
  const listener = await database.client()
  const payloads: string[] = []
  listener.on('notification', (message) => payloads.push(message.payload ?? ''))
  await listener.query('LISTEN commitments_appended')
  for (let position = 1; position <= 1_000; position += 1) announcer.announce(position)
  await eventually(() => follower.hintedPosition === 1_000)
  await eventually(() => payloads.at(-1) === '1000')
  t.ok(payloads.length < 10, `${payloads.length} notifications`)
})

t.test('a lower position than one announced before is not sent', async (t) => {
  const { follower, announcer } = await openBoth(t)
  announcer.announce(7)
  await eventually(() => follower.hintedPosition === 7)
  announcer.announce(3)
  announcer.announce(8)
  await eventually(() => follower.hintedPosition === 8)
})

t.test('close ends waiting calls, and later ones', async (t) => {
  const database = await openDatabase(t)
  const follower = await openFollower(t, database.url, {})
  const waiting = [follower.next(), follower.next()]
  await follower.close()
  t.same(await Promise.all(waiting), ['closed', 'closed'])
  t.equal(await follower.next(), 'closed')
  await eventually(async () => (await listeners(database)) === 0)
})

t.test('close returns at once, even while the database is not available', async (t) => {
  const connect = clientFactory('postgres://nobody@127.0.0.1:1/nothing', { ledger: 'commitments' })
  const follower = followLog({ connect, ledger: 'commitments' })
  const announcer = startAnnouncer({ connect, ledger: 'commitments' })
  announcer.announce(1)
  // Waiting for the database would never end.
  await t.resolves(Promise.all([follower.close(), announcer.close()]))
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

interface Intervals {
  pollEvery?: number
  heartbeatEvery?: number
}

async function openBoth(t: Test): Promise<{ database: TestDatabase; follower: Follower; announcer: Announcer }> {
  const database = await openDatabase(t)
  const follower = await openFollower(t, database.url, {})
  const announcer = openAnnouncer(t, database.url, {})
  return { database, follower, announcer }
}

/** A follower that listens already, and has taken the notification of every new connection. */
async function openFollower(
  t: Test,
  url: string,
  { pollEvery = never, heartbeatEvery = 5_000 }: Intervals,
): Promise<Follower> {
  const connect = clientFactory(url, { ledger: 'commitments', role: 'projection', applicationName: 'follower' })
  const follower = followLog({ connect, ledger: 'commitments', pollEvery, heartbeatEvery })
  t.after(() => follower.close())
  await eventually(() => follower.listening)
  t.equal(await follower.next(), 'hint')
  return follower
}

function openAnnouncer(t: Test, url: string, { heartbeatEvery = 5_000 }: Intervals): Announcer {
  const connect = clientFactory(url, { ledger: 'commitments', role: 'command', applicationName: 'announcer' })
  const announcer = startAnnouncer({ connect, ledger: 'commitments', heartbeatEvery })
  t.after(() => announcer.close())
  return announcer
}

/** An announcement that is missed while the listener is away is lost by design; the next one arrives. */
function announceUntilSeen(follower: Follower, announcer: Announcer, from: number): boolean {
  announcer.announce(Math.max(from, follower.hintedPosition) + announcements++)
  return follower.hintedPosition >= from
}
let announcements = 0

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
