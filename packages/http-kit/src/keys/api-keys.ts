/** Keys of callers. Only digests are kept, and a key file is read again while the service runs. */
import { hash } from 'node:crypto'
import { type BigIntStats, readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { drained } from '@commitments/domain'
import { inTurns } from '../event-loop/slices.ts'
import { ConfigError } from '../process/config.ts'
import { saysNotJson } from '../process/not-json.ts'
import { lookAt, missing, signatureOf } from './file-look.ts'
import { tooOpen } from './file-mode.ts'
import { type Caller, type Findings, readEntries, readList, type Secret } from './key-entries.ts'
import { type Signer, sharedSigningKeys } from './signers.ts'

export interface ApiKeys {
  /** The number of known keys, including expired ones. */
  readonly size: number
  /** Names of keys whose secret is short enough to be guessed; known only for secrets that are configured in plain text. */
  readonly weak: readonly string[]
  /** Sentences about the key file, for the log: the file is usable, but should be fixed. */
  readonly warnings: readonly string[]
  /** The state of the key file; null if none is configured. */
  readonly file: KeyFile | null
  /** The caller with this secret, or null. */
  authenticate(secret: string): Caller | null
  /** Why a known secret is refused; null for an unknown secret. */
  whyRefused(secret: string): RefusedKey | null
  /** The caller with a key of this name that is valid now, or null: for what goes on in its name without a request. */
  named(name: string): Caller | null
  /** Whether the key of an admitted caller is still valid, with the same rights: for answers that take long. */
  holds(caller: Caller): boolean
  /** The public keys of the key file. */
  signers(): readonly Signer[]
  /**
   * Reads the key file again, if it has changed or in any case. An unusable file leaves the keys unchanged.
   *
   * @param others the public keys of callers with tokens: a file with one of them is unusable as long as they have it
   */
  reload(always?: boolean, others?: readonly Signer[]): Promise<Reloaded>
}

interface KeyFile {
  /** True if the current file cannot be used; the keys that were read before stay valid. */
  readonly broken: boolean
  /** When the current keys were read. */
  readonly readAt: Date
}

interface RefusedKey {
  readonly name: string
  readonly reason: 'expired' | 'not-yet'
  readonly at: Date
}

type Reloaded =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'read'; readonly size: number; readonly warnings: readonly string[] }
  /** The file cannot be used. */
  | { readonly outcome: 'kept'; readonly mistakes: readonly string[] }

export interface ApiKeySources {
  /**
   * Path of a JSON file: `[{"name", "party"?, "scopes": […], "sha256", "notBefore"?, "expires"?, "signingKeys"?, "requireSignature"?}]`. `sha256` is
   * the hex digest of the secret, or a list of such digests, or of `{"sha256", "notBefore"?, "expires"?}`; `signingKeys` is a list of
   * `{"publicKey", "notBefore"?, "expires"?}`.
   */
  API_KEYS_FILE?: string | undefined
  /** `name:scope+scope:secret,…`, for development. */
  API_KEYS?: string | undefined
  /** The address on which the service listens. If it is not loopback, short secrets are refused. */
  HOST?: string | undefined
  /** `production`: a key file that others can read is refused, not only reported. */
  NODE_ENV?: string | undefined
}

/**
 * Reads the configured keys.
 *
 * @throws ConfigError with every error in both sources, and never with a secret
 */
export function loadApiKeys(sources: ApiKeySources): ApiKeys {
  const path = sources.API_KEYS_FILE?.trim() || null
  const { findings, look } = readSources(sources, path)
  if (findings.mistakes.length > 0) throw new ConfigError(findings.mistakes)
  return liveKeys(sources, path, findings, look)
}

/** The public keys in the key file, as far as it can be read. */
export function signersOfKeys(sources: ApiKeySources): readonly Signer[] {
  const path = sources.API_KEYS_FILE?.trim() || null
  return path === null ? [] : signersOf(readSources(sources, path).findings.secrets)
}

