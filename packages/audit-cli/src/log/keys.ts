import { readFile } from 'node:fs/promises'
import { type NoteVerifier, parseVerifierKey } from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'

/** Where trust in the log's key comes from. */
type KeyOrigin =
  /** Somebody gave it on the command line. */
  | { readonly from: 'given' }
  /** It was kept from an earlier check. */
  | { readonly from: 'kept'; readonly since: string; readonly given: boolean }
  /** The audited service itself said so, just now. */
  | { readonly from: 'first-use'; readonly where: string }

export interface LogKeys {
  /** C2SP verifier keys: more than one while a key is being replaced. */
  readonly vkeys: readonly string[]
  readonly origin: KeyOrigin
}

/** The keys named on a command line: each a verifier key, or a file with one on each line. @throws CannotCheck */
export function givenKeys(given: readonly string[]): Promise<string[]> {
  return givenLines(given, (text) => parseVerifierKey(text) !== null)
}

/** What was given itself, where it is what is asked for, and else the lines of the file that it names. @throws CannotCheck */
export async function givenLines(given: readonly string[], isOne: (text: string) => boolean): Promise<string[]> {
  const read = given.map(async (one) => (isOne(one) ? [one] : vkeyLines(await keyFile(one))))
  return (await Promise.all(read)).flat()
}

async function keyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new CannotCheck(`${JSON.stringify(path.slice(0, 200))} is neither a verifier key nor a file with one`)
  })
}

/** The verifier keys that a text holds, one a line. */
export function vkeyLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** @throws CannotCheck where one of them is no key of a log */
export function logVerifiers(vkeys: readonly string[]): NoteVerifier[] {
  return vkeys.map((vkey) => {
    const verifier = parseVerifierKey(vkey)
    if (verifier === null) throw new CannotCheck(`${JSON.stringify(vkey.slice(0, 120))} is no verifier key of a log`)
    return verifier
  })
}
