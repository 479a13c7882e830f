/**
 * `LEDGERS`: a file that names the ledgers of one process, with the variables of each under their usual names. Both services read the same
 * file, so an entry can have the variables of either.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicUrl, usualCacheMemory } from '../app/common-variables.ts'
import { tooOpenFile } from '../keys/file-mode.ts'
import type { Environment } from '../process/config.ts'
import { saysNotJson } from '../process/not-json.ts'
import { type Address, addressOf, mistakeIn } from './address-book.ts'

/** What an entry leaves out is as the process has it. */
const usualOfProcess = [
  'DATABASE_URL',
  'COMMAND_DATABASE_URL',
  'PROJECTION_DATABASE_URL',
  'LEDGER_TIME_ZONE',
  'READ_ACCESS',
  'RATE_LIMIT',
  'RECORD_CONNECTIONS',
  'READ_CONNECTIONS',
  'WORK_CONNECTIONS',
  'DOWNLOADS',
  'LIVE_READERS',
  'CACHE_MEMORY',
  'DRIFT_CHECK_RATE',
  'DATA_LICENSE',
  'CLOUDEVENTS_TYPE_PREFIX',
  'PROJECTION_MODE',
  'LOG_SIGNER',
  'LOG_STATE_ETCD',
  'LOG_STATE_ETCD_CA_FILE',
  'LOG_STATE_ETCD_CERT_FILE',
  'LOG_STATE_ETCD_KEY_FILE',
  'WITNESSES',
  'WITNESS_POLICY_FILE',
  'COSIGNATURE_RENEWAL',
  'WEBHOOKS',
  'WEBHOOK_NETWORKS',
] as const

/** What says who a ledger is, and who may do what in it: one for each, and never the process's. */
const ofOneLedger = [
  'LEDGER_SCHEMA',
  'COMMAND_PUBLIC_URL',
  'PROJECTION_PUBLIC_URL',
  'LOG_KEY_FILE',
  'LOG_PREVIOUS_KEY_FILE',
  'LOG_ORIGIN',
  'LOG_KEY_NAME',
  'WEBHOOK_KEY_FILE',
  'IATI_FILE',
] as const

/** The process has its own, for its health and its metrics; no ledger gets them. */
const ofBoth = ['API_KEYS', 'API_KEYS_FILE', 'OIDC_ISSUERS_FILE', 'ALLOWED_ORIGINS'] as const

/** Of the process, a folder that has one for each ledger. */
const folders = ['DATA_DIR', 'LOG_STATE_DIR'] as const

/** The same for all, so that no entry can have them. */
const ofProcess = ['HOST', 'PORT', 'SHUTDOWN_DELAY', 'LOG_LEVEL', 'TRUST_PROXY', 'NODE_ENV', 'XDG_STATE_HOME', 'HOME']

const settings: readonly string[] = [...usualOfProcess, ...ofOneLedger, ...ofBoth, ...folders]

/** Two ledgers with one of these would share their callers, their signatures or what was signed last. */
const neverShared = [
  'API_KEYS',
  'API_KEYS_FILE',
  'OIDC_ISSUERS_FILE',
  'LOG_KEY_FILE',
  'LOG_PREVIOUS_KEY_FILE',
  'LOG_ORIGIN',
  'WEBHOOK_KEY_FILE',
  'DATA_DIR',
  'LOG_STATE_DIR',
] as const

export type ServiceName = 'command' | 'projection'

export interface ListedLedger {
  /** For the log, the metrics and health. */
  readonly name: string
  readonly address: Address
  /** As if the process served this ledger alone. */
  readonly environment: Environment
}

export interface LedgerList {
  readonly ledgers: readonly ListedLedger[]
  /** What is wrong with the list; what is wrong with the variables of one ledger is said by those who read them. Never with a value. */
  readonly mistakes: readonly string[]
  /** Sentences for the log. */
  readonly warnings: readonly string[]
}

const nameRule = 'a name of small letters, digits, hyphens and underscores, at most 40, such as "hue"'
const mostLedgers = 1_000

/** The ledgers that the file names, as far as it can be read. */
export function listLedgers(environment: Environment, service: ServiceName): LedgerList {
  const path = environment['LEDGERS']?.trim() ?? ''
  const mistakes = ofOneLedger.flatMap((name) =>
    environment[name]?.trim()
      ? [`${name}: with LEDGERS, each ledger has its own: set it in the entry of the ledger`]
      : [],
  )
  const entries = readEntries(path, mistakes)
  const warnings = judgeMode(path, environment, mistakes)
  const ledgers = entries.map((entry) => listed(entry, entries.length, environment, service, mistakes))
  mistakes.push(...sharedBy(ledgers, service))
  return { ledgers, mistakes, warnings }
}

/** The mistakes of one ledger, with its name. */
export function ofLedger(name: string, mistakes: readonly string[]): string[] {
  return mistakes.map((mistake) => `LEDGERS: ${name}: ${mistake}`)
}

interface Entry {
  readonly name: string
  readonly own: Readonly<Record<string, string>>
}

function readEntries(path: string, mistakes: string[]): Entry[] {
  const list = parse(path, mistakes)
  if (list === null) return []
  if (!Array.isArray(list) || list.length === 0 || list.length > mostLedgers) {
    mistakes.push(
      `LEDGERS: ${path} must be a JSON list of 1 to ${mostLedgers} ledgers: [{"name": "hue", "LEDGER_SCHEMA": "hue", …}]`,
    )
    return []
  }
  const entries = list.flatMap((one: unknown, index) => readEntry(one, index, mistakes))
  for (const [name, same] of Map.groupBy(entries, (entry) => entry.name))
    if (same.length > 1) mistakes.push(`LEDGERS: ${name}: ${same.length} entries have this name`)
  return entries
}

