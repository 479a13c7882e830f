/** The issuers whose access tokens are taken: OIDC_ISSUERS_FILE, with a sentence for each error. */
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { missing, signatureOf } from '../keys/file-look.ts'
import { writableByOthers } from '../keys/file-mode.ts'
import {
  type Scope,
  type Signing,
  SigningKeys,
  Slug,
  signingFaults,
  signingOf,
  tokenScopes,
} from '../keys/key-entries.ts'
import { type Signer, sharedSigningKeys } from '../keys/signers.ts'
import { ConfigError } from '../process/config.ts'
import { saysNotJson } from '../process/not-json.ts'
import { asymmetric } from './algorithms.ts'

/** One issuer of access tokens, and what its claims mean here. */
export interface IssuerSettings {
  /** Stands in `recordedBy`, for ever: `oidc:<name>:<caller>`. */
  readonly name: string
  /** As tokens and the discovery document spell it, byte by byte. */
  readonly issuer: string
  readonly audience: readonly string[]
  readonly algorithms: readonly string[]
  /** Header types, in small letters; `jwt` also stands for none. */
  readonly types: ReadonlySet<string>
  readonly scopes: ScopeRule
  readonly party: PartyRule
  /** The claims that name the caller; the first that is there counts. */
  readonly caller: readonly string[]
  /** Values of callers whose tokens are refused. */
  readonly refused: ReadonlySet<string>
  /** How callers sign what they record, by the value of their claim. */
  readonly signing: ReadonlyMap<string, Signing>
}

interface ScopeRule {
  /** The first that is there counts. */
  readonly claims: readonly string[]
  /** Null: the values are our scopes. What has no entry gives nothing. */
  readonly map: ReadonlyMap<string, readonly Scope[]> | null
}

/** For which party the caller of a token speaks. */
type PartyRule =
  | { readonly rule: 'any' }
  | { readonly rule: 'none' }
  | { readonly rule: 'always'; readonly party: string }
  | {
      readonly rule: 'claim'
      readonly claim: string
      /** Null: the values are parties. */
      readonly map: ReadonlyMap<string, string> | null
      /** A token without the claim speaks for any party. */
      readonly anyWithout: boolean
    }

export interface IssuerSources {
  /** Path of a JSON file: a list of issuers (docs/signing-in.md). */
  OIDC_ISSUERS_FILE?: string | undefined
  /** `production`: a file that others can write is refused, not only reported. */
  NODE_ENV?: string | undefined
}

export interface Issuers {
  /** The file that was read; null: none is configured. */
  readonly path: string | null
  /** What the file looked like when it was read (file-look.ts). */
  readonly look: string
  /** To read it again. */
  readonly sources: IssuerSources
  readonly settings: readonly IssuerSettings[]
  /** Sentences about the file, for the log: it is usable, but should be fixed. */
  readonly warnings: readonly string[]
}

const variable = 'OIDC_ISSUERS_FILE'

/**
 * Reads the issuers. Without a file there are none, and no access token is taken.
 *
 * @throws ConfigError with every error in the file
 */
export function loadIssuers(sources: IssuerSources): Issuers {
  const path = sources.OIDC_ISSUERS_FILE?.trim()
  if (!path) return { path: null, look: missing, sources, settings: [], warnings: [] }
  const mistakes: string[] = []
  const warnings: string[] = []
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  const fault = found === undefined ? null : writableByOthers(Number(found.mode))
  if (fault !== null) {
    const list = sources.NODE_ENV?.trim() === 'production' ? mistakes : warnings
    list.push(`${variable}: ${path}: ${fault}`)
  }
  const settings = readContent(path, mistakes)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { path, look: signatureOf(found), sources, settings, warnings }
}

/** The public keys of callers with tokens. */
export function signersOf(settings: readonly IssuerSettings[]): Signer[] {
  return settings.flatMap(({ name, signing }) =>
    [...signing].flatMap(([value, { keys }]) =>
      keys.map(({ publicKey }) => ({ variable, caller: `${name}: callers.${value}`, publicKey })),
    ),
  )
}

/** The same of the file, as far as it can be read. */
export function signersOfIssuers({ OIDC_ISSUERS_FILE }: IssuerSources): Signer[] {
  const path = OIDC_ISSUERS_FILE?.trim()
  return path ? signersOf(readContent(path, [])) : []
}

/** The errors of the file alone, so that the configuration check can list them with the others. */
export function issuerMistakes(path: string): string[] {
  try {
    loadIssuers({ OIDC_ISSUERS_FILE: path })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.mistakes]
    throw error
  }
}

