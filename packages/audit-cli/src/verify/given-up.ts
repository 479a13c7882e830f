/** What was signed and is no longer in the log, by the restores that its operator has declared. */
import type { Restore } from '../log/restores.ts'
import { type Finding, held, leftOut } from '../verdict.ts'
import { type Anchor, openAnchor } from './anchors.ts'
import type { Scan } from './scan.ts'

/** A restore with one checkpoint that the old log had signed; null if none can be opened with a trusted key. */
export interface Declared {
  readonly restore: Restore
  readonly anchor: Anchor | null
}

/** The restores, each with what was signed of the log that it ended. */
export function openRestores(restores: readonly Restore[] | null, vkeys: readonly string[]): Declared[] | null {
  if (restores === null) return null
  return restores.map((restore) => {
    const { note, oldLogId } = restore
    const opened = note === null ? null : openAnchor(note, vkeys, `the last checkpoint of the log ${oldLogId}`).anchor
    return { restore, anchor: opened?.origin.endsWith(oldLogId) ? opened : null }
  })
}

/** Signed events that a restore gave up: those from `from` to `upTo`, or fewer. */
interface GivenUp {
  readonly from: number
  readonly upTo: number
}

export interface RestoresFound {
  readonly finding: Finding
  /** The end of the one sentence of the verdict; null if nothing that was signed was given up. */
  readonly short: string | null
}

/** Says of each declared restore what was given up. No fault: the operator has said it; but whoever relied on those events has to know. */
export function judgeRestores(declared: readonly Declared[] | null, scan: Scan): RestoresFound {
  if (declared === null)
    return {
      finding: leftOut('Whether the operator has declared restores of the log could not be asked.'),
      short: null,
    }
  if (declared.length === 0) return { finding: held('The operator has declared no restore of the log.'), short: null }
  const byRestore = [...new Set(declared.map(({ restore }) => restore.newLogId))].map((newLogId) =>
    declared.filter(({ restore }) => restore.newLogId === newLogId),
  )
  const judged = byRestore.map((of) => ({ of, lost: largest(of.flatMap((one) => givenUp(one, scan) ?? [])) }))
  const sentences = judged.map(({ of, lost }) => sentenceOf(of, lost))
  const losses = judged.flatMap(({ lost }) => lost ?? [])
  const places = losses.map(({ from, upTo }) => `${from} to ${upTo}`).join(', and ')
  return {
    finding: held(sentences.join(' ')),
    short:
      losses.length === 0 ? null : `signed events were given up in a declared restore (positions ${places}): see below`,
  }
}

/** Null if the log of now begins with all that was signed. */
function givenUp({ restore, anchor }: Declared, { good, roots }: Scan): GivenUp | null {
  if (anchor === null || anchor.size === 0) return null
  const root = anchor.size <= good ? roots.get(anchor.size) : undefined
  if (root?.equals(anchor.root)) return null
  return { from: Math.min(restore.firstPosition ?? 1, anchor.size), upTo: anchor.size }
}

function largest(losses: readonly GivenUp[]): GivenUp | undefined {
  return losses.toSorted((one, other) => other.upTo - one.upTo)[0]
}

function sentenceOf(of: readonly Declared[], lost: GivenUp | undefined): string {
  const { oldLogId, newLogId, recordedAt, reason } = (of[0] as Declared).restore
  const what = `At ${recordedAt} the operator declared a restore because “${reason}”: the log ${oldLogId} ended and ${newLogId} took its place.`
  const signed = of.flatMap(({ anchor }) => anchor ?? [])
  if (signed.length === 0) return `${what} No checkpoint of the old log is there whose signature could be checked.`
  if (lost === undefined) return `${what} The log begins with all that is known to have been signed before.`
  const { from, upTo } = lost
  const count = upTo - from + 1
  return (
    `${what} The old log was signed over ${upTo} events. Those at the positions ${from} to ${upTo} (${count}, or the last of them) were given up: what ` +
    'stands there now is something else, or nothing. Whoever relied on one of them has to ask for it anew.'
  )
}
