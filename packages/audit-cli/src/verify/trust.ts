import { parseVerifierKey } from '@commitments/transparency'
import { fingerprintOf, givenKeys, keyMaterial, type LogKeys, logVerifiers, vkeyLines } from '../log/keys.ts'
import type { Memory } from '../log/memory.ts'
import type { PublishedLog } from '../source/published-log.ts'
import { CannotCheck, type Finding, held, leftOut, notChecked } from '../verdict.ts'

/**
 * The keys to check signatures with: the given ones, or the kept ones, or those that the log itself names, on first use. @throws
 * CannotCheck
 */
export async function trustedKeys(
  given: readonly string[],
  memory: Memory | null,
  log: PublishedLog,
): Promise<LogKeys | null> {
  const named = vkeyLines((await log.get('vkey').catch(unread))?.toString('utf8') ?? '')
  if (given.length > 0) return givenBy(await givenKeys(given, named), named)
  if (memory?.known) return keptKeys(memory.known, named)
  return named.length > 0
    ? { vkeys: named, origin: { from: 'first-use', where: log.address('vkey') }, others: [] }
    : null
}

/** The keys that the user gave. */
export function givenBy(given: readonly string[], named: readonly string[]): LogKeys {
  const vkeys = withNewNames(given, named)
  return { vkeys, origin: { from: 'given' }, others: othersOf(vkeys, named) }
}

/** The keys of an earlier check. */
export function keptKeys(
  { vkeys, trustedSince, keysGiven }: Memory['known'] & object,
  named: readonly string[],
): LogKeys {
  const trusted = withNewNames(vkeys, named)
  const origin = { from: 'kept', since: trustedSince, given: keysGiven } as const
  return { vkeys: trusted, origin, others: othersOf(trusted, named) }
}

function othersOf(trusted: readonly string[], named: readonly string[]): string[] {
  const known = new Set(trusted.map(keyMaterial))
  return named.filter((vkey) => parseVerifierKey(vkey) !== null && !known.has(keyMaterial(vkey)))
}

/**
 * A log with a new identity (after an accepted restore) signs with the same key under another name. The name is not secret: trust in the
 * key covers every name. A new key is not trusted because an old one is next to it.
 */
function withNewNames(trusted: readonly string[], named: readonly string[]): string[] {
  const known = new Set(trusted.map(keyMaterial))
  return [...new Set([...trusted, ...named.filter((vkey) => known.has(keyMaterial(vkey)))])]
}

function unread(error: unknown): null {
  if (error instanceof CannotCheck) return null
  throw error
}

/** What the signature is worth: a verdict is never better than the key that it depends on. */
export function keyFinding(keys: LogKeys | null): Finding {
  if (keys === null) return notChecked('no key of the log is known: give one with --key')
  logVerifiers(keys.vkeys)
  const names = keys.vkeys.map((vkey) => `${vkey} (${fingerprintOf(vkey)})`).join(', ')
  const others = othersText(keys)
  if (keys.origin.from === 'given') return held(`The key was given: ${names}.${others}`)
  if (keys.origin.from === 'first-use') return leftOut(firstUse(names, keys.origin.where))
  const { since, given } = keys.origin
  const how = given ? 'It was given then.' : 'It was the log’s own word then; nobody has given it from elsewhere.'
  return held(`The key is the one that was kept since ${since}: ${names}. ${how}${others}`)
}

/** Before a key that is trusted ends, the next one has to come from elsewhere than the log. */
function othersText({ others }: LogKeys): string {
  if (others.length === 0) return ''
  const fingerprints = [...new Set(others.map(fingerprintOf))].join(' and ')
  return (
    ` The log also names ${fingerprints}, which is not trusted here. If its operator has announced a new key, compare this with what they published elsewhere, ` +
    'and give both with --key before the present one ends.'
  )
}

function firstUse(names: string, where: string): string {
  return (
    `No key was given, so the one that the log itself names was taken on trust, for the first time (${where}): ${names}. ` +
    'Compare it with the key that its operator has published elsewhere, or give it with --key: anybody who can change the log could also have changed this key.'
  )
}
