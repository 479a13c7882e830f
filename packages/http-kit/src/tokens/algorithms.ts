/** The signatures that are accepted: only those whose checker cannot make them. */

interface KindOfKey {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv?: string
}

/** The kind of key that each algorithm has (RFC 7518, RFC 8037, RFC 9864). */
export const asymmetric: ReadonlyMap<string, KindOfKey> = new Map<string, KindOfKey>([
  ['RS256', { kty: 'RSA' }],
  ['RS384', { kty: 'RSA' }],
  ['RS512', { kty: 'RSA' }],
  ['PS256', { kty: 'RSA' }],
  ['PS384', { kty: 'RSA' }],
  ['PS512', { kty: 'RSA' }],
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
])
