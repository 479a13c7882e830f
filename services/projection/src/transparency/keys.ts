/** The files with the keys of the log. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { accessSync, constants, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tooOpenFile } from '@commitments/http-kit/file-mode'
import { makeStateFolder, moveFormerState, placeWarnings } from './state-folder.ts'

interface KeyVariables {
  readonly LOG_KEY_FILE?: string | undefined
  readonly LOG_PREVIOUS_KEY_FILE?: string | undefined
  readonly LOG_STATE_DIR?: string | undefined
  readonly DATA_DIR: string
  readonly NODE_ENV?: string | undefined
}

interface Keys {
  /** The current key, and the previous one if that still signs. */
  readonly keys: KeyObject[]
  /** Where the last signed checkpoints are kept. */
  readonly folder: string
  /** Sentences, each with the variable to fix; no secrets. Empty if everything is right. */
  readonly mistakes: string[]
  /** Sentences for the log: the files are usable, but should be fixed. */
  readonly warnings: string[]
}

/** In the data folder, unless LOG_KEY_FILE says otherwise. */
const usualKeyFile = 'log-key.pem'

/**
 * Reads the keys. Outside production a missing key is created, so that a first start needs no preparation.
 *
 * @param usualFolder the folder of the last signed checkpoints if LOG_STATE_DIR is not set
 */
export function readKeys(variables: KeyVariables, usualFolder: string): Keys {
  const { LOG_KEY_FILE, LOG_PREVIOUS_KEY_FILE, LOG_STATE_DIR, DATA_DIR, NODE_ENV } = variables
  const isProduction = NODE_ENV === 'production'
  const file = LOG_KEY_FILE ?? join(DATA_DIR, usualKeyFile)
  const mistakes: string[] = []
  if (isProduction && LOG_KEY_FILE === undefined) mistakes.push(missingVariable)
  else if (!isProduction) attempt(mistakes, `LOG_KEY_FILE: ${file}`, () => makeKey(file))
  const files = [
    ['LOG_KEY_FILE', isProduction ? LOG_KEY_FILE : file] as const,
    ['LOG_PREVIOUS_KEY_FILE', LOG_PREVIOUS_KEY_FILE] as const,
  ]
  const keys = mistakes.length > 0 ? [] : files.flatMap(([name, path]) => readKey(mistakes, name, path))
  const open = files.flatMap(([name, path]) => openTo(name, path))
  if (isProduction) mistakes.push(...open)
  const folder = LOG_STATE_DIR ?? usualFolder
  const moved = attempt(mistakes, `LOG_STATE_DIR: ${folder}`, () => {
    // A configured folder that does not exist is a volume that is not mounted.
    if (!isProduction || LOG_STATE_DIR === undefined) makeStateFolder(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return LOG_STATE_DIR === undefined ? moveFormerState(dirname(file), folder) : []
  })
  const warnings = [...(isProduction ? [] : open), ...(moved ?? []), ...placeWarnings(folder, DATA_DIR)]
  return { keys, folder, mistakes, warnings }
}

const missingVariable =
  'LOG_KEY_FILE: must be set in production, to a file with an Ed25519 private key in PEM (`openssl genpkey -algorithm ed25519`); or set ' +
  'LOG_SIGNER=no for an instance that only serves'

function readKey(mistakes: string[], name: string, file: string | undefined): KeyObject[] {
  if (file === undefined) return []
  const text = attempt(mistakes, `${name}: ${file}`, () => readFileSync(file, 'utf8'))
  if (text === null) return []
  const key = parseKey(text)
  if (key !== null) return [key]
  mistakes.push(
    `${name}: ${file} holds no Ed25519 private key in PEM (\`openssl genpkey -algorithm ed25519\` makes one)`,
  )
  return []
}

/** Anybody who can read the key can sign for the log. */
function openTo(name: string, path: string | undefined): string[] {
  const fault = path === undefined ? null : tooOpenFile(path)
  return fault === null ? [] : [`${name}: ${path}: ${fault}`]
}

function parseKey(text: string): KeyObject | null {
  try {
    const key = createPrivateKey(text)
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

/**
 * Creates a key if there is none, completely or not at all. If two processes do this at the same time, one is first, and the other uses its
 * key.
 */
function makeKey(file: string): void {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true })
  const { privateKey } = generateKeyPairSync('ed25519')
  const unfinished = `${file}.${process.pid}.unfinished`
  writeFileSync(unfinished, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  try {
    linkSync(unfinished, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/** The result of `work`; if the file system refuses, null and an error in the list. */
function attempt<T>(mistakes: string[], what: string, work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    mistakes.push(`${what} cannot be used (${codeOf(error)})`)
    return null
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault'
}
