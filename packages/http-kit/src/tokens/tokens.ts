/** Access tokens of callers (RFC 9068): verified once, and kept for as long as they hold. */
import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { lookAt } from '../keys/file-look.ts'
import type { Caller } from '../keys/key-entries.ts'
import { type Signer, sharedSigningKeys } from '../keys/signers.ts'
import { ConfigError } from '../process/config.ts'
import { type Claims, callerOfClaims, claimedCaller } from './claims.ts'
import { IssuerKeys, type KeyTimes, usualTimes } from './issuer-keys.ts'
import { type IssuerSettings, type Issuers, loadIssuers, signersOf } from './issuer-settings.ts'
import type { PublicKey } from './read-keys.ts'

export interface Tokens {
  readonly issuers: readonly Issuer[]
  readonly warnings: readonly string[]
  /** True if the current file of issuers cannot be used; those that were read before stay. */
  readonly isBroken: boolean
  /** Verified tokens that are kept now. */
  readonly kept: number
  /** The caller of a token that was verified before and still holds; null if it has to be verified. */
  find(token: string): Caller | null
  /**
   * Verifies a token, and keeps it.
   *
   * @param waits whether an unknown key of the issuer is waited for, some seconds
   */
  verify(token: string, waits: boolean): Promise<Verified>
  /** The caller that a token names, verified or not. */
  claimedBy(token: string): string | null
  /** Whether the token of an admitted caller still holds: for answers that take long. */
  holds(caller: Caller): boolean
  /**
   * Reads the file of issuers again, if it has changed or in any case. An unusable file changes nothing. Kept tokens and running answers of an
   * issuer whose entry has changed hold no longer; its keys are kept.
   *
   * @param others the public keys of callers with keys: a file with one of them is unusable as long as they have it
   */
  reload(always?: boolean, others?: readonly Signer[]): Promise<Reloaded>
  /** The public keys of callers with tokens. */
  signers(): readonly Signer[]
  /** Reads the keys of the issuers, in the background, until it is stopped. */
  start(): void
  stop(): void
}

export interface Issuer {
  readonly settings: IssuerSettings
  readonly keys: IssuerKeys
}

/** The issuers of one reading of the file. They are replaced as a whole. */
interface Known {
  readonly all: readonly Issuer[]
  readonly byAddress: ReadonlyMap<string, Issuer>
  readonly warnings: readonly string[]
}

export type Verified =
  | { readonly outcome: 'caller'; readonly caller: Caller }
  /** `isForeign`: nothing shows that an issuer of ours has made it, so somebody may be trying. The reason is a sentence without anything of the token. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly isForeign: boolean }
  | { readonly outcome: 'unavailable'; readonly issuer: string; readonly retryAfter: number }

type Reloaded =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'read'; readonly issuers: number; readonly warnings: readonly string[] }
  | { readonly outcome: 'kept'; readonly mistakes: readonly string[] }

interface TokensOptions {
  readonly logger: Logger
  /** For tests. */
  readonly times?: Partial<TokenTimes>
}

export interface TokenTimes extends KeyTimes {
  /** Milliseconds for which a verified token is kept at most. */
  readonly keepFor: number
}

/** Seconds by which clocks may differ, and for which a token may be valid. */
const tolerance = 30
const longestLife = 24 * 3_600

/** Milliseconds, and the number of tokens: with their callers some megabytes. */
const usualKeepFor = 5 * 60_000
const mostKept = 10_000

