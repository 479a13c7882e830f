import { type KeyObject, sign } from 'node:crypto'
import { isCount } from './bytes.ts'
import { checkedName, keyIdOf, parseKey, publicBytes, signatureTypes, verifierKey, verifies } from './keys.ts'
import { isBy, type NoteSignature, type NoteSigner, type NoteVerifier, parseNote } from './note.ts'

/** A witness's statement that at `time` (POSIX, seconds) this was the largest consistent tree of the log that it had seen. */
export interface Cosignature extends NoteSignature {
  readonly time: number
}

/** The result of opening the cosignatures of a note. */
export type OpenedCosignatures =
  | {
      readonly outcome: 'opened'
      /** The first one of each witness. */
      readonly cosignatures: readonly Cosignature[]
      /** Further valid ones of the same witnesses; no honest note has them. */
      readonly again: readonly Cosignature[]
    }
  | { readonly outcome: 'malformed'; readonly detail: string }
  /** A signature claims a known witness and is not valid: the whole note is refused. */
  | { readonly outcome: 'bad-signature'; readonly name: string }

/** The key ID of a witness's Ed25519 key: type 0x04 (C2SP tlog-cosignature, Format). */
export function cosignerKeyId(name: string, key: KeyObject): number {
  return keyIdOf(checkedName(name), signatureTypes.cosignature, publicBytes(key))
}

/** The verifier key of a witness (C2SP tlog-cosignature, Format: "vkeys with signature type 0x04"). */
export function witnessKey(name: string, key: KeyObject): string {
  return verifierKey(name, key, signatureTypes.cosignature)
}

/** Cosigns texts of checkpoints; `now` gives POSIX seconds. The clock is an argument, since this package has none. */
export function makeCosigner({
  name,
  privateKey,
  now,
}: {
  name: string
  privateKey: KeyObject
  now: () => number
}): NoteSigner {
  return { name, keyId: cosignerKeyId(name, privateKey), sign: (text) => cosign(text, privateKey, now()) }
}

/** Verifies cosignatures (C2SP tlog-cosignature, Ed25519 signed message). */
export function makeCosignatureVerifier({ name, publicKey }: { name: string; publicKey: KeyObject }): NoteVerifier {
  return {
    name,
    keyId: cosignerKeyId(name, publicKey),
    verify(text, signature) {
      const time = cosignatureTime(signature)
      return time !== null && verifies(publicKey, signedMessage(text, time), signature.subarray(8))
    },
  }
}

/** The verifier that a witness's verifier key describes (type 0x04), or null for anything else. Never throws. */
export function parseWitnessKey(vkey: string): NoteVerifier | null {
  const parts = parseKey(vkey, signatureTypes.cosignature)
  return parts && makeCosignatureVerifier(parts)
}

/**
 * The time of a cosignature: POSIX seconds, from its `timestamped_signature` (C2SP tlog-cosignature, Format). Null if it is not one: of
 * another length, or with a time that is zero ("MUST NOT be zero", tlog-witness) or too large.
 */
export function cosignatureTime(signature: Buffer): number | null {
  if (signature.length !== 8 + 64) return null
  const time = Number(signature.readBigUInt64BE(0))
  return Number.isSafeInteger(time) && time > 0 ? time : null
}

/**
 * The cosignatures on a note by the witnesses that the caller knows, one for each; others are ignored. Says nothing about the log's own
 * signature (`openCheckpoint`). Never throws.
 */
export function openCosignatures(note: string | Uint8Array, witnesses: readonly NoteVerifier[]): OpenedCosignatures {
  const parsed = parseNote(note)
  if (typeof parsed === 'string') return { outcome: 'malformed', detail: parsed }
  const found = new Map<NoteVerifier, Cosignature>()
  const again: Cosignature[] = []
  for (const signature of parsed.signatures) {
    const witness = witnesses.find((witness) => isBy(witness, signature))
    if (!witness) continue
    const time = cosignatureTime(signature.signature)
    if (time === null || !witness.verify(parsed.text, signature.signature))
      return { outcome: 'bad-signature', name: signature.name }
    if (found.has(witness)) again.push({ ...signature, time })
    else found.set(witness, { ...signature, time })
  }
  return { outcome: 'opened', cosignatures: [...found.values()], again }
}

function cosign(text: string, privateKey: KeyObject, time: number): Buffer {
  if (!isCount(time) || time === 0) throw new RangeError(`Not a POSIX time: ${time}`)
  const timestamp = Buffer.alloc(8)
  timestamp.writeBigUInt64BE(BigInt(time))
  return Buffer.concat([timestamp, sign(null, Buffer.from(signedMessage(text, time)), privateKey)])
}

/** "Two newline terminated lines … followed by the whole note body of the cosigned checkpoint" (C2SP tlog-cosignature). */
function signedMessage(text: string, time: number): string {
  return `cosignature/v1\ntime ${time}\n${text}`
}
