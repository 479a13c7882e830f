/** What this browser keeps of the log, for the next check; it never leaves the browser. */
import { choose, chosen } from '../reader/choices.ts'
import { readShell } from '../shell.ts'
import type { Keeping } from './check.ts'
import type { Kept } from './continuity.ts'

/** Of this page, in a browser that keeps nothing longer. */
let kept: Kept | null = null
/** What an earlier page kept; undefined until it is looked up. */
let earlier: Kept | null | undefined

function name(): `proof${string}` {
  return `proof${readShell().base}`
}

function readKept(): Kept | null {
  kept = keptIn(chosen(name())) ?? kept
  if (earlier === undefined) earlier = kept
  return kept
}

function keepIt(next: Kept): void {
  kept = next
  choose(name(), JSON.stringify(next))
}

export const keeping: Keeping = { read: readKept, write: keepIt }

/** What this browser had kept when the page was opened. */
export function keptEarlier(): Kept | null {
  return earlier ?? null
}

/** The reader accepts the log of now: what was kept is forgotten. */
export function forgetKept(): void {
  kept = null
  earlier = null
  choose(name(), null)
}

function keptIn(text: string | null): Kept | null {
  try {
    const { note, vkeys, beside, at } = JSON.parse(text ?? 'null') as Kept
    const sound = typeof note === 'string' && areTexts(vkeys) && areTexts(beside) && !Number.isNaN(Date.parse(at))
    return sound ? { note, vkeys, beside, at } : null
  } catch {
    return null
  }
}

function areTexts(values: readonly unknown[]): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string')
}
