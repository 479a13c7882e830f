import { idOfOrigin } from '../log/identity.ts'

/** Under which Log-Ids events of a log can have been signed by their callers. */
export interface Identities {
  /** Its Log-Id; null if it names none. */
  readonly now: string | null
  /** Those that the auditor knows it had before restores that were accepted. */
  readonly given: readonly string[]
  /**
   * Those that its operator has declared, each with the number of events that a trusted key has signed under it; 0 if no checkpoint shows
   * it. Null if nobody was asked for them: otherwise another Log-Id is certainly foreign.
   */
  readonly declared: ReadonlyMap<string, number> | null
}

/** A former name of the log, by a declared restore, and what of it a trusted key has signed. */
interface Declared {
  readonly restore: { readonly oldLogId: string }
  readonly anchor: { readonly size: number } | null
}

interface Sources {
  /** Of the checkpoint that the events are under, and what the service calls its log. */
  readonly origin: string | undefined
  readonly logId: string | null
  readonly given: readonly string[]
  readonly declared: readonly Declared[] | null
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function identitiesOf({ origin, logId, given, declared }: Sources): Identities {
  const named = idOfOrigin(origin ?? null)
  const now = named !== null && uuid.test(named) ? named : logId
  return { now, given, declared: declared && signedUnder(declared) }
}

/** A restore is a row that an operator can invent. What it admits was signed by the log itself under its former name. */
function signedUnder(declared: readonly Declared[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { restore, anchor } of declared)
    sizes.set(restore.oldLogId, Math.max(sizes.get(restore.oldLogId) ?? 0, anchor?.size ?? 0))
  return sizes
}
