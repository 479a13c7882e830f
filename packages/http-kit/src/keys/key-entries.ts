/** Turns the configuration into keys: the file of entries and the list in the environment, with a sentence for each error. */
import { hash } from 'node:crypto'
import type { Sliced } from '@commitments/domain'
import { z } from 'zod'

/**
 * `correct` allows no call by itself: together with `record`, it lets a key that is bound to a party correct and retract the events of
 * others.
 */
export const scopes = ['record', 'correct', 'read', 'audit', 'admin', 'webhooks'] as const
export type Scope = (typeof scopes)[number]

/** The scopes that a token can give. A webhook outlives a token, and goes on only as long as the rights of its owner can be looked up. */
export const tokenScopes = scopes.filter((scope) => scope !== 'webhooks')

/** The caller, as far as its key or its token tells. */
export interface Caller {
  /** Name of the key; of a caller with a token, the same as `recordedBy`, which no key can have as its name. */
  readonly name: string
  readonly recordedBy: `key:${string}` | `oidc:${string}`
  /** The only party that the caller can assert for; absent: any. */
  readonly party?: string
  /** The caller speaks for no party: it can record nothing. A sentence says why. */
  readonly speaksForNobody?: string
  readonly scopes: ReadonlySet<Scope>
  /** How the caller signs what it records; absent: it has registered no key to sign with. */
  readonly signing?: Signing
}

/** Whether the caller came with a token of an issuer, and not with a key. */
export function hasToken({ recordedBy }: Caller): boolean {
  return recordedBy.startsWith('oidc:')
}

/** The public keys with which a caller signs what it records. */
export interface Signing {
  /** Whether nothing is recorded for the caller without its signature. */
  readonly required: boolean
  readonly keys: readonly SigningKey[]
}

/** One of them. A caller that changes its key has two, which are both valid for some time. */
interface SigningKey {
  /** The 32 bytes of an Ed25519 public key, in base64url. */
  readonly publicKey: string
  /** Milliseconds since 1970: valid from the first, and no longer at the second. */
  readonly notBefore: number
  readonly expires: number
}

/** One secret of a key. A key that is being changed has two, which are both valid for some time. */
export interface Secret {
  readonly caller: Caller
  /** SHA-256, in lower-case hexadecimal digits. */
  readonly digest: string
  /** Milliseconds since 1970: valid from the first, and no longer at the second. */
  readonly notBefore: number
  readonly expires: number
}

/** The result of reading the sources: secrets, and a sentence for each error. Sentences name keys, never secrets. */
export interface Findings {
  readonly secrets: Secret[]
  readonly names: Set<string>
  /** Names of keys whose secret is short enough to be guessed; known only for secrets that are configured in plain text. */
  readonly weak: string[]
  readonly mistakes: string[]
}

/** A shorter secret could be guessed. */
const shortestStrongSecret = 16

export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/, 'a slug: small letters, digits and hyphens')
const Digest = z.string().regex(/^[0-9a-fA-F]{64}$/, 'the SHA-256 of the secret, 64 hexadecimal digits')
const Instant = z.iso.datetime({ offset: true, error: 'a time such as 2027-01-31T12:00:00Z (RFC 3339)' })
const Term = { notBefore: Instant.optional(), expires: Instant.optional() }
const PublicKey = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
    'an Ed25519 public key: its 32 bytes in base64url without padding, 43 characters',
  )
export const SigningKeys = z
  .array(z.strictObject({ publicKey: PublicKey, ...Term }), {
    error: 'a list of {"publicKey", "notBefore"?, "expires"?}',
  })
  .min(1)
