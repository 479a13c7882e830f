import { readFile } from 'node:fs/promises'
import { CannotCheck } from '../verdict.ts'

/** Whose keys are known from outside the log: from the callers themselves, not from its operator. */
export interface Signers {
  readonly file: string
  /** By `recordedBy`. */
  readonly byCaller: ReadonlyMap<string, Signer>
}

interface Signer {
  readonly keys: readonly SignerKey[]
  /** From this time on, the caller signs everything that it records: milliseconds since 1970. */
  readonly signsFrom: number
}

interface SignerKey {
  readonly publicKey: string
  readonly notBefore: number
  readonly expires: number
}

const form =
  '[{"name", "signingKeys": [{"publicKey", "notBefore"?, "expires"?}], "signsFrom"?}], where a public key is 43 characters of base64url and a time is like 2027-01-31T12:00:00Z'

/** @throws CannotCheck if there is no such file, or it does not have this form */
export async function readSigners(file: string | undefined): Promise<Signers | null> {
  if (file === undefined) return null
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CannotCheck(`there is no file ${file}`)
  })
  try {
    const entries = JSON.parse(text) as unknown
    if (!Array.isArray(entries)) throw new Error('it is no list')
    return { file, byCaller: new Map(entries.map(signerOf)) }
  } catch (error) {
    throw new CannotCheck(`the signers in ${file} cannot be read (${(error as Error).message}): the form is ${form}`)
  }
}

function signerOf(value: unknown): [string, Signer] {
  const { name, signingKeys, signsFrom } = membersOf(value, ['name', 'signingKeys', 'signsFrom'])
  if (typeof name !== 'string' || !/^(?:[a-z0-9-]{1,80}|oidc:[a-z0-9-]{1,40}:[\x21-\x7e]{1,150})$/.test(name)) {
    throw new Error('an entry has no name of a key, and none of a caller with a token (oidc:<issuer>:<name>)')
  }
  if (!Array.isArray(signingKeys)) throw new Error(`${name} has no signingKeys`)
  return [
    name.startsWith('oidc:') ? name : `key:${name}`,
    { keys: signingKeys.map(keyOf), signsFrom: timeOf(signsFrom, Number.POSITIVE_INFINITY) },
  ]
}

function keyOf(value: unknown): SignerKey {
  const { publicKey, notBefore, expires } = membersOf(value, ['publicKey', 'notBefore', 'expires'])
  if (typeof publicKey !== 'string' || !/^[\w-]{43}$/.test(publicKey)) throw new Error('a publicKey is none')
  const terms = { notBefore: timeOf(notBefore, -Infinity), expires: timeOf(expires, Number.POSITIVE_INFINITY) }
  return { publicKey, ...terms }
}

/** A misspelt member would be ignored, and with it what it demands. */
function membersOf(value: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('an entry is no object')
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${JSON.stringify(unknown)} is no member of it`)
  return value as Record<string, unknown>
}

function timeOf(value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw new Error(`${JSON.stringify(value)} is no time`)
  return time
}
