/** Keys of callers. Only digests are kept; the secret of a request is compared with all of them in constant time. */
import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'

/** `correct` opens no call: beside `record` it lets a key that is bound to a party correct and retract the events of others. */
export const scopes = ['record', 'correct', 'read', 'audit', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Who calls, as far as the key tells. */
export interface Caller {
  /** Name of the key. */
  readonly name: string
  readonly recordedBy: `key:${string}`
  /** The only party that the caller may assert for; absent: any. */
  readonly party?: string
  readonly scopes: ReadonlySet<Scope>
}

export interface ApiKeys {
  readonly size: number
  /** Names of keys whose secret is short enough to be guessed; only seen where secrets are configured in the open. */
  readonly weak: readonly string[]
  /** The caller with this secret, or null. Takes the same time whichever key it is, and whether there is one. */
  authenticate(secret: string): Caller | null
}

export interface ApiKeySources {
  /** Path of a JSON file: `[{"name", "party"?, "scopes": […], "sha256": <hex digest of the secret>}]`. */
  API_KEYS_FILE?: string | undefined
  /** `name:scope+scope:secret,…`, for development. */
  API_KEYS?: string | undefined
}

const Slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/, 'a slug: small letters, digits and hyphens')
const KeyEntry = z.strictObject({
  name: Slug,
  party: Slug.optional(),
  scopes: z.array(z.enum(scopes)).min(1),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'the SHA-256 of the secret, 64 hexadecimal digits'),
})
const KeyFile = z.array(KeyEntry)

interface Key {
  caller: Caller
  digest: Buffer
}

/** What reading the sources gave: keys, and a sentence for each mistake. Sentences name keys, never secrets. */
interface Findings {
  keys: Key[]
  weak: string[]
  mistakes: string[]
}

/** Below this a secret could be found by trying. */
const shortestStrongSecret = 16

/**
 * Reads the configured keys.
 * @throws ConfigError with every mistake in both sources; secrets are never part of it.
 */
export function loadApiKeys(sources: ApiKeySources): ApiKeys {
  const findings: Findings = { keys: [], weak: [], mistakes: [] }
  if (sources.API_KEYS_FILE !== undefined) readKeyFile(sources.API_KEYS_FILE, findings)
  if (sources.API_KEYS !== undefined) readKeyList(sources.API_KEYS, findings)
  findRepetitions(findings)
  if (findings.mistakes.length > 0) throw new ConfigError(findings.mistakes)
  return apiKeys(findings.keys, findings.weak)
}

/** The mistakes of one source alone, so that the check of the configuration can list them beside the others. */
export function apiKeyMistakes(sources: ApiKeySources): string[] {
  try {
    loadApiKeys(sources)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.mistakes]
    throw error
  }
}

function apiKeys(keys: readonly Key[], weak: readonly string[]): ApiKeys {
  return { size: keys.length, weak, authenticate: (secret) => authenticate(keys, secret) }
}

function authenticate(keys: readonly Key[], secret: string): Caller | null {
  // By way of a text: a digest that is asked for as a buffer gets memory of its own, which costs three times the digest.
  const digest = Buffer.from(hash('sha256', secret, 'hex'), 'hex')
  let found: Caller | null = null
  for (const key of keys) {
    // No early end: the time must not tell which key it was.
    if (timingSafeEqual(key.digest, digest)) found = key.caller
  }
  return found
}

function readKeyFile(path: string, findings: Findings): void {
  const content = readJsonFile(path, findings)
  if (content === undefined) return
  const parsed = KeyFile.safeParse(content)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      findings.mistakes.push(`API_KEYS_FILE: ${issue.path.join('.') || 'the whole'}: ${issue.message}`)
    }
    return
  }
  for (const { sha256, ...entry } of parsed.data) findings.keys.push(makeKey(entry, Buffer.from(sha256, 'hex')))
}

function readJsonFile(path: string, findings: Findings): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    findings.mistakes.push(`API_KEYS_FILE: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message would quote the file.
    findings.mistakes.push(`API_KEYS_FILE: the file ${path} is not JSON`)
    return undefined
  }
}

function readKeyList(text: string, findings: Findings): void {
  const entries = text.split(',').map((entry) => entry.trim())
  for (const [index, entry] of entries.entries()) {
    if (entry !== '') readKeyListEntry(entry, `API_KEYS: entry ${index + 1}`, findings)
  }
}

function readKeyListEntry(entry: string, place: string, findings: Findings): void {
  const [, name, scopeList, secret] = /^([^:]*):([^:]*):(.+)$/s.exec(entry) ?? []
  if (name === undefined || scopeList === undefined || secret === undefined) {
    findings.mistakes.push(`${place}: must be of the form name:scope+scope:secret`)
    return
  }
  const parsed = KeyEntry.omit({ sha256: true }).safeParse({ name, scopes: scopeList.split('+') })
  if (!parsed.success) {
    // The name is left out of the sentence: in a mistyped entry it may be the secret.
    for (const issue of parsed.error.issues)
      findings.mistakes.push(`${place}: ${String(issue.path[0])}: ${issue.message}`)
    return
  }
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    findings.mistakes.push(`${place}: the secret must be printable ASCII without spaces`)
    return
  }
  if (secret.length < shortestStrongSecret) findings.weak.push(name)
  findings.keys.push(makeKey(parsed.data, hash('sha256', secret, 'buffer')))
}

function makeKey(entry: Omit<z.infer<typeof KeyEntry>, 'sha256'>, digest: Buffer): Key {
  const caller: Caller = {
    name: entry.name,
    recordedBy: `key:${entry.name}`,
    ...(entry.party === undefined ? {} : { party: entry.party }),
    scopes: new Set(entry.scopes),
  }
  return { caller: Object.freeze(caller), digest }
}

/** Two keys of one name could not be told apart in the log; one secret under two names would be a matter of luck. */
function findRepetitions(findings: Findings): void {
  const names = new Set<string>()
  const digests = new Set<string>()
  for (const { caller, digest } of findings.keys) {
    if (names.has(caller.name)) findings.mistakes.push(`API_KEYS: the name ${caller.name} is given twice`)
    if (digests.has(digest.toString('hex'))) findings.mistakes.push(`API_KEYS: ${caller.name} has another key's secret`)
    names.add(caller.name)
    digests.add(digest.toString('hex'))
  }
}