const Dated = z.strictObject({ sha256: Digest, ...Term })
const scopeRule = `must have one scope or more of ${scopes.join(', ')}`
const Named = {
  name: Slug,
  party: Slug.optional(),
  scopes: z.array(z.enum(scopes, scopeRule), scopeRule).min(1, scopeRule),
}
const Entry = z.strictObject({
  ...Named,
  signingKeys: SigningKeys.optional(),
  requireSignature: z.boolean().optional(),
  sha256: z.union([Digest, z.array(z.union([Digest, Dated])).min(1)], {
    error:
      'the SHA-256 of the secret, 64 hexadecimal digits; or a list of such, or of {"sha256", "notBefore"?, "expires"?}',
  }),
  ...Term,
})
type Entry = z.infer<typeof Entry>

/** Entries that are checked in one slice: a file of many thousands must not block everything else. */
const entriesASlice = 500

/** Reads the entries of a key file. */
export function* readEntries(content: unknown, findings: Findings): Sliced<void> {
  if (!Array.isArray(content)) {
    findings.mistakes.push('API_KEYS_FILE: must be a list of entries: [{"name", "party"?, "scopes", "sha256"}]')
    return
  }
  for (const [index, entry] of content.entries()) {
    readEntry(entry, index, findings)
    if (index % entriesASlice === entriesASlice - 1) yield
  }
}

/** The errors of one entry, one sentence each. Empty if a key file can have it. */
export function faultsOfEntry(entry: object): string[] {
  const findings: Findings = { secrets: [], names: new Set(), weak: [], mistakes: [] }
  readEntry(entry, 0, findings)
  return findings.mistakes.map((mistake) => mistake.replace(/^API_KEYS_FILE: (?:0\.)?/, ''))
}

function readEntry(value: unknown, index: number, findings: Findings): void {
  const parsed = Entry.safeParse(value)
  if (parsed.success) {
    addSecrets(parsed.data, findings)
    return
  }
  for (const { path, message } of parsed.error.issues) {
    findings.mistakes.push(`API_KEYS_FILE: ${[index, ...path].join('.')}: ${message}`)
  }
}

function addSecrets({ sha256, ...entry }: Entry, findings: Findings): void {
  addName(entry.name, findings)
  findings.mistakes.push(...signingFaults(entry).map((fault) => `API_KEYS_FILE: ${entry.name}: ${fault}`))
  for (const one of Array.isArray(sha256) ? sha256 : [sha256]) {
    const dated = typeof one === 'string' ? { sha256: one } : one
    addSecret(entry, { ...dated, sha256: dated.sha256.toLowerCase() }, findings)
  }
}

type SigningParts = Pick<Entry, 'signingKeys' | 'requireSignature'>

export function signingFaults({ signingKeys = [], requireSignature = false }: SigningParts): string[] {
  const faults: string[] = []
  if (requireSignature && signingKeys.length === 0)
    faults.push('it requires a signature and has no signingKeys, so that nothing could be recorded with it')
  const seen = new Set<string>()
  for (const { publicKey, notBefore, expires } of signingKeys) {
    if (instant(notBefore, -Infinity) >= instant(expires, Infinity))
      faults.push(`its signing key ${publicKey} expires before it holds`)
    if (seen.has(publicKey)) faults.push(`it has the signing key ${publicKey} twice`)
    seen.add(publicKey)
  }
  return faults
}

/** Two keys of one name could not be told apart in the log. A key that is being changed has both secrets in one entry. */
function addName(name: string, { names, mistakes }: Findings): void {
  if (names.has(name))
    mistakes.push(
      `API_KEYS: the name ${name} is given twice: give one key another name, or put both secrets into one entry`,
    )
  names.add(name)
}

type Terms = Pick<Entry, 'notBefore' | 'expires'>

/** Of the validity of the key and of the secret, the narrower applies. */
function addSecret(entry: Omit<Entry, 'sha256'>, dated: Terms & { sha256: string }, findings: Findings): void {
  const notBefore = Math.max(instant(entry.notBefore, -Infinity), instant(dated.notBefore, -Infinity))
  const expires = Math.min(instant(entry.expires, Infinity), instant(dated.expires, Infinity))
  if (notBefore >= expires) findings.mistakes.push(`API_KEYS_FILE: ${entry.name}: it expires before it holds`)
  if (guessable.has(dated.sha256)) {
    const fault = 'this is the digest of a secret of at most one character (was an empty variable hashed?)'
    findings.mistakes.push(`API_KEYS_FILE: ${entry.name}: ${fault}`)
  }
  findings.secrets.push({ caller: callerOf(entry), digest: dated.sha256, notBefore, expires })
}