function readContent(path: string, mistakes: string[]): IssuerSettings[] {
  let text: string
  try {
    // A pipe, for instance, might never end.
    if (!statSync(path).isFile()) throw Object.assign(new Error(), { code: 'ENOTFILE' })
    text = readFileSync(path, 'utf8')
  } catch (error) {
    mistakes.push(`${variable}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return []
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    mistakes.push(`${variable}: the file ${path} ${saysNotJson(text)}`)
    return []
  }
  if (!Array.isArray(content)) {
    mistakes.push(
      `${variable}: must be a list of issuers: [{"name", "issuer", "audience", "scopes", "party"?, "caller"?}]`,
    )
    return []
  }
  const settings = content.flatMap((entry, index) => readEntry(entry, index, mistakes) ?? [])
  findRepetitions(settings, mistakes)
  mistakes.push(...sharedSigningKeys(signersOf(settings)))
  return settings
}

/** Claims that describe a person; the name of a caller stands in a public log for ever. */
const personal: ReadonlySet<string> = new Set([
  'email',
  'preferred_username',
  'name',
  'upn',
  'unique_name',
  'username',
  'user_name',
  'login',
  'nickname',
  'given_name',
  'family_name',
  'middle_name',
  'phone_number',
  'address',
  'birthdate',
  'picture',
  'profile',
  'verified_primary_email',
  'verified_secondary_email',
  'signin_names',
  'ipaddr',
  'onprem_sid',
  'employeeid',
])

/** Claims that differ between the tokens of one caller: a repeated request would be another caller's. */
const passing: ReadonlySet<string> = new Set([
  'jti',
  'sid',
  'uti',
  'nonce',
  'iat',
  'exp',
  'nbf',
  'auth_time',
  'session_state',
  'at_hash',
  'c_hash',
  'rh',
  'aio',
  'scope',
  'scp',
  'aud',
  'iss',
  'acr',
  'amr',
])

const notPersonal =
  'must not name a person or an address: who recorded an event stands in a public, signed line for ever. Take a claim that only the issuer can resolve, such as azp, client_id, or an opaque sub'

/** What is said about a claim that cannot name a caller; null if it can. */
function faultOfCaller(claim: string): string | null {
  const last = (claim.split(/[./:]/).at(-1) ?? claim).toLowerCase()
  if (personal.has(last)) return notPersonal
  if (passing.has(last))
    return 'must be the same in every token of a caller: with another name, a repeated request would be recorded twice'
  return null
}

const Claim = z.string().min(1, 'a claim').max(200)
const CallerClaim = Claim.superRefine((claim, context) => {
  const message = faultOfCaller(claim)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
const ScopeList = z.union([z.enum(tokenScopes), z.array(z.enum(tokenScopes)).min(1)], {
  error: `one of the scopes ${tokenScopes.join(', ')}, or a list of them`,
})
const typs = ['at+jwt', 'JWT'] as const
const Party = z.union(
  [
    z.literal('any'),
    z.strictObject({ always: Slug }),
    z.strictObject({
      claim: Claim,
      map: z.record(z.string(), Slug).optional(),
      without: z.enum(['nobody', 'any']).optional(),
    }),
  ],
  {
    error:
      '{"claim", "map"?, "without"?: "nobody" or "any"}, where map gives parties (slugs); or {"always": "<party>"}; or "any", if every token may speak for every party',
  },
)
const Algorithm = z.string().superRefine((algorithm, context) => {
  if (asymmetric.has(algorithm)) return
  const why = /^(?:none|HS\d+)$/i.test(algorithm)
    ? 'is never accepted: whoever knows what checks such a token could make one'
    : 'is not known'
  context.addIssue({
    code: 'custom',
    message: `${algorithm.slice(0, 20)} ${why}; accepted: ${[...asymmetric.keys()].join(', ')}`,
  })
})
const oneOrMore = <Item extends z.ZodType>(item: Item, error: string) =>
  z.union([item, z.array(item).min(1, error)], { error })
const Entry = z.strictObject({
  name: Slug.max(40, 'at most 40 characters'),
  issuer: z.string().superRefine((issuer, context) => {
    const message = faultOfAddress(issuer)
    if (message !== null) context.addIssue({ code: 'custom', message })
  }),
  audience: oneOrMore(
    z.string().min(1).max(500),
    'the audience (aud) that tokens for this ledger have, or a list of them',
  ),
  algorithms: z.array(Algorithm).min(1).optional(),
  typ: oneOrMore(z.enum(typs), 'at+jwt (RFC 9068) or JWT, or a list of both').optional(),
  scopes: z.strictObject({ claim: Claim.optional(), map: z.record(z.string(), ScopeList).optional() }).optional(),
  party: Party.optional(),
  caller: z.strictObject({ claim: CallerClaim }).optional(),
  refuse: z.array(z.string().min(1)).optional(),
  callers: z
    .record(z.string(), z.strictObject({ signingKeys: SigningKeys, requireSignature: z.boolean().optional() }))
    .optional(),
})
type Entry = z.infer<typeof Entry>

function readEntry(value: unknown, index: number, mistakes: string[]): IssuerSettings | null {
  const parsed = Entry.safeParse(value)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      mistakes.push(`${variable}: ${[index, ...path].join('.')}: ${message}`)
    }
    return null
  }
  const faults = faultsOf(parsed.data)
  mistakes.push(...faults.map((fault) => `${variable}: ${parsed.data.name}: ${fault}`))
  return faults.length > 0 ? null : settingsOf(parsed.data)
}

/** What the parts of an entry say about each other. */
function faultsOf({ scopes: given, party, callers = {} }: Entry): string[] {
  const faults: string[] = []
  const { claim, map } = given ?? {}
  if (claim !== undefined && map === undefined && !['scope', 'scp'].includes(claim)) {
    faults.push(
      `scopes.map: must be given for the claim ${claim}: only \`scope\` and \`scp\` are written for this ledger, and an \`admin\` elsewhere is none here`,
    )
  }
  const mayRecord = map === undefined || Object.values(map).flat().includes('record')
  if (party === undefined && mayRecord) {
    faults.push(
      'party: must be given, because its tokens can have the scope record: {"claim", "map"}, {"always": "<party>"}, or "any"',
    )
  }
  for (const [value, entry] of Object.entries(callers)) {
    faults.push(...signingFaults(entry).map((fault) => `callers.${value}: ${fault}`))
    const fault = faultOfCallerValue(value)
    if (fault !== null) faults.push(`callers.${value}: it ${fault}`)
  }
  return faults
}

