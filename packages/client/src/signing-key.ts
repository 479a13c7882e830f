/** The key of a caller that signs what it records. */

/** An Ed25519 key that can be anywhere, such as in a hardware module. */
export interface Signer {
  /** The 32 bytes of the public key, in base64url without padding. */
  readonly publicKey: string
  /** The 64 bytes of the signature on these bytes. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** A private key of `node:crypto` (`KeyObject`). */
interface NodeKey {
  export(options: { format: 'jwk' }): Jwk
}

/** The members of a JSON Web Key that an Ed25519 key has (RFC 8037). */
interface Jwk {
  readonly kty?: string | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly d?: string | undefined
}

/** A key of WebCrypto, by whatever library the types of the platform come from. */
type WebKey = Parameters<typeof crypto.subtle.sign>[1]

interface WebKeyPair {
  readonly privateKey: WebKey
  readonly publicKey: WebKey
}

export interface SigningOptions {
  /**
   * The name of the API key; with a token, the caller as the log names it (`oidc:<issuer>:<name>`). The signature says that this caller has
   * recorded the event.
   */
  readonly as: string
  /** The private key: a PEM text (PKCS #8), a `KeyObject` of `node:crypto`, a pair of WebCrypto, or a signer of your own. */
  readonly key: string | NodeKey | WebKeyPair | Signer
  /**
   * The `Log-Id` of the log that is meant. Absent: the one of the services, asked once; after a restore, which gives a log a new identity, the first
   * event is refused (`signed-for-another-log`), and the next ones are signed for the new log.
   */
  readonly logId?: string
}

/** The state of signing in one client. */
export interface Signing {
  readonly recordedBy: string
  readonly signer: Promise<Signer>
  readonly fixedLogId: string | undefined
  /** Of the services, once it was asked. */
  logId: Promise<string> | null
}

export function beginSigning({ as, key, logId }: SigningOptions): Signing {
  const signer = signerOf(key)
  // A key that cannot be used is reported by each call that needs it.
  signer.catch(() => {})
  const recordedBy = /^(?:key|oidc):/.test(as) ? as : `key:${as}`
  return { recordedBy, signer, fixedLogId: logId, logId: null }
}

async function signerOf(key: SigningOptions['key']): Promise<Signer> {
  if (typeof key === 'string') return webSigner(await fromPem(key))
  if ('sign' in key) return key
  if ('export' in key) return webSigner(await fromJwk(key.export({ format: 'jwk' })))
  return webSigner(key)
}

async function fromPem(pem: string): Promise<WebKeyPair> {
  const base64 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  if (base64 === undefined) throw new TypeError('The key to sign with must be a PEM text with a PRIVATE KEY (PKCS #8).')
  const bytes = Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0))
  const privateKey = await crypto.subtle.importKey('pkcs8', bytes, 'Ed25519', true, ['sign'])
  return fromJwk(await crypto.subtle.exportKey('jwk', privateKey))
}

async function fromJwk(jwk: Jwk): Promise<WebKeyPair> {
  if (jwk.crv !== 'Ed25519' || jwk.d === undefined)
    throw new TypeError('The key to sign with must be a private Ed25519 key.')
  const { kty, crv, x = '', d } = jwk
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { kty: kty ?? 'OKP', crv, x, d }, 'Ed25519', false, ['sign']),
    crypto.subtle.importKey('jwk', { kty: kty ?? 'OKP', crv, x }, 'Ed25519', true, ['verify']),
  ])
  return { privateKey, publicKey }
}

async function webSigner({ privateKey, publicKey }: WebKeyPair): Promise<Signer> {
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes))
  return { publicKey: base64url(raw), sign }
}

/** Without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