/** The errors of one source alone, so that the configuration check can list them with the others. */
export function apiKeyMistakes(sources: ApiKeySources): string[] {
  try {
    loadApiKeys(sources)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.mistakes]
    throw error
  }
}

/** The current keys. They are replaced as a whole when the file is read again. */
interface Known {
  /**
   * By digest. A lookup takes the same time however many keys there are. Its time could reveal only something about the digest of what was
   * sent, and the beginning of a digest does not help to find a secret.
   */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly byName: ReadonlyMap<string, readonly Secret[]>
  readonly names: number
  readonly signers: readonly Signer[]
  readonly weak: readonly string[]
  readonly warnings: readonly string[]
  readonly readAt: Date
}

function liveKeys(sources: ApiKeySources, path: string | null, first: FileFindings, look: string): ApiKeys {
  let known = knownFrom(first)
  let lastLook = look
  let broken = false
  /** What is wrong only because of the other file: without a change of this one, it can be right at the next look. */
  let shared: readonly string[] = []
  let reloading: Promise<Reloaded> = Promise.resolve({ outcome: 'unchanged' })
  const secretsOfCallers = new WeakMap<Caller, Secret>(Array.from(known.secrets.values(), (one) => [one.caller, one]))

  async function reload(always: boolean, others: readonly Signer[]): Promise<Reloaded> {
    if (path === null) return { outcome: 'unchanged' }
    const now = await lookAt(path)
    if (now === lastLook && shared.length === 0 && !always) return { outcome: 'unchanged' }
    const isNew = now !== lastLook || always
    // Before the file is read, so that a change during the read is seen at the next look.
    lastLook = now
    const findings = await readAgain(sources, path)
    const before = shared
    shared = findings.mistakes.length > 0 ? [] : sharedSigningKeys(signersOf(findings.secrets), others)
    broken = findings.mistakes.length > 0 || shared.length > 0
    const isSaid = !isNew && shared.length > 0 && String(shared) === String(before)
    if (isSaid) return { outcome: 'unchanged' }
    if (broken) return { outcome: 'kept', mistakes: [...findings.mistakes, ...shared] }
    known = knownFrom(findings)
    for (const secret of known.secrets.values()) secretsOfCallers.set(secret.caller, secret)
    return { outcome: 'read', size: known.names, warnings: known.warnings }
  }

  return {
    get size() {
      return known.names
    },
    get weak() {
      return known.weak
    },
    get warnings() {
      return known.warnings
    },
    get file() {
      return path === null ? null : { broken, readAt: known.readAt }
    },
    authenticate(secret) {
      const found = known.secrets.get(hash('sha256', secret))
      return found !== undefined && isInForce(found) ? found.caller : null
    },
    whyRefused(secret) {
      const found = known.secrets.get(hash('sha256', secret))
      return found === undefined ? null : refusalOf(found)
    },
    named(name) {
      return known.byName.get(name)?.find(isInForce)?.caller ?? null
    },
    holds(caller) {
      const admitted = secretsOfCallers.get(caller)
      const now = admitted && known.secrets.get(admitted.digest)
      return now !== undefined && isInForce(now) && hasSameRights(now.caller, caller)
    },
    signers: () => known.signers,
    reload(always = false, others = []) {
      reloading = reloading.then(() => reload(always, others))
      return reloading
    },
  }
}

function isInForce({ notBefore, expires }: Secret): boolean {
  if (notBefore === -Infinity && expires === Infinity) return true
  const now = Date.now()
  return notBefore <= now && now < expires
}

function refusalOf({ caller: { name }, notBefore, expires }: Secret): RefusedKey | null {
  const now = Date.now()
  if (now >= expires) return { name, reason: 'expired', at: new Date(expires) }
  return now < notBefore ? { name, reason: 'not-yet', at: new Date(notBefore) } : null
}

function hasSameRights(a: Caller, b: Caller): boolean {
  return (
    a === b ||
    (a.name === b.name &&
      a.party === b.party &&
      a.scopes.size === b.scopes.size &&
      JSON.stringify(a.signing) === JSON.stringify(b.signing) &&
      [...a.scopes].every((scope) => b.scopes.has(scope)))
  )
}

