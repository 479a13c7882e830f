/** Ed25519 signatures of callers on what they recorded: key and signature in base64url, as the lines of a log hold them (decision 30). */
import type { KeyObject } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import { publicKeyOf, verifies } from './keys.ts'

/** An event, of a request or of a line, with the signature of its recorder. */
interface Said {
  readonly signature?: { readonly value: string } | undefined
  readonly recordedBy: string
  readonly [member: string]: unknown
}

/** Members of a line that the service adds, and that no caller can have signed. */
const ofTheService = ['position', 'recordedAt', 'eventId', 'nonce', 'version', 'schemaVersion', 'traceparent']

/**
 * The text that the signature of an event is over: it begins with the name of this form, so that no signature on anything else can be taken for one
 * on an event. Every member that is not the service's is in it, also one that is unknown here, so that nothing can be added beside what was
 * signed. Null for an event that is not signed. RangeError for one that is nested too deeply.
 */
export function statementOf(event: Said): string | null {
  if (event.signature === undefined) return null
  const { value: _value, ...bound } = event.signature
  const said = Object.fromEntries(Object.entries(event).filter(([name]) => !ofTheService.includes(name)))
  return `commitments-event/1\n${canonicalJson({ ...said, signature: bound })}`
}

/** A signature, and the text that it is said to be over. */
interface CallerSignature {
  /** The 32 bytes of the public key. */
  readonly key: string
  readonly text: string
  /** The 64 bytes of the signature. */
  readonly value: string
}

/**
 * Whether somebody with the private key has signed the text (RFC 8032, 5.1.7). A text that is not exactly the base64url of as many bytes is none, so
 * that a key and a signature have one spelling each. A key of small order, for which anybody can make signatures, has signed nothing. Never throws.
 */
export function signatureHolds({ key, text, value }: CallerSignature): boolean {
  const [raw, signature] = [bytesOf(key, 32), bytesOf(value, 64)]
  return raw !== null && signature !== null && !isOfSmallOrder(raw) && verifies(keyObject(key, raw), text, signature)
}

function bytesOf(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : null
}

/** Making a key object costs as much as half a verification, and few callers sign many events. */
const made = new Map<string, KeyObject>()
const mostMade = 1_000

function keyObject(key: string, raw: Buffer): KeyObject {
  const known = made.get(key)
  if (known) return known
  if (made.size >= mostMade) made.clear()
  const object = publicKeyOf(raw)
  made.set(key, object)
  return object
}

/** The encodings of the eight points of small order, also those that are not canonical, without the bit of the sign. */
const smallOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

function isOfSmallOrder(raw: Buffer): boolean {
  const withoutSign = Buffer.from(raw)
  withoutSign[31] = (withoutSign[31] as number) & 0x7f
  return smallOrder.has(withoutSign.toString('hex'))
}
