import { fromBase64, fromUtf8 } from './bytes.ts'

/** A signature on a note: "the uint32 key ID" and what the key's algorithm made from the text (C2SP signed-note, Format). */
export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  readonly signature: Buffer
}

/** A signer: name and ID of the key, and the algorithm. */
export interface NoteSigner {
  readonly name: string
  readonly keyId: number
  sign(text: string): Buffer
}

/** Checks whether a signature was made by the key. `verify` never throws. */
export interface NoteVerifier {
  readonly name: string
  readonly keyId: number
  verify(text: string, signature: Buffer): boolean
}

/** A parsed note; nothing about it has been verified. */
export interface UnverifiedNote {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** The result of opening a note. Only a verified one has a text: "The text MUST be ignored unless the note is signed by a trusted key". */
export type OpenedNote =
  | {
      readonly outcome: 'verified'
      readonly text: string
      /** The signatures by known keys, all of them valid. One for each key, the first. */
      readonly verified: readonly NoteSignature[]
      /** Signatures by unknown keys, about which nothing can be said. */
      readonly unknown: readonly NoteSignature[]
    }
  /** Not a note at all. */
  | { readonly outcome: 'malformed'; readonly detail: string }
  /** Well formed, but none of its signatures is by a known key. */
  | { readonly outcome: 'unknown-keys'; readonly names: readonly string[] }
  /** A signature claims a known key and is not valid: the whole note is refused. */
  | { readonly outcome: 'bad-signature'; readonly name: string }

// Signed-note requires a limit, and at least 16 signatures; these limits are far above any honest note.
const maxNoteBytes = 1_000_000
const maxSignatures = 100
// "Any ASCII control characters (those below U+0020) other than newline"; those from U+007F on are allowed.
const controlCharacter = /(?![\n\u007f-\u009f])\p{Cc}/u
const signatureShape = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u

/** "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters" (C2SP signed-note, Format). */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+]+$/u.test(name) && !controlCharacter.test(name)
}

/**
 * The text with one signature line for each signer (C2SP signed-note, Format). The text must end in a newline and have no other control
 * character; otherwise RangeError, because that is an error of the caller.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const fault = textFault(text)
  if (fault !== null) throw new RangeError(fault)
  const lines = signers.map((signer) => signatureLine({ ...signer, signature: signer.sign(text) }))
  return `${text}\n${lines.join('')}`
}

/** A signature line, with its newline: `— <key name> base64(32-bit key ID || signature)` (C2SP signed-note, Signatures). */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw new RangeError(`Not a key name: ${JSON.stringify(name)}`)
  const id = Buffer.alloc(4)
  id.writeUInt32BE(keyId)
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

/** The signatures of lines that each end in a newline, or null if one of them is not a signature line. */
export function parseSignatureLines(text: string): NoteSignature[] | null {
  if (!text.endsWith('\n')) return null
  const lines = text.slice(0, -1).split('\n', maxSignatures + 1)
  const signatures = lines.map(parseSignature)
  return lines.length <= maxSignatures && signatures.every((signature) => signature !== null) ? signatures : null
}

/** Parses a note, or says why it is not one; verifies nothing (C2SP signed-note, Format). Never throws. */
export function parseNote(note: string | Uint8Array): UnverifiedNote | string {
  if (note.length > maxNoteBytes) return `A note has at most ${maxNoteBytes} bytes`
  const whole = fromUtf8(note)
  if (whole === null) return 'A note is valid UTF-8'
  // "The text is separated from the signatures by the last empty line in the note."
  const end = whole.lastIndexOf('\n\n')
  if (end === -1) return 'A note is a text, an empty line and signatures'
  const text = whole.slice(0, end + 1)
  const signatures = parseSignatureLines(whole.slice(end + 2))
  if (signatures === null) return `What follows the last empty line are signature lines, 1 to ${maxSignatures}`
  return textFault(text) ?? { text, signatures }
}

/**
 * Opens a note with the keys that the caller trusts (C2SP signed-note, Signatures). Signatures by unknown keys are ignored, including those
 * that share only the name or only the ID with a known one. Each signature by a known key is verified, and one that fails invalidates the
 * note. Never throws.
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const parsed = parseNote(note)
  if (typeof parsed === 'string') return { outcome: 'malformed', detail: parsed }
  const verified = new Map<NoteVerifier, NoteSignature>()
  const unknown: NoteSignature[] = []
  for (const signature of parsed.signatures) {
    const verifier = verifiers.find((verifier) => isBy(verifier, signature))
    if (!verifier) unknown.push(signature)
    else if (!verifier.verify(parsed.text, signature.signature))
      return { outcome: 'bad-signature', name: signature.name }
    else if (!verified.has(verifier)) verified.set(verifier, signature)
  }
  if (verified.size === 0) return { outcome: 'unknown-keys', names: unknown.map(({ name }) => name) }
  return { outcome: 'verified', text: parsed.text, verified: [...verified.values()], unknown }
}

/**
 * The lines before a note, and the note: requests to witnesses and offline proofs are "lines, an empty line, a checkpoint". Null if there
 * is no empty line or no note after it. Never throws.
 */
export function headAndNote(bytes: string | Uint8Array): { head: string[]; note: string } | null {
  const text = bytes.length <= maxNoteBytes ? fromUtf8(bytes) : null
  const end = text?.indexOf('\n\n') ?? -1
  if (text === null || end === -1) return null
  const note = text.slice(end + 2)
  return typeof parseNote(note) === 'string' ? null : { head: text.slice(0, end).split('\n'), note }
}

/**
 * Whether a signature claims to be by this key. "The tuple of key name and key ID uniquely identifies the key" (C2SP signed-note,
 * Signatures).
 */
export function isBy(key: { readonly name: string; readonly keyId: number }, signature: NoteSignature): boolean {
  return key.name === signature.name && key.keyId === signature.keyId
}

function parseSignature(line: string): NoteSignature | null {
  const [, name, encoded] = signatureShape.exec(line) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  // "The base64 encoding of 4+n bytes": without signature bytes it is not a signature.
  if (name === undefined || !isKeyName(name) || bytes === null || bytes.length < 5) return null
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) }
}

function textFault(text: string): string | null {
  if (!text.endsWith('\n')) return 'The text of a note ends in a newline'
  if (controlCharacter.test(text)) return 'A note holds no control character other than newline'
  return text.isWellFormed() ? null : 'A note is valid UTF-8'
}
