import { LedgerUnusable, sqlState } from '@commitments/event-store'

/**
 * Classes of SQLSTATE that say nothing about the statement: connection, resources, operator intervention, system error, and transaction
 * rollback (a standby gives up a read that stands in the way of what it has to replay).
 */
const passingClasses = new Set(['08', '40', '53', '57', '58'])

/** How the driver words the end of a connection, or that it got none; it gives no codes for these. */
const driverWords =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** A table (also one in a schema that is closed to us), a function, a schema or a right is missing. */
const missingStates = new Set(['42P01', '42883', '3F000', '42501'])

/**
 * Whether the ledger is not, or not as a whole, where it was when the service started, or is closed to us: somebody restores it or changes its
 * rights under running services.
 */
export function isLedgerMissing(error: unknown): boolean {
  return error instanceof LedgerUnusable || missingStates.has(sqlState(error) ?? '')
}

/** Whether a failed read means that the database or the ledger is away, or overloaded, and not that we asked it something wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isLedgerMissing(error)) return true
  const state = sqlState(error)
  if (state !== null) return passingClasses.has(state.slice(0, 2))
  return (
    'syscall' in error ||
    driverWords.test(error.message) ||
    (error instanceof AggregateError && error.errors.every(isDatabaseAway))
  )
}
