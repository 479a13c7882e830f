/** Lengths of bars. */
import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

/** The path of a bar of this value, of a hundred units for the largest. */
export function bar(value: number, largest: number): string {
  const length = scaleLinear([0, Math.max(largest, 1)], [0, 100])
  return (
    line()([
      [0, 4],
      [length(value), 4],
    ]) ?? ''
  )
}