const longestCaller = 150

/** What is said about a value that cannot name a caller in the log; null if it can. */
export function faultOfCallerValue(value: string): string | null {
  if (!/^[\x21-\x7e]+$/.test(value)) return 'has characters other than printable ASCII without spaces'
  if (value.length > longestCaller) return `has more than ${longestCaller} characters`
  return /^[^@]+@[^@]+\.[^@.]+$/.test(value)
    ? 'is an e-mail address, and the name of a caller stands in a public log for ever'
    : null
}

/** What is said about the address of an issuer, or of its keys; null if it can be used. */
export function faultOfAddress(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'must be an https URL'
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'must be a URL without user, query and fragment'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return null
  return 'must be an https URL (http is for an issuer on this machine alone: 127.0.0.1, [::1], localhost)'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function settingsOf(entry: Entry): IssuerSettings {
  const { name, issuer, audience, algorithms = [...asymmetric.keys()], typ = 'at+jwt', callers = {} } = entry
  const { claim, map } = entry.scopes ?? {}
  return {
    name,
    issuer,
    audience: [audience].flat(),
    algorithms,
    types: new Set([typ].flat().map((one) => one.toLowerCase())),
    scopes: {
      claims: claim === undefined ? ['scope', 'scp'] : [claim],
      map: map === undefined ? null : new Map(Object.entries(map).map(([value, given]) => [value, [given].flat()])),
    },
    party: partyRuleOf(entry.party),
    caller: entry.caller === undefined ? ['client_id', 'azp'] : [entry.caller.claim],
    refused: new Set(entry.refuse),
    signing: new Map(Object.entries(callers).map(([value, one]) => [value, signingOf(one)])),
  }
}

function partyRuleOf(party: Entry['party']): PartyRule {
  if (party === undefined) return { rule: 'none' }
  if (party === 'any') return { rule: 'any' }
  if ('always' in party) return { rule: 'always', party: party.always }
  const { claim, map, without = 'nobody' } = party
  return {
    rule: 'claim',
    claim,
    map: map === undefined ? null : new Map(Object.entries(map)),
    anyWithout: without === 'any',
  }
}

/** An issuer is chosen by its address, and its callers are told apart by its name. */
function findRepetitions(settings: readonly IssuerSettings[], mistakes: string[]): void {
  for (const member of ['name', 'issuer'] as const) {
    const values = settings.map((one) => one[member])
    for (const value of new Set(values.filter((one, index) => values.indexOf(one) !== index))) {
      mistakes.push(
        `${variable}: the ${member} ${value} is given twice: each issuer has one entry, with a name of its own`,
      )
    }
  }
}
