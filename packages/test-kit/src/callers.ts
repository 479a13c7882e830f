import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventBody, Signature } from '@commitments/domain'
import { statementOf } from '@commitments/transparency'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

/** A key that a service knows. */
interface Caller {
  readonly name: string
  readonly scopes: readonly string[]
  readonly party?: string
  readonly signingKeys?: readonly object[]
  readonly requireSignature?: boolean
}

/** The secret of the key of that name in a {@link keyFile}. */
export function secretOf(name: string): string {
  return `${name}-secret-0123456789`
}

/** A file for `API_KEYS_FILE` with these keys. */
export function keyFile(t: Cleanup, callers: readonly Caller[]): string {
  const file = join(temporaryFolder(t), 'keys.json')
  const entries = callers.map((caller) => ({ ...caller, sha256: hash('sha256', secretOf(caller.name)) }))
  writeFileSync(file, JSON.stringify(entries))
  return file
}

/** The public key of a private Ed25519 key, as signatures of callers and key files have it. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).x as string
}

/** What a caller's signature binds besides the event. */
export interface SignedFor {
  readonly key: KeyObject
  readonly log: string
  readonly once: string
  readonly version?: number
  readonly proposalId: string
  readonly recordedBy: string
}

/** The event with a signature of the caller, made without the client. */
export function signedBy<Body extends EventBody>(
  body: Body,
  { key, proposalId, recordedBy, ...bound }: SignedFor,
): Body & { signature: Signature } {
  const signature = { key: publicKeyText(key), ...bound, value: '' }
  const text = statementOf({ ...body, proposalId, recordedBy, signature }) as string
  return { ...body, signature: { ...signature, value: sign(null, Buffer.from(text), key).toString('base64url') } }
}