interface Kept {
  readonly caller: Caller
  readonly issuer: Issuer
  readonly key: PublicKey
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** A token as it was sent: nothing of it is known to be true. */
interface Said {
  readonly issuer: Issuer
  readonly alg: string
  readonly typ: unknown
  readonly kid: string | undefined
  readonly claims: Claims
}

/** Whether a text in `Authorization` is a token of an issuer. Everything else is a key; nothing is taken for both. */
export function isToken(text: string): boolean {
  if (!text.startsWith('eyJ')) return false
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  return first > 0 && second > 0 && !text.includes('.', second + 1)
}

/** A clock that is never set back. */
const now = () => performance.now()

/** The tokens of the configured issuers; null if no file of issuers is configured. */
export function openTokens(first: Issuers, { logger, times = {} }: TokensOptions): Tokens | null {
  const { path, sources } = first
  if (path === null) return null
  const keyTimes: KeyTimes = { ...usualTimes, ...times }
  const keepFor = times.keepFor ?? usualKeepFor
  const open = (one: IssuerSettings) => ({ settings: one, keys: new IssuerKeys(one, logger, keyTimes, now) })
  let known = knownFrom(first, [], open)
  let lastLook = first.look
  let isBroken = false
  /** What is wrong only because of the key file: without a change of this one, it can be right at the next look. */
  let shared: readonly string[] = []
  let isStarted = false
  const kept = new LRUCache<string, Kept>({ max: mostKept, ttl: keepFor, ttlResolution: 0 })
  const admitted = new WeakMap<Caller, Kept>()
  /** Requests that bring the same token at the same time share its verification. */
  const underWay = new Map<string, Promise<Verified>>()

  async function verifyNow(token: string, digest: string, waits: boolean): Promise<Verified> {
    const said = read(token, known.byAddress)
    if (typeof said === 'string') return foreign(said)
    const found = await said.issuer.keys.find(said, waits)
    if (found.outcome === 'unavailable') {
      return { outcome: 'unavailable', issuer: said.issuer.settings.name, retryAfter: found.retryAfter }
    }
    if (found.outcome === 'none') return foreign('The token is signed with a key that its issuer does not publish.')
    if (found.outcome === 'several') return foreign('The token does not say which key of its issuer signed it (kid).')
    const verified = await verifyWith(token, said, found.key)
    if ('reason' in verified) return { outcome: 'refused', ...verified }
    const caller = callerOfClaims(said.issuer.settings, verified.claims)
    if (typeof caller === 'string') return own(`The token ${caller}.`)
    const one: Kept = { caller, issuer: said.issuer, key: found.key, expires: verified.expires }
    kept.set(digest, one)
    admitted.set(caller, one)
    return { outcome: 'caller', caller }
  }

  /** Until it expires, and only while its issuer is configured as it was and publishes the key: a key that was withdrawn takes its tokens along. */
  function isInForce({ issuer, key, expires }: Kept): boolean {
    return Date.now() < expires && issuer.keys.has(key) && known.byAddress.get(issuer.settings.issuer) === issuer
  }

  async function reload(file: string, always: boolean, others: readonly Signer[]): Promise<Reloaded> {
    const look = await lookAt(file)
    if (look === lastLook && shared.length === 0 && !always) return { outcome: 'unchanged' }
    const isNew = look !== lastLook || always
    // Before the file is read, so that a change during the read is seen at the next look.
    lastLook = look
    const before = shared
    shared = []
    let found: Issuers
    try {
      found = loadIssuers(sources)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      isBroken = true
      return { outcome: 'kept', mistakes: error.mistakes }
    }
    shared = sharedSigningKeys(signersOf(found.settings), others)
    isBroken = shared.length > 0
    if (isBroken) {
      const isSaid = !isNew && String(shared) === String(before)
      return isSaid ? { outcome: 'unchanged' } : { outcome: 'kept', mistakes: shared }
    }
    replaceBy(knownFrom(found, known.all, open))
    return { outcome: 'read', issuers: known.all.length, warnings: found.warnings }
  }

  function replaceBy(next: Known): void {
    const before = known.all
    known = next
    for (const { keys } of before) if (!next.all.some((one) => one.keys === keys)) keys.stop()
    if (!isStarted) return
    for (const { keys } of next.all) if (!before.some((one) => one.keys === keys)) keys.start()
  }

  return {
    get issuers() {
      return known.all
    },
    get warnings() {
      return known.warnings
    },
    get isBroken() {
      return isBroken
    },
    get kept() {
      return kept.size
    },
    find(token) {
      const one = kept.get(hash('sha256', token, 'base64'))
      return one !== undefined && isInForce(one) ? one.caller : null
    },
    verify(token, waits) {
      const digest = hash('sha256', token, 'base64')
      const key = `${waits} ${digest}`
      const running = underWay.get(key)
      if (running !== undefined) return running
      const work = verifyNow(token, digest, waits).finally(() => underWay.delete(key))
      underWay.set(key, work)
      return work
    },
    claimedBy(token) {
      const said = read(token, known.byAddress)
      return typeof said === 'string' ? null : claimedCaller(said.issuer.settings, said.claims)
    },
    holds(caller) {
      const one = admitted.get(caller)
      return one !== undefined && isInForce(one)
    },
    reload: (always = false, others = []) => reload(path, always, others),
    signers: () => signersOf(known.all.map(({ settings }) => settings)),
    start() {
      isStarted = true
      for (const { keys } of known.all) keys.start()
    },
    stop() {
      isStarted = false
      for (const { keys } of known.all) keys.stop()
    },
  }
}

function foreign(reason: string): Verified {
  return { outcome: 'refused', reason, isForeign: true }
}

function own(reason: string): Verified {
  return { outcome: 'refused', reason, isForeign: false }
}

/** An issuer whose entry is the same stays the same; one with the same name and address keeps its keys. */
function knownFrom(
  { settings, warnings }: Issuers,
  before: readonly Issuer[],
  open: (settings: IssuerSettings) => Issuer,
): Known {
  const all = settings.map((one): Issuer => {
    const earlier = before.find(({ settings: { name, issuer } }) => name === one.name && issuer === one.issuer)
    if (earlier === undefined) return open(one)
    return isDeepStrictEqual(earlier.settings, one) ? earlier : { settings: one, keys: earlier.keys }
  })
  return { all, byAddress: new Map(all.map((issuer) => [issuer.settings.issuer, issuer])), warnings }
}

/** The token without its signature, or the sentence that refuses it. Its issuer is chosen here, and by nothing else that it says. */
function read(token: string, issuers: ReadonlyMap<string, Issuer>): Said | string {
  let header: Readonly<Record<string, unknown>>
  let claims: Claims
  try {
    header = decodeProtectedHeader(token)
    claims = decodeJwt(token)
  } catch {
    return 'The token cannot be read: it is not a JWT.'
  }
  const issuer = typeof claims.iss === 'string' ? issuers.get(claims.iss) : undefined
  if (issuer === undefined) return 'The token is of an issuer (iss) that is not configured here.'
  const { alg, typ, kid } = header
  const { algorithms, types } = issuer.settings
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    return `The token is signed with an algorithm (alg) that is not accepted; accepted: ${algorithms.join(', ')}.`
  }
  if (!types.has(typeOf(typ))) {
    return `The token is no access token: its type (typ) must be ${[...types].map((one) => (one === 'jwt' ? 'JWT' : one)).join(' or ')}.`
  }
  // Keycloak says in the claims what a token is for.
  if (claims.typ === 'ID' || claims.typ === 'Refresh' || claims.typ === 'Logout') {
    return 'The token is no access token: send the access token, not the ID token or the refresh token.'
  }
  return { issuer, alg, typ, kid: typeof kid === 'string' ? kid : undefined, claims }
}