function instant(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Date.parse(text)
}

/** Digests of the empty text, of a line feed, and of each single character. */
const guessable: ReadonlySet<string> = new Set(
  ['', '\n', '\r\n', ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))].map((secret) =>
    hash('sha256', secret),
  ),
)

/** Reads the list in the environment: `name:scope+scope:secret,…`. */
export function readList(text: string, shortAllowed: boolean, findings: Findings): void {
  const entries = text.split(',').map((entry) => entry.trim())
  for (const [index, entry] of entries.entries()) {
    if (entry !== '') readListed(entry, `API_KEYS: entry ${index + 1}`, shortAllowed, findings)
  }
}

function readListed(entry: string, place: string, shortAllowed: boolean, findings: Findings): void {
  const [, name, scopeList, secret] = /^([^:]*):([^:]*):(.+)$/s.exec(entry) ?? []
  if (name === undefined || scopeList === undefined || secret === undefined) {
    findings.mistakes.push(`${place}: must be of the form name:scope+scope:secret`)
    return
  }
  const parsed = z.strictObject(Named).safeParse({ name, scopes: scopeList.split('+') })
  if (!parsed.success) {
    // The name is left out of the sentence: in a mistyped entry it may be the secret.
    for (const issue of parsed.error.issues)
      findings.mistakes.push(`${place}: ${String(issue.path[0])}: ${issue.message}`)
    return
  }
  const fault = faultOfSecret(secret, shortAllowed)
  if (fault !== null) {
    findings.mistakes.push(`${place}: ${fault}`)
    return
  }
  addName(name, findings)
  if (secret.length < shortestStrongSecret) findings.weak.push(name)
  const digest = hash('sha256', secret)
  findings.secrets.push({ caller: callerOf(parsed.data), digest, notBefore: -Infinity, expires: Infinity })
}

function faultOfSecret(secret: string, shortAllowed: boolean): string | null {
  if (/^(?:party|expires|notBefore|scopes|sha256)[:=]/i.test(secret)) {
    return 'the form is name:scope+scope:secret, and has no place for a party or a date; API_KEYS_FILE has (its entries are objects)'
  }
  if (/^eyJ[^.]*\.[^.]*\.[^.]*$/.test(secret)) {
    return 'the secret begins with eyJ and has two dots: that is the form of an access token, and no key is looked for there'
  }
  if (!/^[\x21-\x7e]+$/.test(secret)) return 'the secret must be printable ASCII without spaces'
  if (secret.length >= shortestStrongSecret || shortAllowed) return null
  return `the secret is shorter than ${shortestStrongSecret} characters, which is for a HOST of this machine alone (127.0.0.1, ::1, localhost)`
}

type CallerParts = Pick<Entry, 'name' | 'party' | 'scopes' | 'signingKeys' | 'requireSignature'>

function callerOf({ name, party, scopes: allowed, ...entry }: CallerParts): Caller {
  return Object.freeze({
    name,
    recordedBy: `key:${name}` as const,
    ...(party === undefined ? {} : { party }),
    scopes: new Set(allowed),
    ...(entry.signingKeys === undefined ? {} : { signing: signingOf(entry) }),
  })
}

export function signingOf({ signingKeys = [], requireSignature = false }: SigningParts): Signing {
  const keys = signingKeys.map(({ publicKey, notBefore, expires }) => ({
    publicKey,
    notBefore: instant(notBefore, -Infinity),
    expires: instant(expires, Infinity),
  }))
  return { required: requireSignature, keys }
}
