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

// All states are those of the PostgreSQL manual, appendix A, "PostgreSQL Error Codes".

/**
 * Sent to those who connect, before any statement: 28 authorization, no such database, a role or setting that is not there (22023), too many
 * connections, starting or stopping.
 */
const turnedAway = /^(28...|3D000|22023|53300|57P03)$/

/**
 * - 08: connection exception (08007 is "transaction resolution unknown").
 * - 40003: "statement completion unknown".
 * - 57P: the server goes. 57P01 may come after the commit was written, while it waits for a synchronous standby.
 * - 25P03, 25P04, 57P05: time-outs that end the session.
 * - 53100, 58, XX: disk full, system error, internal error. As a PANIC while the commit is written, none of them says whether it was.
 */
const outcomeUnknown = /^(08...|40003|57P..|25P0[34]|53100|58...|XX...)$/

/** 22 data exception, 23 integrity constraint violation, 54 program limit exceeded: what the statement brings is refused. */
const refusedContent = /^(22|23|54)...$/

/** Told by the system, or by node-postgres itself, before anything can have been sent. */
const neverConnected = new Set(['connect', 'getaddrinfo'])
const connectTimeouts = /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/

/** See {@link AppendFault}. Whatever is not known for certain is `unknown`. */
export function classifyFault(error: unknown): AppendFault {
  const state = sqlState(error)
  if (isBeatenToPosition(error)) return 'not-recorded'
  if (state !== null) return classifyState(state)
  // A host with several addresses, none of which answers.
  if (error instanceof AggregateError) return error.errors.every(isNotRecorded) ? 'not-recorded' : 'unknown'
  if (!(error instanceof Error)) return 'unknown'
  const { syscall } = error as NodeJS.ErrnoException
  if ((syscall && neverConnected.has(syscall)) || connectTimeouts.test(error.message)) return 'not-recorded'
  return 'unknown'
}

/** Another body of append_events gave the position away, while a migration replaced it; nothing is wrong with the events. */
function isBeatenToPosition(error: unknown): boolean {
  return sqlState(error) === '23505' && (error as { constraint?: string }).constraint === 'events_pkey'
}

/** The SQLSTATE of an error that the server sent; null for any other (Node's errors have codes too, and some have five letters). */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function isNotRecorded(error: unknown): boolean {
  return classifyFault(error) === 'not-recorded'
}

function classifyState(state: string): AppendFault {
  if (turnedAway.test(state)) return 'not-recorded'
  if (outcomeUnknown.test(state)) return 'unknown'
  return refusedContent.test(state) ? 'content' : 'not-recorded'
}
