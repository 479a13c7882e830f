/**
 * The result of an audit. Three results are kept apart: valid, broken at a position, could not be checked. Something that could not be
 * checked is never reported as valid, and an unreachable service is never reported as one that lies.
 */
export type Outcome = 'valid' | 'invalid' | 'could-not-be-checked'

/** Exit codes, the same as those of `npm run replay-check`. 64 is a command line that was not understood (sysexits.h, EX_USAGE). */
export const exitCodes: Readonly<Record<Outcome, number>> = { valid: 0, 'could-not-be-checked': 1, invalid: 2 }
export const usageExitCode = 64

/** Something that is certainly wrong. */
export interface Broken {
  readonly outcome: 'broken'
  /** The first bad position, if it is known. */
  readonly position?: number
  /** If it is not known: the first bad position lies from here … */
  readonly from?: number
  /** … to here. */
  readonly upTo?: number
  /** The end of a sentence, after "because". */
  readonly because: string
}

/** The result of one check. Every sentence says what was checked, for readers who were not there. */
export type Finding =
  | { readonly outcome: 'held'; readonly sentence: string }
  | Broken
  | { readonly outcome: 'not-checked'; readonly because: string }
  /** The user left it out, or there is nothing yet to check against. It does not speak against "valid", but it is said. */
  | { readonly outcome: 'left-out'; readonly sentence: string }

export interface Check {
  /** Such as `lines` or `signature`: for programs. */
  readonly name: CheckName
  readonly finding: Finding
}

type CheckName =
  | 'lines'
  | 'tree'
  | 'signature'
  | 'key'
  | 'witnesses'
  | 'policy'
  | 'earlier'
  | 'status'
  | 'totals'
  | 'narrowed'
  | 'changes'
  | 'series'
  | 'lists'
  | 'related'
  | 'histories'
  | 'past'
  | 'recorded'
  | 'tiles'
  | 'beyond'
  | 'files'
  | 'proofs'
  | 'stream'
  | 'callers'
  | 'erased'
  | 'restores'
  | 'memory'

export interface Verdict {
  readonly outcome: Outcome
  /** The whole verdict in one plain sentence. */
  readonly sentence: string
  /** If invalid: the first bad position, if it is known. */
  readonly position: number | null
  readonly checks: readonly Check[]
  /** What was checked. */
  readonly subject: Readonly<Record<string, string | number>>
}

/** Thrown if something prevents a check; the message is the end of a sentence, after "because". */
export class CannotCheck extends Error {
  override readonly name = 'CannotCheck'
}

export function held(sentence: string): Finding {
  return { outcome: 'held', sentence }
}

export function notChecked(because: string): Finding {
  return { outcome: 'not-checked', because }
}

export function leftOut(sentence: string): Finding {
  return { outcome: 'left-out', sentence }
}

/** A certain error outweighs what could not be checked, and that outweighs what is valid. */
export function verdictOf(
  checks: readonly Check[],
  { valid, subject }: { readonly valid: string; readonly subject: Verdict['subject'] },
): Verdict {
  const broken = firstBroken(checks)
  if (broken) {
    const sentence = `INVALID ${placeOf(broken)}because ${broken.because}.`
    return { outcome: 'invalid', sentence, position: broken.position ?? null, checks, subject }
  }
  const open = checks.map(({ finding }) => finding).filter((finding) => finding.outcome === 'not-checked')
  if (open.length > 0) {
    const reasons = [...new Set(open.map(({ because }) => because))].join('; and because ')
    const sentence = `COULD NOT BE CHECKED because ${reasons}.`
    return { outcome: 'could-not-be-checked', sentence, position: null, checks, subject }
  }
  return { outcome: 'valid', sentence: `VALID: ${valid}`, position: null, checks, subject }
}

/** The check with the smallest position; without any position, the first check. */
function firstBroken(checks: readonly Check[]): Broken | undefined {
  const broken = checks.map(({ finding }) => finding).filter((finding) => finding.outcome === 'broken')
  const placed = broken.filter(({ position }) => position !== undefined)
  return placed.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))[0] ?? broken[0]
}

/** Where something is broken, as part of a sentence, with a space at its end. */
function placeOf({ position, from, upTo }: Omit<Broken, 'because' | 'outcome'>): string {
  if (position !== undefined) return `at position ${position} `
  if (from !== undefined && upTo !== undefined) return `at one of the positions ${from} to ${upTo} `
  return upTo === undefined ? '' : `at or before position ${upTo} `
}
