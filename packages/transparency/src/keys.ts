import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { fromBase64 } from './bytes.ts'
import { isKeyName, type NoteSigner, type NoteVerifier } from './note.ts'

/** The signature type identifier bytes that we know (C2SP signed-note, Signature types). Of the last, only keys are read. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04, mlDsa44: 0x06 } as const

/** One of the signature type identifier bytes that we use. */
type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes]

const vkeyShape = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u

/** "key ID = SHA-256(key name || 0x0A || signature type || public key)[:4]" (C2SP signed-note, Signatures), as a number. */
export function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): number {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(publicKey).digest().readUInt32BE(0)
}

/**
 * Signs notes with an Ed25519 key under a name (C2SP signed-note, Ed25519 signatures). RangeError for another kind of key or an invalid
 * name.
 */
export function makeSigner({ name, privateKey }: { name: string; privateKey: KeyObject }): NoteSigner {
  const keyId = keyIdOf(checkedName(name), signatureTypes.ed25519, publicBytes(privateKey))
  return { name, keyId, sign: (text) => sign(null, Buffer.from(text), privateKey) }
}

/**
 * Verifies Ed25519 signatures on notes (C2SP signed-note, Ed25519 signatures). Takes the public key, or the private key that it belongs to.
 */
export function makeVerifier({ name, publicKey }: { name: string; publicKey: KeyObject }): NoteVerifier {
  const keyId = keyIdOf(checkedName(name), signatureTypes.ed25519, publicBytes(publicKey))
  return { name, keyId, verify: (text, signature) => verifies(publicKey, text, signature) }
}

/**
 * A verifier key: `<key name>+hex(32-bit key ID)+base64(signature type
 *
 * public key)` (C2SP signed-note, Verifier keys). By default, it is that of a log's key.
 */
export function verifierKey(name: string, key: KeyObject, type: SignatureType = signatureTypes.ed25519): string {
  const bytes = publicBytes(key)
  const id = keyIdOf(checkedName(name), type, bytes).toString(16).padStart(8, '0')
  return `${name}+${id}+${Buffer.concat([Buffer.of(type), bytes]).toString('base64')}`
}

/** The verifier that a log's verifier key describes (type 0x01), or null for anything else. Never throws. */
export function parseVerifierKey(vkey: string): NoteVerifier | null {
  const parts = parseKey(vkey, signatureTypes.ed25519)
  return parts && makeVerifier(parts)
}

/** Name and key of a verifier key of one type; null where it is malformed, of another type, or bears an ID that is not its own. */
export function parseKey(
  vkey: string,
  type: Exclude<SignatureType, 0x06>,
): { name: string; publicKey: KeyObject } | null {
  const parts = vkeyParts(vkey)
  return parts?.type === type ? { name: parts.name, publicKey: publicKeyOf(parts.publicKey) } : null
}

/** What a verifier key of a known type consists of; null for anything else. Never throws. */
export function vkeyParts(vkey: string): { name: string; type: SignatureType; publicKey: Buffer } | null {
  const [, name, id, encoded] = vkeyShape.exec(vkey) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || id === undefined || !isKeyName(name) || !bytes) return null
  const type = Object.values(signatureTypes).find((known) => known === bytes[0])
  const publicKey = bytes.subarray(1)
  if (type === undefined || publicKey.length !== (type === signatureTypes.mlDsa44 ? 1312 : 32)) return null
  return keyIdOf(name, type, publicKey) === Number.parseInt(id, 16) ? { name, type, publicKey } : null
}

/** The 32 bytes of an Ed25519 public key (RFC 8032, 5.1.2), also of a private key's. RangeError for another kind of key. */
export function publicBytes(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RangeError(`An Ed25519 key is needed, not ${key.asymmetricKeyType ?? key.type}`)
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return Buffer.from(x as string, 'base64url')
}

/** Whether an Ed25519 signature on a text is valid (RFC 8032, 5.1.7). */
export function verifies(publicKey: KeyObject, text: string, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, Buffer.from(text), publicKey, signature)
}

/** The name, if it is valid. */
export function checkedName(name: string): string {
  if (!isKeyName(name))
    throw new RangeError(`A key name is not empty and holds neither spaces nor "+": ${JSON.stringify(name)}`)
  return name
}

/** The key of its 32 bytes. */
export function publicKeyOf(raw: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
}
