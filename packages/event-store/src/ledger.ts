/**
 * A ledger is one Postgres schema. Its name becomes part of role names, of a NOTIFY channel and of a search path, so it is a plain
 * lower-case identifier that needs quoting nowhere. 41 characters leave room for the longest suffix within Postgres' limit of 63.
 */
const ledgerPattern = /^[a-z][a-z0-9_]{0,40}$/

/** The two database roles in addition to the owner; the cluster's role is `<ledger>_<role>`. */
export type LedgerRole = 'command' | 'projection'

/** Gives the name back, or throws a sentence that says what would be accepted. */
export function checkLedgerName(name: string): string {
  if (ledgerPattern.test(name) && !name.startsWith('pg_')) return name
  throw new LedgerUnusable(
    `the ledger's name ${JSON.stringify(name)} is not usable: a lower-case letter, then up to 40 of a-z, 0-9 and _, not beginning with pg_`,
  )
}

/** The NOTIFY channel on which positions are announced; the payload is the position. */
export function appendedChannel(ledger: string): string {
  return `${checkLedgerName(ledger)}_appended`
}

/** The cluster-wide name of a ledger's role. */
export function roleName(ledger: string, role: LedgerRole): string {
  return `${checkLedgerName(ledger)}_${role}`
}

/** The ledger cannot be used as it is; the message is a sentence for the operator, with what to do next. */
export class LedgerUnusable extends Error {
  override readonly name = 'LedgerUnusable'
}

/** The oldest major version of Postgres that works: `IS JSON` exists since then, and append_events refuses lines that are no JSON by it. */
export const oldestPostgres = 16