/** In small letters and without `application/` (RFC 7515); tokens without a type are those of before RFC 9068. */
function typeOf(typ: unknown): string {
  if (typ === undefined) return 'jwt'
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''
}

type Refusal = { readonly reason: string; readonly isForeign: boolean }

async function verifyWith(
  token: string,
  { issuer: { settings }, alg }: Said,
  key: PublicKey,
): Promise<{ readonly claims: Claims; readonly expires: number } | Refusal> {
  const { issuer, audience } = settings
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [alg],
      issuer,
      audience: [...audience],
      clockTolerance: tolerance,
      requiredClaims: ['exp'],
    })
    const { exp = 0, iat } = payload
    const now = Date.now() / 1_000
    if (exp - Math.min(iat ?? now, now) > longestLife + tolerance) {
      return { reason: `The token is valid for longer than ${longestLife / 3_600} hours.`, isForeign: false }
    }
    return { claims: payload, expires: (exp + tolerance) * 1_000 }
  } catch (error) {
    return refusalOf(error)
  }
}

/** Once the signature holds, the issuer has made the token, and nobody is trying. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return { reason: 'The token has expired.', isForeign: false }
  if (error instanceof errors.JWTClaimValidationFailed) return { reason: claimRefusal(error), isForeign: false }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return { reason: 'The signature of the token does not hold.', isForeign: true }
  }
  if (error instanceof errors.JOSEError)
    return { reason: 'The token cannot be read: it is not a JWT.', isForeign: true }
  // A key that does not fit its algorithm, such as a point that is not on its curve.
  return { reason: 'The token cannot be checked with the key that its issuer publishes.', isForeign: true }
}

function claimRefusal({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `The token has no claim ${claim}.`
  if (claim === 'aud') return 'The token is not for this service: its audience (aud) is another.'
  if (claim === 'nbf') return 'The token is not valid yet (nbf).'
  return `The claim ${claim} of the token is not as it must be.`
}
