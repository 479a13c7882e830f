import { type Checkpoint, type Hash, openCheckpoint, openCosignatures } from '@commitments/transparency'
import { logVerifiers } from '../log/keys.ts'
import type { PublishedLog } from '../log/log.ts'
import { CannotCheck, type Finding, held, leftOut, notChecked } from '../verdict.ts'

/** A signed statement that the first `size` lines have this root. */
export interface Anchor {
  readonly size: number
  readonly root: Hash
  readonly origin: string
  /** Such as "the checkpoint that is served now". */
  readonly what: string
  /** The whole note, as it was found. */
  readonly note: string
}

export interface OpenedAnchor {
  readonly anchor: Anchor | null
  readonly finding: Finding
}

export const servedNow = 'the checkpoint that is served now'
export const keptFromLastTime = 'the checkpoint that was kept from the last check'

/** Opens a note that says to be a checkpoint. Only one that is signed by a trusted key becomes an anchor. */
export function openAnchor(note: string, vkeys: readonly string[], what: string): OpenedAnchor {
  const opened = openCheckpoint(note, { verifiers: logVerifiers(vkeys) })
  switch (opened.outcome) {
    case 'verified': {
      const names = opened.verified.map(({ name }) => name).join(', ')
      const sentence = `${sentenceCase(what)} (${describe(opened.checkpoint)}) is signed by ${names}.`
      return { anchor: { ...opened.checkpoint, what, note }, finding: held(sentence) }
    }
    case 'bad-signature': {
      const because = `${what} bears a signature that says to be by ${opened.name} and is not`
      return { anchor: null, finding: { outcome: 'broken', because } }
    }
    case 'unknown-keys':
      return { anchor: null, finding: notChecked(`${what} is ${signedByOthers(opened.names)}`) }
    case 'malformed':
      return { anchor: null, finding: notChecked(`${what} cannot be read: ${opened.detail}`) }
    case 'other-origin':
      throw new Error('no origin was asked for')
    default:
      return opened satisfies never
  }
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

/** Whether witnesses vouch for a checkpoint: then its log has not shown them another one. */
export function checkWitnesses(
  anchor: Anchor | null,
  witnesses: readonly {
    readonly name: string
    readonly keyId: number
    verify(text: string, signature: Buffer): boolean
  }[],
): Finding {
  if (witnesses.length === 0) return leftOut('No witness was named, so none was asked for.')
  if (anchor === null) return notChecked('there is no checkpoint that a witness could have cosigned')
  const opened = openCosignatures(anchor.note, witnesses)
  if (opened.outcome === 'malformed') throw new CannotCheck(opened.detail)
  if (opened.outcome === 'bad-signature') {
    return {
      outcome: 'broken',
      because: `${anchor.what} bears a cosignature that says to be by ${opened.name} and is not`,
    }
  }
  const seen = opened.cosignatures.map(({ name }) => name)
  const missing = witnesses.map(({ name }) => name).filter((name) => !seen.includes(name))
  if (missing.length > 0) return notChecked(`${anchor.what} is not cosigned by ${missing.join(', ')}`)
  const signed = opened.cosignatures.map(({ name, time }) => `${name} (${new Date(time * 1000).toISOString()})`)
  return held(`${sentenceCase(anchor.what)} is cosigned by ${signed.join(', ')}.`)
}
