/** What was heard, on this page: marks what is new, and compares the page with the service, at most twice a second. */
import type { LogPoint } from '@commitments/client'
import { batch, signal } from '@preact/signals'
import { askAgain, head, noteHead, noteLife } from '../data/connection.ts'
import { query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'
import type { Change, News, Way } from './news.ts'

/** How news come; null before the first. */
export const way = signal<Way | null>(null)
/** The newest changes, oldest first. */
export const recent = signal<readonly Change[]>([])
/** Changes that are marked as new. */
const fresh = signal<readonly Change[]>([])
/** What was recorded since the last comparison: for those who do not see the marks. */
export const arrived = signal<readonly Change[]>([])

const kept = 50
/** Milliseconds for which something is marked as new. */
const freshFor = 10_000
/** Milliseconds that the first of several changes waits for the others, and between two comparisons: a thousand events in a second are two. */
const collecting = 250
const between = 800

let heardTo: LogPoint | null = null
let waiting: Change[] = []
let timer: ReturnType<typeof setTimeout> | undefined
let last = Number.NEGATIVE_INFINITY

/** Where the log is known up to: from there, another tab goes on. */
export function heardUpTo(): LogPoint | null {
  return heardTo ?? head.peek()
}

export function hear(news: News): void {
  noteLife()
  way.value = news.way
  const { logId, position } = news
  const before =
    heardTo?.logId === logId ? heardTo.position : head.peek()?.logId === logId ? (head.peek()?.position ?? 0) : 0
  const isOther = heardTo !== null && heardTo.logId !== logId
  heardTo = { logId, position: isOther ? position : Math.max(position, before) }
  if (isOther) waiting = []
  const changes = news.changes.filter((change) => change.position > before || isOther)
  waiting.push(...changes)
  const shown = head.peek()
  if (shown === null || shown.logId !== logId || shown.position < heardTo.position || waiting.length > 0) compareSoon()
}

/** Changes from before this page was opened, for those who show what was recorded last. */
export function hearHistory(changes: readonly Change[]): void {
  const known = new Set(recent.peek().map(({ position }) => position))
  const all = [...changes.filter(({ position }) => !known.has(position)), ...recent.peek()]
  recent.value = all.toSorted((one, other) => one.position - other.position).slice(-kept)
}

function compareSoon(): void {
  timer ??= setTimeout(compare, Math.max(collecting, last + between - performance.now()))
}

function compare(): void {
  timer = undefined
  last = performance.now()
  if (heardTo === null) return
  const changes = waiting
  waiting = []
  const known = head.peek()
  const sameLog = known?.logId === heardTo.logId
  // The first answers may have come since, or are still to come: then they are compared with what was heard as they arrive.
  const isBehind = known !== null && (!sameLog || known.position < heardTo.position)
  batch(() => {
    if (heardTo === null || !noteHead(heardTo)) return
    if (!sameLog) recent.value = []
    if (changes.length > 0) {
      recent.value = [...recent.peek(), ...changes].slice(-kept)
      const marked = changes.slice(-kept)
      fresh.value = [...fresh.peek(), ...marked]
      arrived.value = changes
      setTimeout(() => {
        fresh.value = fresh.peek().filter((change) => !marked.includes(change))
      }, freshFor)
    }
    if (isBehind || changes.length > 0) askAgain()
  })
}

/** Whether an event of this proposal came within the last seconds. Nothing is new in the past. */
export function isFresh(proposalId: string): boolean {
  return !isPast(query.value) && fresh.value.some((change) => change.proposalId === proposalId)
}

/** Whether the event at this position came within the last seconds. */
export function isFreshAt(position: number): boolean {
  return !isPast(query.value) && fresh.value.some((change) => change.position === position)
}
