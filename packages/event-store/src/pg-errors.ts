import { TookTooLong } from './background.ts'
import { LedgerUnusable } from './ledger.ts'

/**
 * What a failed `appendEvents` means for its events.
 *
 * - `not-recorded`: certainly not in the log. There was no connection, or the server answered the statement with an error, and so rolled it
 *   back. The same events can be sent again.
 * - `content`: certainly not in the log, and sending the same again will fail in the same way: one of the events is at fault (a line too
 *   long, a key twice in one batch, text that the database cannot store). Split the batch to find it.
 * - `unknown`: the connection was lost before the answer, or the server says that it cannot tell. The events may be in the log; only
 *   sending them again, with the same eventIds, settles it.
 */
export type AppendFault = 'not-recorded' | 'content' | 'unknown'

// All states are those of the PostgreSQL manual, appendix A, "PostgreSQL Error Codes".

/**
 * Sent to new connections, before any statement: 28 authorization, no such database, a missing role or setting (22023), too many
 * connections, starting or stopping.
 */
const turnedAway = /^(28...|3D000|22023|53300|57P03)$/

/**
 * - 08: connection exception (08007 is "transaction resolution unknown").
 * - 40003: "statement completion unknown".
 * - 57P: the server shuts down. 57P01 can come after the commit was written, while it waits for a synchronous standby.
 * - 25P03, 25P04, 57P05: time-outs that end the session.
 * - 53100, 58, XX: disk full, system error, internal error. As a PANIC during the commit, none of them says whether it was written.
 */
const outcomeUnknown = /^(08...|40003|57P..|25P0[34]|53100|58...|XX...)$/

/** 22 data exception, 23 integrity constraint violation, 54 program limit exceeded: the content of the statement is refused. */
const refusedContent = /^(22|23|54)...$/

/** Reported by the system, or by node-postgres itself, before anything can have been sent. */
const neverConnected = new Set(['connect', 'getaddrinfo'])
const connectTimeouts = /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/

/** See {@link AppendFault}. Anything uncertain is `unknown`. */
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

/** Postgres also says so of what is in a schema that is closed to the user. */
function restoring(what: string): string {
  return `${what} of the ledger is not there, or its schema is closed to the user of this service: it is being restored, or has to be (\`npm run migrate\` adds rights that are missing)`
}

const passing: Readonly<Record<string, string>> = {
  '25006': 'the database only reads',
  '28000': 'the database refuses the user of this service',
  '28P01': 'the database refuses the user of this service, or its password',
  '3D000': 'there is no such database on the server',
  '3F000': 'the schema of the ledger is not there',
  '42501': 'the user of this service lacks a right in the database: `npm run migrate` adds those that are missing',
  '42883': restoring('a function'),
  '42P01': restoring('a table'),
  '53100': 'the disk of the database is full',
  '53200': 'the database has no memory left',
  '53300': 'the database has no connections left: raise its max_connections, or give the services fewer',
  '55P03': 'a lock in the database is held by another session; pg_locks and pg_stat_activity show by whom',
  '57014': 'the database took too long and gave up',
  '57P01': 'the database ended the connection: it is being stopped, or an administrator did it',
  '57P02': 'the database crashed and starts again',
  '57P03': 'the database is starting or stopping, and takes no connections',
}

/**
 * What a fault of the database means for an operator: a sentence without addresses, users and data. Null for a fault that says something about
 * the statement.
 */
export function describeFault(error: unknown): string | null {
  const state = sqlState(error)
  if (state !== null) return describeState(state)
  if (error instanceof LedgerUnusable) return error.message
  if (error instanceof AggregateError) return describeFault(error.errors[0])
  if (!(error instanceof Error)) return null
  const [wanted] = /target_session_attrs=[a-z-]+/.exec(error.message) ?? []
  if (wanted !== undefined) return `no server of the address can be reached and fits ${wanted}`
  if (connectTimeouts.test(error.message)) {
    return 'the database gave no connection in time: it hangs, or all connections of this service are in use'
  }
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined) return `the database cannot be reached (${code ?? syscall})`
  if (/^Connection terminated|^Client has encountered a connection error/.test(error.message)) {
    return 'the connection to the database was lost'
  }
  if (error instanceof TookTooLong) return 'the database gave no answer in time'
  return error.cause === undefined ? null : describeFault(error.cause)
}

function describeState(state: string): string | null {
  const known = passing[state]
  if (known !== undefined) return `${known} (${state})`
  return /^(08|53|57|58)/.test(state) ? `the database cannot work now (${state})` : null
}

/** Another version of append_events took the position, while a migration replaced it; the events are not at fault. */
function isBeatenToPosition(error: unknown): boolean {
  return sqlState(error) === '23505' && (error as { constraint?: string }).constraint === 'events_pkey'
}

/** The SQLSTATE of an error from the server; null for any other (Node's errors have codes too, and some have five letters). */
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
