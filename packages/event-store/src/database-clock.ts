/**
 * One clock for a ledger: that of its database, which also gives `recordedAt`. The clocks of the machines on which services run are only
 * compared with it. So "today" and "the future" are the same for all services, and a machine whose clock is wrong decides nothing.
 */
import { runLoop, pause as waitFor, withTimeout } from './background.ts'
import type { Queryable } from './queryable.ts'

export interface DatabaseClock {
  /** The time of the database. Between two looks it goes on by a clock of this process that nobody sets. */
  now(): Date
  /** The same, but never before the newest event, whose time an event that is recorded now would get. */
  ledgerNow(): Date
  /** Seconds by which the clock of this machine is ahead of the database's, as far as that is certain; negative: behind. */
  machineAhead(): number
  /** Ends the looks. */
  close(): Promise<void>
}

interface Options {
  /** Milliseconds between two looks. */
  readonly every?: number
  /** The clock of this machine, in milliseconds since 1970; for tests. */
  readonly machine?: () => number
}

/** What a look found, and when it was made on the clock of `performance`. */
interface Look {
  readonly at: number
  /** Half of the round trip: by so much the time may be wrong. */
  readonly uncertain: number
  readonly database: number
  readonly newest: number | null
}

const usualEvery = 5_000

/** Milliseconds for one look. */
const lookLimit = 4_000

/** @throws if the database cannot be asked for the first time */
export async function followDatabaseClock(
  client: Queryable,
  { every = usualEvery, machine = Date.now }: Options = {},
): Promise<DatabaseClock> {
  let last = await look(client)
  const stop = new AbortController()
  const turn = async () => {
    await waitFor(every, stop.signal)
    if (!stop.signal.aborted) last = await withTimeout(lookLimit, look(client))
  }
  // Whoever needs the database says that it is away; meanwhile the clock goes on.
  const running = runLoop({ turn, stopping: stop.signal, onFailure: () => undefined })
  const sinceThen = () => performance.now() - last.at
  const now = () => last.database + sinceThen()
  return {
    now: () => new Date(now()),
    ledgerNow: () => new Date(Math.max(last.database, last.newest ?? 0) + sinceThen()),
    machineAhead: () => {
      const ahead = machine() - now()
      return (Math.sign(ahead) * Math.max(0, Math.abs(ahead) - last.uncertain)) / 1_000
    },
    close: () => {
      stop.abort()
      return running
    },
  }
}

async function look(client: Queryable): Promise<Look> {
  const sent = performance.now()
  const { rows } = await client.query<Pick<Look, 'database' | 'newest'>>({
    name: 'read_clock',
    text: `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS database,
        (SELECT (extract(epoch FROM recorded_at) * 1000)::float8 FROM events ORDER BY position DESC LIMIT 1) AS newest`,
  })
  const uncertain = (performance.now() - sent) / 2
  const { database, newest } = rows[0] as Pick<Look, 'database' | 'newest'>
  return { at: sent + uncertain, uncertain, database, newest }
}
