import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type NoteVerifier, parseVerifierKey } from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'

/** The reason to trust the log's key. */
type KeyOrigin =
  /** The user gave it on the command line. */
  | { readonly from: 'given' }
  /** It was kept from an earlier check. */
  | { readonly from: 'kept'; readonly since: string; readonly given: boolean }
  /** The audited service itself just gave it. */
  | { readonly from: 'first-use'; readonly where: string }

export interface LogKeys {
  /** C2SP verifier keys: several while a key is being replaced. */
  readonly vkeys: readonly string[]
  readonly origin: KeyOrigin
  /** What the log itself names besides, and is not trusted: one that will replace the present one, perhaps. */
  readonly others: readonly string[]
}

/**
 * The keys on a command line: each is a verifier key, a file with one on each line, or the fingerprint of a key that the log itself names.
 * @throws CannotCheck
 */
export async function givenKeys(given: readonly string[], named: readonly string[]): Promise<string[]> {
  const lines = await givenLines(given, (text) => isFingerprint(text) || parseVerifierKey(text) !== null)
  return lines.flatMap((line) => (isFingerprint(line) ? withFingerprint(line, named) : [line]))
}

/** Whether it is the fingerprint of a key, and not the key. */
export function isFingerprint(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/i.test(text)
}

function withFingerprint(fingerprint: string, named: readonly string[]): string[] {
  const right = named.filter((vkey) => fingerprintOf(vkey) === fingerprint.toLowerCase())
  if (right.length > 0) return right
  const others = named.length > 0 ? `: it names ${named.map(fingerprintOf).join(', ')}` : ''
  throw new CannotCheck(`the log names no key with the fingerprint ${fingerprint}${others}`)
}

/**
 * SHA-256 of the 32 bytes of a key: the same for every form of the key, to be compared over another channel than the one by which the key
 * came.
 */
export function fingerprintOf(vkey: string): string {
  const bytes = Buffer.from(keyMaterial(vkey) ?? '', 'base64')
  return `sha256:${hash('sha256', bytes.subarray(-32))}`
}

/** The key material of a verifier key, without its name and its ID. */
export function keyMaterial(vkey: string): string | undefined {
  return /^[^+]+\+[0-9a-f]{8}\+(.+)$/.exec(vkey)?.[1]
}

/** The same key under another name: its ID is another one (C2SP signed-note). Trust in a key covers every name. */
export function withName(vkey: string, name: string): string {
  const material = keyMaterial(vkey) ?? ''
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.from(material, 'base64')])).slice(0, 8)
  return `${name}+${id}+${material}`
}

/** The given text itself if it has the right form, otherwise the lines of the file that it names. @throws CannotCheck */
export async function givenLines(given: readonly string[], isOne: (text: string) => boolean): Promise<string[]> {
  const read = given.map(async (one) => (isOne(one) ? [one] : vkeyLines(await keyFile(one))))
  return (await Promise.all(read)).flat()
}

async function keyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new CannotCheck(`${JSON.stringify(path.slice(0, 200))} is neither a verifier key nor a file with one`)
  })
}

/** The verifier keys in a text, one on each line. */
export function vkeyLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** @throws CannotCheck if one of them is not a key of a log */
export function logVerifiers(vkeys: readonly string[]): NoteVerifier[] {
  return vkeys.map((vkey) => {
    const verifier = parseVerifierKey(vkey)
    if (verifier === null) throw new CannotCheck(`${JSON.stringify(vkey.slice(0, 120))} is no verifier key of a log`)
    return verifier
  })
}
