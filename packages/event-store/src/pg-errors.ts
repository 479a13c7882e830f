/**
 * What a failed `appendEvents` means for its events.
 *
 * - `not-recorded`: certainly not in the log. No connection came about, or the server answered the statement with an error, and so rolled it
 *   back. The same events may be sent again.
 * - `content`: certainly not in the log, and sending the same again will fail the same way: one of the events is at fault (a line too long, a
 *   key twice in one batch, text that the database cannot hold). Split the batch to find it.
 * - `unknown`: the connection went while the answer was awaited, or the server says that it cannot tell. The events may be in the log; only
 *   sending them again, with the same eventIds, settles it.
 */
export type AppendFault = 'not-recorded' | 'content' | 'unknown'

/**
 * Classes of SQLSTATE (PostgreSQL manual, appendix A "PostgreSQL Error Codes") in which the statement itself is refused:
 * 22 data exception, 23 integrity constraint violation, 54 program limit exceeded.
 */
const contentClasses = new Set(['22', '23', '54'])

/**
 * 08 connection exception (08007: "transaction resolution unknown") and 57P, which the server sends while it goes: 57P01 admin_shutdown,
 * 57P02 crash_shutdown, 57P03 cannot_connect_now, 57P04 database_dropped, 57P05 idle_session_timeout. 57P01 can come after the commit was
 * written, while it waits for a synchronous standby ("canceling the wait for synchronous replication and terminating connection").
 * Class 58 (system error) and XX (internal error) can hit a commit as well as what went before it, so they prove nothing either.
 * 40003 is "statement completion unknown" by name.
 */
const unknownClasses = new Set(['08', '58', 'XX'])
const unknownStates = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '40003'])

/** System calls and node-postgres' own messages that happen before anything can have been sent. */
const neverConnected = new Set(['connect', 'getaddrinfo'])
const connectTimeouts = /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/

/** States with which the server turns a connection away, before any statement: 28 authorization, 3D000 no such database, 53300 too many. */
const turnedAway = /^(28...|3D000|53300|57P03)$/

/** See {@link AppendFault}. Whatever is not known for certain is `unknown`. */
export function classifyFault(error: unknown): AppendFault {
  if (!(error instanceof Error)) return 'unknown'
  const { code, syscall, severity } = error as Error & { code?: string; syscall?: string; severity?: string }
  if ((syscall && neverConnected.has(syscall)) || connectTimeouts.test(error.message)) return 'not-recorded'
  // A host with several addresses that all refuse.
  if (error instanceof AggregateError) return error.errors.every(isNotRecorded) ? 'not-recorded' : 'unknown'
  // Only what the server itself sent has a severity; a SQLSTATE alone could be a code of Node's.
  if (!code || !severity) return 'unknown'
  return classifyState(code, severity)
}

function isNotRecorded(error: unknown): boolean {
  return classifyFault(error) === 'not-recorded'
}

function classifyState(state: string, severity: string): AppendFault {
  if (turnedAway.test(state)) return 'not-recorded'
  if (unknownStates.has(state) || unknownClasses.has(state.slice(0, 2))) return 'unknown'
  // After FATAL and PANIC the session is over, and nobody says at which point of the statement.
  if (severity !== 'ERROR') return 'unknown'
  return contentClasses.has(state.slice(0, 2)) ? 'content' : 'not-recorded'
}
