import { sqlState } from '@commitments/event-store'

/**
 * Classes of SQLSTATE that say nothing about the statement: connection, resources, operator intervention, system error, and transaction
 * rollback (a standby gives up a read that stands in the way of what it has to replay).
 */
const passingClasses = new Set(['08', '40', '53', '57', '58'])

/** How the driver words the end of a connection, or that it got none; it gives no codes for these. */
const driverWords =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether a failed read means that the database is away or overloaded, and not that we asked it something wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = sqlState(error)
  if (state !== null) return passingClasses.has(state.slice(0, 2))
  return (
    'syscall' in error ||
    driverWords.test(error.message) ||
    (error instanceof AggregateError && error.errors.every(isDatabaseAway))
  )
}
