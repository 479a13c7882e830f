import { median } from './statistics.ts'

/** One way to do what a row measures: `measure` does it once and returns how much was done, in the unit of the row. */
export interface Side {
  name: string
  measure(round: number): Promise<number>
}

/** All rounds of one side, and their median. */
export interface Measured {
  name: string
  rounds: number[]
  median: number
}

/**
 * Runs the sides one after another, again and again (A B A B …), never two at once: other load on the machine then affects all of them.
 * `say` gets a line after each measurement.
 */
export async function alternate(
  sides: readonly Side[],
  rounds: number,
  say: (line: string) => void,
): Promise<Measured[]> {
  const figures = sides.map(() => [] as number[])
  for (let round = 0; round < rounds; round++) {
    for (const [at, side] of sides.entries()) {
      const figure = await side.measure(round)
      figures[at]?.push(figure)
      say(`round ${round + 1} of ${rounds}, ${side.name}: ${formatFigure(figure)}`)
    }
  }
  return sides.map((side, at) => ({ name: side.name, rounds: figures[at] ?? [], median: median(figures[at] ?? []) }))
}

/** A figure for people: with thousands separators and three significant digits. */
export function formatFigure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}
