import type { Finding } from '../verdict.ts'
import { callerCheck, callerFinding, checkCaller, type Place } from './check.ts'
import { identitiesOf } from './identities.ts'
import { readSigners } from './signers.ts'

/** What is known from outside about callers who sign. */
export interface CallersGiven {
  /** A file with their public keys. */
  readonly signers?: string | undefined
  /** Log-Ids that the log had before restores. */
  readonly formerLogs?: readonly string[]
}

/** Who recorded these events, as far as it is more than the word of the service; without a network. */
export async function findCallers(
  events: readonly { readonly envelope: Place; readonly line: Buffer }[],
  origin: string | undefined,
  { signers, formerLogs = [] }: CallersGiven,
): Promise<Finding> {
  const check = callerCheck(await readSigners(signers))
  for (const { envelope, line } of events) checkCaller(check, envelope, line)
  return callerFinding(check, identitiesOf({ origin, logId: null, given: formerLogs, declared: null }))
}
