import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, type TcpProxy, type TestDatabase, tcpProxy } from '@commitments/test-kit'
import type { Test } from 'tap'
import type { CommandLimits } from '../../src/app.ts'
import { type CommandFixture, openCommandApp, poolSize } from '../app-fixture.ts'

export interface FaultyFixture extends CommandFixture {
  /** On the only route from the service to its database. */
  readonly proxy: TcpProxy
}

/** The command service, with a proxy to its database that can simulate faults. */
export async function openBehindProxy(t: Test, limits: CommandLimits = {}): Promise<FaultyFixture> {
  const wire = Promise.withResolvers<TcpProxy>()
  const fixture = await openCommandApp(t, {
    limits,
    databaseUrl: async (url) => {
      const proxy = await tcpProxy(t, { port: Number(new URL(url).port) })
      wire.resolve(proxy)
      return proxy.through(url)
    },
  })
  return { ...fixture, proxy: await wire.promise }
}

/** Asks until the service is ready, or not ready. */
export async function untilReadiness({ app }: CommandFixture, status: 200 | 503): Promise<void> {
  await eventually(async () => (await app.inject('/health/ready')).statusCode === status, { within: 15_000 })
}

/** Fills the service's pool with connections, so that a fault affects those and not the opening of new ones. */
export async function warmUp({ app }: CommandFixture): Promise<void> {
  await Promise.all(Array.from({ length: poolSize }, () => app.inject('/health/ready')))
}

/** Another writer that holds the log's lock: every append waits. Returns the function that releases it. */
export async function holdLog(database: TestDatabase): Promise<() => Promise<unknown>> {
  const client = await database.client()
  await client.query('BEGIN')
  await client.query('LOCK TABLE log_lock IN EXCLUSIVE MODE')
  return () => client.query('COMMIT')
}

/** Waits until this many appends wait for the log's lock. */
export async function untilAppendsWait(database: TestDatabase, count: number): Promise<void> {
  const waiting = `SELECT FROM pg_locks WHERE locktype = 'relation' AND relation = 'log_lock'::regclass AND NOT granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const pool = database.pool()
  await eventually(async () => (await pool.query(waiting)).rowCount === count)
}

/** Ends the server's side of each connection of the command role, as an operator or a failing server does. Returns their number. */
export async function terminateBackends(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.pool().query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        AND application_name = 'commitments'`,
  )
  return rowCount ?? 0
}

/** Calls it repeatedly until the work is done. */
export async function during<Result>(work: Promise<Result>, everyMs: number, happens: () => unknown): Promise<Result> {
  let done = false
  const end = () => {
    done = true
  }
  work.then(end, end)
  while (!done) {
    await sleep(everyMs)
    if (!done) await happens()
  }
  return work
}