interface FileFindings extends Findings {
  readonly warnings: string[]
}

function knownFrom({ secrets, names, weak, warnings }: FileFindings): Known {
  return {
    secrets: new Map(secrets.map((secret) => [secret.digest, secret])),
    byName: Map.groupBy(secrets, ({ caller }) => caller.name),
    names: names.size,
    signers: signersOf(secrets),
    weak,
    warnings,
    readAt: new Date(),
  }
}

function nothingFound(): FileFindings {
  return { secrets: [], names: new Set(), weak: [], mistakes: [], warnings: [] }
}

function readSources(sources: ApiKeySources, path: string | null): { findings: FileFindings; look: string } {
  const findings = nothingFound()
  let look = missing
  if (path !== null) {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    look = signatureOf(found)
    judgeMode(found, sources, path, findings)
    const content = parse(path, findings, () => readFileSync(path, 'utf8'))
    if (content !== unreadable) drained(readEntries(content, findings))
  }
  addList(sources, findings)
  return { findings, look }
}

/** The same, yielding to other work in between. */
async function readAgain(sources: ApiKeySources, path: string): Promise<FileFindings> {
  const findings = nothingFound()
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  judgeMode(found, sources, path, findings)
  const text = await readWhole(path, found)
  const content = parse(path, findings, () => {
    if (text instanceof Error) throw text
    return text
  })
  if (content !== unreadable) await inTurns(readEntries(content, findings))
  addList(sources, findings)
  return findings
}

/** Something that is not a file, such as a pipe, might never end, and then no change of the keys would be seen. */
function readWhole(path: string, found: BigIntStats | undefined): Promise<string | Error> {
  if (found !== undefined && !found.isFile()) return Promise.resolve(Object.assign(new Error(), { code: 'ENOTFILE' }))
  return readFile(path, 'utf8').catch((error: unknown) => error as Error)
}

function addList({ API_KEYS, HOST }: ApiKeySources, findings: Findings): void {
  if (API_KEYS !== undefined) readList(API_KEYS, isLoopback(HOST?.trim() || '127.0.0.1'), findings)
  findRepetitions(findings)
  findings.mistakes.push(...sharedSigningKeys(signersOf(findings.secrets)))
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function judgeMode(found: BigIntStats | undefined, sources: ApiKeySources, path: string, findings: FileFindings): void {
  const fault = found === undefined ? null : tooOpen(Number(found.mode))
  if (fault === null) return
  const list = sources.NODE_ENV?.trim() === 'production' ? findings.mistakes : findings.warnings
  list.push(`API_KEYS_FILE: ${path}: ${fault}`)
}

const unreadable = Symbol('unreadable')

function parse(path: string, findings: Findings, read: () => string): unknown {
  let text: string
  try {
    text = read()
  } catch (error) {
    findings.mistakes.push(`API_KEYS_FILE: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return unreadable
  }
  try {
    return JSON.parse(text)
  } catch {
    findings.mistakes.push(`API_KEYS_FILE: the file ${path} ${saysNotJson(text)}`)
    return unreadable
  }
}

function signersOf(secrets: readonly Secret[]): Signer[] {
  return secrets.flatMap(({ caller: { name, signing } }) =>
    (signing?.keys ?? []).map(({ publicKey }): Signer => ({ variable: 'API_KEYS_FILE', caller: name, publicKey })),
  )
}

/** If one secret had two names, it would be arbitrary which one is used. */
function findRepetitions({ secrets, mistakes }: Findings): void {
  const owners = new Map<string, string>()
  for (const { caller, digest } of secrets) {
    const owner = owners.get(digest)
    if (owner === caller.name) mistakes.push(`API_KEYS: ${caller.name} has a secret twice`)
    else if (owner !== undefined)
      mistakes.push(`API_KEYS: ${caller.name} has another key's secret: make a new one for one of them`)
    owners.set(digest, caller.name)
  }
}
