/** Who signs, under which name, and which witnesses are asked to cosign. */
import type { KeyObject } from 'node:crypto'
import { makeSigner, type NoteSigner, type NoteVerifier, type Policy, verifierKey } from '@commitments/transparency'
import type { Home } from './kept-checkpoint.ts'

export interface Witness {
  readonly verifier: NoteVerifier
  /** Submission and monitoring prefix, without a trailing slash (C2SP tlog-witness, HTTP Interface). */
  readonly url: string
}

/** What an instance needs for signing. */
export interface Signing {
  /** Ed25519 private keys: the current one, and then the one that it replaces, as long as both sign. */
  readonly keys: readonly KeyObject[]
  /** The common origin of all logs of this ledger, one after the other; each log is `<origin>/<Log-Id>`. */
  readonly origin: string
  /** Nobody chose the origin: a log that was signed before keeps its origin, even if the default has changed since. */
  readonly keepsOrigin?: boolean
  /** The public address of the service that signs: a copy of a ledger usually has another. */
  readonly publicUrl?: string | null
  /** Null: the origin of the log (C2SP tlog-checkpoint: "the log's key name SHOULD match the origin line"). */
  readonly keyName: string | null
  /** Where the last signed checkpoints are kept, apart from the database. */
  readonly home: Home
  /** Other homes that may hold what a log has signed under another origin. */
  readonly formerHomes?: (origin: string) => readonly Home[]
  readonly witnesses: readonly Witness[]
  /** Milliseconds after which witnesses cosign the same checkpoint again; absent: 6 hours. */
  readonly renewAfter?: number
  /** Which of the witnesses must have cosigned; null or absent: nothing is required. */
  readonly policy?: Policy | null
  /** Milliseconds that may pass without a quorum; for tests. */
  readonly quorumPatience?: number
  /** What should be fixed in the key files, for the log. */
  readonly warnings?: readonly string[]
}

/**
 * The origin line of a log's checkpoints. An accepted restore gives a new Log-Id and so a new origin. So nothing that contradicts an
 * earlier checkpoint is ever signed under the same origin.
 */
export function originOf({ origin }: Pick<Signing, 'origin'>, logId: string): string {
  return `${origin}/${logId}`
}

/** The origin line of a log that was signed before, from this note; null if it was not signed. */
export function originOfLog(signing: Signing, logId: string, note: string | null): string {
  const before = note === null || !signing.keepsOrigin ? undefined : note.split('\n', 1)[0]
  return before || originOf(signing, logId)
}

export function signersOf({ keyName, keys }: Signing, origin: string): NoteSigner[] {
  const name = keyName ?? origin
  return keys.map((privateKey) => makeSigner({ name, privateKey }))
}

/** The verifier keys (C2SP signed-note, Verifier keys), one line each. */
export function verifierKeysOf({ keyName, keys }: Signing, origin: string): string {
  const name = keyName ?? origin
  return keys.map((key) => `${verifierKey(name, key)}\n`).join('')
}
