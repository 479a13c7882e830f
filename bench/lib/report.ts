import { formatFigure, type Measured } from './rounds.ts'

/** One line of the table. A ratio is ours to theirs; a goal applies to that ratio, or to our figure itself. */
export type Row = MeasuredRow | UnmeasuredRow

export interface MeasuredRow {
  what: string
  unit: string
  ours: number
  /** Null if the goal applies to our figure itself. */
  rival: { name: string; figure: number } | null
  /** The smallest and the largest ratio of neighbouring rounds; absent if there are none. */
  spread?: readonly [number, number] | undefined
  goal: { kind: 'at least' | 'at most'; value: number }
  /** How it was measured: settings of both sides, sizes, what was checked, and anything else that a reader needs to judge the figure. */
  notes: string[]
}

export interface UnmeasuredRow {
  what: string
  notMeasured: string
}

/** A comparison of rates: ours against one rival. */
export function rateRow(
  what: string,
  unit: string,
  ours: Measured,
  rival: Measured,
  goal: number,
  notes: string[],
): MeasuredRow {
  const goalOfRow = { kind: 'at least', value: goal } as const
  const figures = { ours: ours.median, rival: { name: rival.name, figure: rival.median } }
  return { what, unit, ...figures, spread: spreadOf(ours.rounds, rival.rounds), goal: goalOfRow, notes }
}

/** The smallest and the largest ratio of rounds that followed one another. */
export function spreadOf(ours: readonly number[], rival: readonly number[]): readonly [number, number] | undefined {
  const ratios = ours.flatMap((figure, round) => (rival[round] === undefined ? [] : [figure / rival[round]]))
  return ratios.length < 2 ? undefined : [Math.min(...ratios), Math.max(...ratios)]
}

/** The number that is compared with the goal. */
export function judged(row: MeasuredRow): number {
  return row.rival ? row.ours / row.rival.figure : row.ours
}

export function isMet(row: MeasuredRow): boolean {
  return row.goal.kind === 'at least' ? judged(row) >= row.goal.value : judged(row) <= row.goal.value
}

/** The table as Markdown, readable both on a terminal and as a page. */
export function formatTable(rows: readonly Row[]): string {
  const head = ['what', 'ours', 'rival', 'ratio', 'goal', '']
  const lines = rows.map((row) => ('notMeasured' in row ? unmeasuredCells(row) : measuredCells(row)))
  const widths = head.map((title, at) => Math.max(title.length, 3, ...lines.map((cells) => (cells[at] ?? '').length)))
  const format = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [format(head), format(widths.map((width) => '-'.repeat(width))), ...lines.map(format)].join('\n')
}

/** The notes of each row, as a list under its name. */
export function formatNotes(rows: readonly Row[]): string {
  return rows
    .filter((row) => 'notes' in row)
    .map((row) => `${row.what}:\n${row.notes.map((note) => `- ${note}`).join('\n')}`)
    .join('\n\n')
}

/** All rounds of a side, so that a reader sees their spread. */
export function formatRounds(measured: Measured): string {
  return `${measured.name}: ${measured.rounds.map(formatFigure).join(', ')}`
}

function measuredCells(row: MeasuredRow): string[] {
  return [
    row.what,
    `${formatFigure(row.ours)} ${row.unit}`,
    row.rival ? `${formatFigure(row.rival.figure)} (${row.rival.name})` : '–',
    row.rival ? `${formatFigure(judged(row))} ×${spreadText(row)}` : '–',
    `${row.goal.kind} ${row.goal.value} ${row.rival ? '×' : row.unit}`,
    isMet(row) ? 'met' : 'not met',
  ]
}

function spreadText({ spread }: MeasuredRow): string {
  return spread ? ` (${spread.map(formatFigure).join(' to ')})` : ''
}

function unmeasuredCells(row: UnmeasuredRow): string[] {
  return [row.what, 'not measured', row.notMeasured, '', '', '']
}
