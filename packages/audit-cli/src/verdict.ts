/**
 * What an audit came to. Three things are kept apart: it holds, it is broken at a position, it could not be checked. What could not be
 * checked is never passed off as valid, and a service that is away is never passed off as one that lies.
 */
export type Outcome = 'valid' | 'invalid' | 'could-not-be-checked'

/** Exit codes, the same as those of `npm run replay-check`. 64 is a command line that was not understood (sysexits.h, EX_USAGE). */
export const exitCodes: Readonly<Record<Outcome, number>> = { valid: 0, 'could-not-be-checked': 1, invalid: 2 }
export const usageExitCode = 64

/** Something that is wrong for certain. */
export interface Broken {
  readonly outcome: 'broken'
  /** The first bad position, where it can be named. */
  readonly position?: number
  /** Where it cannot: the first bad position lies from here … */
  readonly from?: number
  /** … to here. */
  readonly upTo?: number
  /** Half a sentence, to stand after "because". */
  readonly because: string
}

/** What became of one check. Every sentence says what was looked at, for somebody who was not there. */
export type Finding =
  | { readonly outcome: 'held'; readonly sentence: string }
  | Broken
  | { readonly outcome: 'not-checked'; readonly because: string }
  /** Somebody asked for it to be left out, or there is nothing yet to check against: no reason against "valid", but said. */
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
  | 'earlier'
  | 'status'
  | 'files'
  | 'proofs'
  | 'stream'

export interface Verdict {
  readonly outcome: Outcome
  /** The whole verdict in one sentence of plain words. */
  readonly sentence: string
  /** Where it is invalid: the first bad position, if it can be named. */
  readonly position: number | null
  readonly checks: readonly Check[]
  /** What was looked at. */
  readonly subject: Readonly<Record<string, string | number>>
}

/** Thrown where something stands in the way of checking; the message is half a sentence, to stand after "because". */
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

/** What is wrong for certain outweighs what could not be checked; that outweighs what holds. */
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
    const reasons = open.map(({ because }) => because).join('; and because ')
    const sentence = `COULD NOT BE CHECKED because ${reasons}.`
    return { outcome: 'could-not-be-checked', sentence, position: null, checks, subject }
  }
  return { outcome: 'valid', sentence: `VALID: ${valid}`, position: null, checks, subject }
}

/** The one that names the smallest position; of those that name none, the first. */
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
