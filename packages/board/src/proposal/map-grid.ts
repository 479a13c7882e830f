/** The rectangles of a map as the cells of a table: each cell spans the rows and columns of its rectangle. */
import type { AnswerTo } from '@commitments/client'

export type Rectangle = AnswerTo<'/v1/proposals/{proposalId}/moments'>['moments'][number]

export interface Cell {
  readonly column: number
  readonly columns: number
  readonly rows: number
  /** Null: nothing counted on these days. */
  readonly of: Rectangle | null
}

interface Grid {
  /** The day on which each column begins; it lasts until the next one. */
  readonly days: readonly string[]
  /** The position at which each row begins, with the cells that begin there. */
  readonly rows: readonly { readonly position: number; readonly cells: readonly Cell[] }[]
}

/** @param end the last day of the picture: what is after that has not happened yet. */
export function gridOf(rectangles: readonly Rectangle[], end: string): Grid {
  const shown = joined(rectangles.filter(({ from }) => from <= end).map((one) => cut(one, end)))
  const days = sorted(
    shown.map(({ from }) => from),
    (one, other) => (one < other ? -1 : 1),
  )
  const positions = sorted(
    shown.flatMap(({ knownFrom, knownUntil }) => (knownUntil === null ? [knownFrom] : [knownFrom, knownUntil])),
    (one, other) => one - other,
  )
  const columnOf = (day: string | null) => (day === null ? days.length : days.indexOf(day))
  const rowOf = (position: number | null) => (position === null ? positions.length : positions.indexOf(position))
  const cellOf = (of: Rectangle): Cell => {
    const column = columnOf(of.from)
    return { column, columns: columnOf(of.until) - column, rows: rowOf(of.knownUntil) - rowOf(of.knownFrom), of }
  }
  return {
    days,
    rows: positions.map((position) => {
      const known = shown.filter((one) => isKnown(one, position))
      const begins = Math.min(days.length, ...known.map(({ from }) => columnOf(from)))
      const nothing = begins === 0 ? [] : [{ column: 0, columns: begins, rows: 1, of: null }]
      const cells = known.filter(({ knownFrom }) => knownFrom === position).map(cellOf)
      return { position, cells: [...nothing, ...cells].toSorted((one, other) => one.column - other.column) }
    }),
  }
}

function isKnown({ knownFrom, knownUntil }: Rectangle, position: number): boolean {
  return knownFrom <= position && (knownUntil === null || position < knownUntil)
}

function cut(one: Rectangle, end: string): Rectangle {
  return one.until !== null && one.until > end ? { ...one, until: null } : one
}

/** Rectangles that differ only after the end of the picture are one. */
function joined(rectangles: readonly Rectangle[]): Rectangle[] {
  const whole: Rectangle[] = []
  for (const one of rectangles.toSorted((a, b) => a.knownFrom - b.knownFrom)) {
    const before = whole.findIndex((other) => other.knownUntil === one.knownFrom && reads(other) === reads(one))
    if (before < 0) whole.push(one)
    else whole[before] = { ...(whole[before] as Rectangle), knownUntil: one.knownUntil }
  }
  return whole
}

function reads({ from, until, stage, ending, condition }: Rectangle): string {
  return [from, until, stage, ending, condition].join(' ')
}

function sorted<Of>(all: readonly Of[], order: (one: Of, other: Of) => number): Of[] {
  return [...new Set(all)].toSorted(order)
}