function parse(path: string, mistakes: string[]): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    mistakes.push(`LEDGERS: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return null
  }
  try {
    return JSON.parse(text)
  } catch {
    mistakes.push(`LEDGERS: the file ${path} ${saysNotJson(text)}`)
    return null
  }
}

function readEntry(one: unknown, index: number, mistakes: string[]): Entry[] {
  const { name: named, ...own } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>
  const isNamed = typeof named === 'string' && /^[a-z0-9][a-z0-9_-]{0,39}$/.test(named)
  const name = isNamed ? named : `entry ${index + 1}`
  if (!isNamed) mistakes.push(...ofLedger(name, [`"name" must be ${nameRule}`]))
  const given: Record<string, string> = {}
  for (const [variable, value] of Object.entries(own)) {
    if (ofProcess.includes(variable))
      mistakes.push(...ofLedger(name, [`${variable}: is the same for all ledgers: set it in the environment`]))
    else if (!settings.includes(variable))
      mistakes.push(...ofLedger(name, [`${variable}: is no setting of a ledger; those are ${settings.join(', ')}`]))
    else if (typeof value !== 'string' && !Number.isSafeInteger(value))
      mistakes.push(...ofLedger(name, [`${variable}: must be a text or a whole number`]))
    else given[variable] = String(value).trim()
  }
  return isNamed ? [{ name, own: given }] : []
}

function judgeMode(path: string, environment: Environment, mistakes: string[]): string[] {
  const fault = tooOpenFile(path)
  if (fault === null) return []
  const sentence = `LEDGERS: ${path}: ${fault}`
  if (environment['NODE_ENV']?.trim() !== 'production') return [sentence]
  mistakes.push(sentence)
  return []
}

/** Instead of an address that cannot be used. */
const nowhere: Address = { host: '', path: '' }

function listed(
  { name, own }: Entry,
  count: number,
  environment: Environment,
  service: ServiceName,
  mistakes: string[],
): ListedLedger {
  const publicAddress = `${service.toUpperCase()}_PUBLIC_URL`
  const address = readAddress(own[publicAddress])
  const isUsable = typeof address === 'object'
  if (!isUsable) mistakes.push(...ofLedger(name, [`${publicAddress}: ${address}`]))
  return {
    name,
    address: isUsable ? address : nowhere,
    environment: {
      CACHE_MEMORY: String(Math.max(leastCache, Math.floor(usualCacheMemory / count))),
      ...pick(environment, [...ofProcess, ...usualOfProcess]),
      ...ownFolders(name, environment),
      ...own,
      ...(isUsable && { PUBLIC_URL: own[publicAddress] }),
    },
  }
}

/** Mebibytes: of what a process has, each ledger gets at least so much. */
const leastCache = 2

function readAddress(text: string | undefined): Address | string {
  const parsed = publicUrl.safeParse(text)
  if (!parsed.success)
    return 'must be the absolute address of the ledger at this service, by whose host or path its requests are told, such as https://hue.example.org or https://example.org/hue'
  const address = addressOf(parsed.data)
  return mistakeIn(address) ?? address
}

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]?.trim()
      return value ? [[name, value]] : []
    }),
  )
}

/** The folder of signed checkpoints must be there in production; one for each ledger is made in the one that is. */
function ownFolders(name: string, environment: Environment): Record<string, string> {
  const data = environment['DATA_DIR']?.trim() || '.data'
  const state = environment['LOG_STATE_DIR']?.trim()
  if (!state) return { DATA_DIR: join(data, 'ledgers', name) }
  makeInside(state, name)
  return { DATA_DIR: join(data, 'ledgers', name), LOG_STATE_DIR: join(state, name) }
}

/** If the folder itself is not there, whoever reads LOG_STATE_DIR says so. */
function makeInside(folder: string, name: string): void {
  try {
    mkdirSync(join(folder, name), { mode: 0o700 })
  } catch (error) {
    if (!['EEXIST', 'ENOENT', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** What two ledgers have in common that each must have for itself. */
function sharedBy(ledgers: readonly ListedLedger[], service: ServiceName): string[] {
  const by = (what: string, keyOf: (ledger: ListedLedger) => string | undefined) =>
    [...Map.groupBy(ledgers, keyOf)].flatMap(([key, same]) =>
      key === undefined || same.length < 2
        ? []
        : [`LEDGERS: ${same.map(({ name }) => name).join(' and ')} have the same ${what}: each ledger needs its own`],
    )
  return [
    ...by(`host and path in ${service.toUpperCase()}_PUBLIC_URL`, ({ address }) =>
      address === nowhere ? undefined : `${address.host}${address.path}`,
    ),
    ...by('database and LEDGER_SCHEMA', ({ environment }) => placeOf(environment, service)),
    ...neverShared.flatMap((name) => by(name, ({ environment }) => environment[name])),
  ]
}

function placeOf(environment: Environment, service: ServiceName): string | undefined {
  const database = environment[`${service.toUpperCase()}_DATABASE_URL`] ?? environment['DATABASE_URL']
  return database === undefined ? undefined : `${database} ${environment['LEDGER_SCHEMA'] ?? ''}`
}
