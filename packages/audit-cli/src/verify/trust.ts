import { fingerprintOf, givenKeys, keyMaterial, type LogKeys, logVerifiers, vkeyLines } from '../log/keys.ts'
import type { PublishedLog } from '../log/log.ts'
import type { Memory } from '../log/memory.ts'
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
  if (given.length > 0) return { vkeys: withNewNames(await givenKeys(given, named), named), origin: { from: 'given' } }
  if (memory?.known) return keptKeys(memory.known, named)
  return named.length > 0 ? { vkeys: named, origin: { from: 'first-use', where: log.address('vkey') } } : null
}

/** The keys of an earlier check. */
export function keptKeys(
  { vkeys, trustedSince, keysGiven }: Memory['known'] & object,
  named: readonly string[],
): LogKeys {
  return { vkeys: withNewNames(vkeys, named), origin: { from: 'kept', since: trustedSince, given: keysGiven } }
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
  if (keys.origin.from === 'given') return held(`The key was given: ${names}.`)
  if (keys.origin.from === 'first-use') return leftOut(firstUse(names, keys.origin.where))
  const { since, given } = keys.origin
  const how = given ? 'It was given then.' : 'It was the log’s own word then; nobody has given it from elsewhere.'
  return held(`The key is the one that was kept since ${since}: ${names}. ${how}`)
}

function firstUse(names: string, where: string): string {
  return (
    `No key was given, so the one that the log itself names was taken on trust, for the first time (${where}): ${names}. ` +
    'Compare it with the key that its operator has published elsewhere, or give it with --key: anybody who can change the log could also have changed this key.'
  )
}
