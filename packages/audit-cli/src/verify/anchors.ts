import {
  type Checkpoint,
  type Cosignature,
  type Hash,
  type NoteVerifier,
  openCheckpoint,
  openCosignatures,
} from '@commitments/transparency'
import { logVerifiers, withName } from '../log/keys.ts'
import type { PublishedLog } from '../source/published-log.ts'
import { CannotCheck, type Finding, held, leftOut, notChecked } from '../verdict.ts'

/** A signed statement that the first `size` lines have this root. */
export interface Anchor {
  readonly size: number
  readonly root: Hash
  readonly origin: string
  /** Such as "the present checkpoint". */
  readonly what: string
  /** The whole note, unchanged. */
  readonly note: string
}

export interface OpenedAnchor {
  readonly anchor: Anchor | null
  readonly finding: Finding
}

/** The one that a service serves, or that lies beside a file of lines. */
export const present = 'the present checkpoint'
export const keptFromLastTime = 'the checkpoint that was kept from the last check'

/**
 * What an editor or a mail program adds to a text, and no log writes: a byte order mark, carriage returns, blanks at the end of a line,
 * empty lines at the end, or a missing line feed at the end. docs/audit/verify.py checks for the same.
 */
const editorsTrace = /^\ufeff|\r|[ \t\u00a0]\n|\n\n\n|\n\n$|[^\n]$/

/** Opens a note that claims to be a checkpoint. It becomes an anchor only if a trusted key signed it. */
export function openAnchor(note: string, vkeys: readonly string[], what: string): OpenedAnchor {
  if (editorsTrace.test(note)) {
    const remedy =
      what === keptFromLastTime
        ? 'Put it back from a backup of your own, or begin a new memory with --begin-anew'
        : 'Fetch it again'
    const because = `${what} is not as it was signed: an editor or a copy has changed white space in it. ${remedy}`
    return { anchor: null, finding: notChecked(because) }
  }
  const opened = openCheckpoint(note, { verifiers: logVerifiers(vkeys) })
  switch (opened.outcome) {
    case 'verified': {
      const names = opened.verified.map(({ name }) => name).join(', ')
      const sentence = `${sentenceCase(what)} (${describe(opened.checkpoint)}) is signed by ${names}.`
      return { anchor: { ...opened.checkpoint, what, note }, finding: held(sentence) }
    }
    case 'bad-signature': {
      const because = `${what} has a signature in the name of ${opened.name} that is not by its key`
      return { anchor: null, finding: { outcome: 'broken', because } }
    }
    case 'unknown-keys': {
      const renamed = underOtherNames(vkeys, opened.names)
      // Beside the given ones, so that every name has been tried when nothing is left to rename.
      if (renamed.length > 0) return openAnchor(note, [...vkeys, ...renamed], what)
      return { anchor: null, finding: notChecked(`${what} is ${signedByOthers(opened.names)}`) }
    }
    case 'malformed':
      return { anchor: null, finding: notChecked(`${what} cannot be read: ${opened.detail}`) }
    case 'other-origin':
      throw new Error('no origin was asked for')
    default:
      return opened satisfies never
  }
}

/** The trusted keys under the names of signatures, as far as they do not have them: a log that ended in a restore had another name. */
function underOtherNames(vkeys: readonly string[], names: readonly string[]): string[] {
  const renamed = names.flatMap((name) => vkeys.map((vkey) => withName(vkey, name)))
  return [...new Set(renamed)].filter((vkey) => !vkeys.includes(vkey))
}

function signedByOthers(names: readonly string[]): string {
  const others = [...new Set(names)].join(', ')
  return `signed by ${others || 'nobody'} and not by a key that is trusted here; if its operator has announced a new key, give it with --key`
}

function describe({ origin, size }: Checkpoint): string {
  return `${origin}, size ${size}`
}

export function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The note that a log serves. @throws CannotCheck */
export async function readNote(log: PublishedLog): Promise<string | null> {
  const bytes = await log.get('checkpoint')
  return bytes === null ? null : bytes.toString('utf8')
}

/** The time within which a log can have been cosigned. */
export interface CosignedWithin {
  /** `recordedAt` of the first event that the checkpoint is known to cover; nothing was cosigned before it. */
  readonly since: string | undefined
  readonly now: Date
}

/** Seconds by which the clock of a witness may differ from ours. */
const clockSkew = 300

/** Whether witnesses vouch for a checkpoint: then its log has shown them no other one. */
export function checkWitnesses(
  anchor: Anchor | null,
  witnesses: readonly NoteVerifier[],
  within: CosignedWithin,
): Finding {
  if (witnesses.length === 0) return leftOut('No witness was named, so none was asked for.')
  if (anchor === null) return leftOut('There is no checkpoint that a witness could have cosigned.')
  const opened = openCosignatures(anchor.note, witnesses)
  if (opened.outcome === 'malformed') throw new CannotCheck(opened.detail)
  if (opened.outcome === 'bad-signature') {
    return {
      outcome: 'broken',
      because: `${anchor.what} has a cosignature in the name of ${opened.name} that is not by its key`,
    }
  }
  const doubts = opened.cosignatures.flatMap((cosignature) => doubtOf(cosignature, opened.again, within) ?? [])
  const seen = opened.cosignatures.map(({ name }) => name)
  const missing = witnesses.map(({ name }) => name).filter((name) => !seen.includes(name))
  if (missing.length > 0) doubts.push(`it is not cosigned by ${missing.join(', ')}`)
  if (doubts.length > 0) return notChecked(`${anchor.what} does not count as cosigned: ${doubts.join(', and ')}`)
  const signed = opened.cosignatures.map(({ name, time }) => `${name} (${new Date(time * 1000).toISOString()})`)
  return held(`${sentenceCase(anchor.what)} is cosigned by ${signed.join(', ')}.`)
}

/** Why a cosignature does not count although its signature is valid; null if it counts. */
export function doubtOf(
  { name, time }: Cosignature,
  again: readonly Cosignature[],
  { since, now }: CosignedWithin,
): string | null {
  if (again.some((other) => other.name === name))
    return `the witness ${name} has cosigned it twice, which no witness does`
  const at = new Date(time * 1000)
  if (Number.isNaN(at.getTime()) || time > now.getTime() / 1000 + clockSkew)
    return `the cosignature of ${name} is of a time that has not come (${timeText(at, time)})`
  if (since !== undefined && time < Math.floor(Date.parse(since) / 1000) - clockSkew)
    return `the cosignature of ${name} is older than the log (${timeText(at, time)}; its first event: ${since})`
  return null
}

function timeText(at: Date, time: number): string {
  return Number.isNaN(at.getTime()) ? `${time} seconds after 1970` : at.toISOString()
}
