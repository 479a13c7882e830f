/** Asks an issuer for its public keys: its discovery document, and the key set that this names. */
import type { JWK } from 'jose'
import { asymmetric } from './algorithms.ts'
import { faultOfAddress } from './issuer-settings.ts'

/** The public part of a key, and nothing else of what the issuer says about it. */
export type PublicKey = Readonly<JWK>

/** Bytes of one answer of an issuer, and keys in it. Key sets with certificates have some tens of kilobytes. */
const largest = { bytes: 512 * 1024, keys: 200 }

/** Base64url characters of an RSA modulus: from 2,048 bits, which signatures need, to 8,192, which still are quick to check. */
const modulus = { least: 341, most: 1_366 }

/**
 * The keys with which the issuer signs now. Redirects are not followed, an answer has a bound, and all of it a time.
 *
 * @throws Error whose message ends a sentence about the issuer, for the operator
 */
export async function readKeys(issuer: string, milliseconds: number): Promise<PublicKey[]> {
  const signal = AbortSignal.timeout(milliseconds)
  const discovery = await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal)
  if (discovery.issuer !== issuer) {
    throw new Error('its discovery document names another issuer: `issuer` must be the same in both, byte by byte')
  }
  const { jwks_uri: place } = discovery
  if (typeof place !== 'string') throw new Error('its discovery document has no jwks_uri')
  const fault = faultOfAddress(place.replace(/\?[^#]*$/, ''))
  if (fault !== null) throw new Error(`its jwks_uri ${fault}`)
  const { keys } = await getJson(place, signal)
  if (!Array.isArray(keys)) throw new Error('its key set has no list `keys`')
  if (keys.length > largest.keys) throw new Error(`its key set has more than ${largest.keys} keys`)
  const usable = keys.flatMap((key: unknown) => publicKeyOf(key) ?? [])
  // An empty answer is a fault of the issuer; taking it would refuse everybody until the next look.
  if (usable.length === 0) throw new Error('its key set has no public key that signatures can be checked with')
  return usable
}

async function getJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } }).catch(
    (error: unknown) => {
      throw new Error(`${place(url)} gives no answer (${causeOf(error)})`)
    },
  )
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${place(url)} answers with the status ${response.status}`)
  }
  const text = await readBounded(response, url)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error(`${place(url)} answers with something that is not JSON`)
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${place(url)} answers with no object`)
  return value as Record<string, unknown>
}

async function readBounded(response: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.length
      if (bytes > largest.bytes) break
      parts.push(part)
    }
  } catch (error) {
    throw new Error(`${place(url)} breaks off its answer (${causeOf(error)})`, { cause: error })
  }
  if (bytes > largest.bytes) throw new Error(`${place(url)} answers with more than ${largest.bytes} bytes`)
  return Buffer.concat(parts).toString('utf8')
}

/** Without a query, which may be a secret. */
function place(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error
  if (!(cause instanceof Error)) return message
  return (cause as NodeJS.ErrnoException).code ?? cause.message
}

/** Null for a key that no accepted signature is checked with: a secret one (`oct`), one for encryption, a weak one. */
function publicKeyOf(value: unknown): PublicKey | null {
  if (typeof value !== 'object' || value === null) return null
  const { kty, use, key_ops: ops, alg, kid, crv, n, e, x, y } = value as Record<string, unknown>
  if (use !== undefined && use !== 'sig') return null
  if (Array.isArray(ops) && !ops.includes('verify')) return null
  if (alg !== undefined && !(typeof alg === 'string' && asymmetric.has(alg))) return null
  if (kid !== undefined && typeof kid !== 'string') return null
  const named = { ...(kid === undefined ? {} : { kid }), ...(alg === undefined ? {} : { alg }) }
  if (kty === 'RSA' && isText(n) && isText(e) && n.length >= modulus.least && n.length <= modulus.most)
    return Object.freeze({ kty, n, e, ...named })
  if (kty === 'EC' && isText(crv) && isText(x) && isText(y)) return Object.freeze({ kty, crv, x, y, ...named })
  if (kty === 'OKP' && crv === 'Ed25519' && isText(x)) return Object.freeze({ kty, crv, x, ...named })
  return null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+$/.test(value)
}
