/** Rows that stay where they are while somebody may be pointing at them: what is new waits until the reader asks for it. */
import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** How many new rows wait, by the part of the page. */
const waitingIn = signal<ReadonlyMap<string, number>>(new Map())
/** Changes whenever the reader asks for what waits. */
const round = signal(0)

/** How many rows wait on this page. */
export function waitingOnPage(): number {
  return [...waitingIn.value.values()].reduce((sum, count) => sum + count, 0)
}

export function showWaiting(): void {
  round.value += 1
}

interface Holding<Row> {
  readonly part: string
  /** Rows of another question or another log are never held for those of this one. */
  readonly question: string
  /** Whether the rows answer this question, and not the one before, which stay until the answer comes. */
  readonly current: boolean
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string | number
  /** Only while the pointer or the focus is in it; absent: always. */
  readonly within?: RefObject<HTMLElement | null>
}

/** The rows to show: new contents of rows at once, but another order, and new or vanished rows, only when nobody points at them. */
export function useHeld<Row>({ part, question, current: answers, rows, idOf, within }: Holding<Row>): readonly Row[] {
  const shown = useRef({ question, answered: false, round: round.peek(), rows })
  const { current } = shown
  const before = current.rows
  const stays =
    current.question === question &&
    current.answered &&
    current.round === round.value &&
    before.length > 0 &&
    !sameOrder(before, rows, idOf) &&
    (within === undefined || isPointedAt(within.current))
  const now = new Map(rows.map((row) => [idOf(row), row]))
  current.rows = stays ? before.map((row) => now.get(idOf(row)) ?? row) : rows
  current.answered = answers || (current.answered && current.question === question)
  current.question = question
  current.round = round.value
  const known = new Set(before.map(idOf))
  const waiting = stays ? Math.max(1, rows.filter((row) => !known.has(idOf(row))).length) : 0
  useEffect(() => note(part, waiting), [part, waiting])
  useEffect(() => () => note(part, 0), [part])
  useEffect(() => {
    const element = within?.current
    if (waiting === 0 || !element) return undefined
    element.addEventListener('pointerleave', showWaiting)
    return () => element.removeEventListener('pointerleave', showWaiting)
  }, [waiting > 0, within])
  return current.rows
}

function sameOrder<Row>(one: readonly Row[], other: readonly Row[], idOf: (row: Row) => string | number): boolean {
  return one.length === other.length && one.every((row, at) => idOf(row) === idOf(other[at] as Row))
}

function isPointedAt(element: HTMLElement | null): boolean {
  return element !== null && (element.matches(':hover') || element.contains(document.activeElement))
}

function note(part: string, count: number): void {
  if ((waitingIn.peek().get(part) ?? 0) === count) return
  const others = [...waitingIn.peek()].filter(([name]) => name !== part)
  waitingIn.value = new Map(count === 0 ? others : [...others, [part, count]])
}
