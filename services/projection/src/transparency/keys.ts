/** The files with the keys of the log. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tooOpenFile } from '@commitments/http-kit/file-mode'

interface KeyVariables {
  readonly LOG_KEY_FILE?: string | undefined
  readonly LOG_PREVIOUS_KEY_FILE?: string | undefined
  readonly DATA_DIR: string
  readonly NODE_ENV?: string | undefined
}

interface Keys {
  /** The current key, and the previous one if that still signs. */
  readonly keys: KeyObject[]
  /** The file of the current key. */
  readonly file: string
  /** Sentences, each with the variable to fix; no secrets. Empty if everything is right. */
  readonly mistakes: string[]
  /** Sentences for the log: the files are usable, but should be fixed. */
  readonly warnings: string[]
}

/** In the data folder, unless LOG_KEY_FILE says otherwise. */
const usualKeyFile = 'log-key.pem'

/** Reads the keys. Outside production a missing key is created, so that a first start needs no preparation. */
export function readKeys(variables: KeyVariables): Keys {
  const { LOG_KEY_FILE, LOG_PREVIOUS_KEY_FILE, DATA_DIR, NODE_ENV } = variables
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
  return { keys, file, mistakes, warnings: isProduction ? [] : open }
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

/** What is wrong with the mode of a file with a secret: whoever can read the key of the log can sign for it. */
export function openTo(name: string, path: string | undefined): string[] {
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
export function attempt<T>(mistakes: string[], what: string, work: () => T): T | null {
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
