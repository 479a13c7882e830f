import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly pair: KeyPair
  readonly jwk: JWK
}

interface TokenOptions {
  /** Members of the header; one that is undefined is left out. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Signs instead of the issuer's key. */
  readonly key?: Parameters<SignJWT['sign']>[0] | undefined
}

/** An issuer of access tokens, on loopback. Closed after the test. */
export interface TestIssuer {
  readonly url: string
  /** What it publishes; the first one signs. */
  keys: IssuerKey[]
  /** Answers instead of the issuer; null: it answers itself. */
  instead: RequestListener | null
  /** How often its discovery document was asked for. */
  readonly asked: () => number
  /** A token as RFC 9068 wants it, for the audience `ledger`, by the client `importer`, with these claims; undefined leaves one out. */
  token(claims?: Readonly<Record<string, unknown>>, options?: TokenOptions): Promise<string>
  /** Signs with a new key from now on, and publishes the earlier ones too, unless they are withdrawn. */
  rotate(options?: { withdraw?: boolean }): Promise<void>
  /** Gives no answer any more, or answers again. */
  stop(): Promise<void>
  start(): Promise<void>
}

let made = 0

async function newKey(alg = 'ES256'): Promise<IssuerKey> {
  const kid = `key-${(made += 1)}`
  const pair = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } }
}

export async function startIssuer(t: Cleanup, alg = 'ES256'): Promise<TestIssuer> {
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url?.endsWith('openid-configuration')) asked += 1
    if (issuer.instead !== null) return issuer.instead(request, response)
    const body = request.url?.endsWith('openid-configuration')
      ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }
      : { keys: issuer.keys.map(({ jwk }) => jwk) }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const stop = () => {
    const closed = server.listening ? close() : Promise.resolve()
    server.closeAllConnections()
    return closed
  }
  t.after(stop)
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${port}/realms/test`,
    keys: [await newKey(alg)],
    instead: null,
    asked: () => asked,
    token: (claims = {}, options = {}) => signedToken(issuer, claims, options),
    rotate: async ({ withdraw = false } = {}) => {
      issuer.keys = [await newKey(alg), ...(withdraw ? [] : issuer.keys)]
    },
    stop,
    start: () => listen(port),
  }
  return issuer
}

function signedToken({ url, keys }: TestIssuer, claims: object, { header = {}, key }: TokenOptions): Promise<string> {
  const [first] = keys as [IssuerKey]
  const now = Math.floor(Date.now() / 1_000)
  const usual = {
    iss: url,
    aud: 'ledger',
    sub: 'importer',
    client_id: 'importer',
    jti: `${(made += 1)}`,
    iat: now,
    exp: now + 300,
  }
  const payload = JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload
  const head = JSON.parse(JSON.stringify({ alg: first.alg, typ: 'at+jwt', kid: first.kid, ...header })) as {
    alg: string
  }
  return new SignJWT(payload).setProtectedHeader(head).sign(key ?? first.pair.privateKey)
}

/** An entry of OIDC_ISSUERS_FILE for the issuer: its scopes are ours, and its tokens speak for any party. */
export function issuerEntry({ url }: Pick<TestIssuer, 'url'>, more: object = {}): object {
  return { name: 'test', issuer: url, audience: 'ledger', party: 'any', ...more }
}

/** A file for `OIDC_ISSUERS_FILE` with this content. */
export function issuersFile(t: Cleanup, content: unknown): string {
  const file = join(temporaryFolder(t), 'issuers.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o644 })
  return file
}
