import type { DatabaseClock } from './database-clock.ts'
import type { Queryable } from './queryable.ts'
import { clockSkew, readHead } from './read-log.ts'

/**
 * Seconds by which two clocks may differ before somebody has to look at them: that of the database and the newest event, and that of the
 * database and the machine of a service (docs/decisions/0039-one-clock.md).
 */
const toleratedSeconds = 5

interface Result {
  readonly ok: boolean
  readonly detail: string
}

/**
 * For `/health/ready`, as alarms. `clock`: whether the clock of the database was set back behind recorded times. `machine-clock`: whether
 * the clock of this machine differs from the database's.
 */
export function clockChecks(client: Queryable, clock: Pick<DatabaseClock, 'machineAhead'>) {
  return [
    { name: 'clock', isAlarm: true, check: () => judgeDatabase(client) },
    { name: 'machine-clock', isAlarm: true, check: async () => judgeMachine(clock.machineAhead()) },
  ]
}

async function judgeDatabase(client: Queryable): Promise<Result> {
  const ahead = await clockSkew(client)
  if (ahead <= toleratedSeconds) return { ok: true, detail: 'the newest event is not ahead of the database clock' }
  const { recordedAt } = await readHead(client)
  const what = `the newest event is ${ahead.toFixed(1)} s ahead of the database clock`
  const meanwhile = `until the clock has passed it, all events are recorded with its time, ${recordedAt}`
  return {
    ok: false,
    detail: `${what}: it was set back, or was ahead before. ${meanwhile}. Let NTP set the clock of the database server`,
  }
}

function judgeMachine(ahead: number): Result {
  if (Math.abs(ahead) <= toleratedSeconds) {
    return { ok: true, detail: 'the clock of this machine agrees with the database clock' }
  }
  const where = ahead > 0 ? 'ahead of' : 'behind'
  const what = `the clock of this machine is ${Math.abs(ahead).toFixed(1)} s ${where} the database clock`
  const rest =
    'Days and times of the ledger are those of the database; the expiry of keys and our log go by this machine'
  return { ok: false, detail: `${what}. ${rest}. Let NTP set both` }
}
