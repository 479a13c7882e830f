/**
 * A date on a time axis, as it is known. Solid: the whole mark is true. Hatched: true somewhere in it. A blue bar: a period. Unknown parts
 * are not drawn.
 */
import { useId } from 'preact/hooks'
import { spanOf } from '../dates/bounds.ts'
import { dayNumber } from '../dates/days.ts'
import { shapeOf } from '../dates/shape.ts'

export interface Axis {
  readonly from: string
  readonly to: string
  readonly width: number
}

/** The position on the axis at which a day begins. */
export function positionOn({ from, to, width }: Axis, day: string): number {
  const [first, last] = [dayNumber(from), dayNumber(to) + 1]
  return ((dayNumber(day) - first) / Math.max(1, last - first)) * width
}

interface DateMarkProps {
  readonly when: string
  readonly axis: Axis
  readonly middle: number
  /** What the mark stands for: `start`, `end`, `milestone`, `happened`. */
  readonly of: string
}

const thick = 10

export function DateMark({ when, axis, middle, of }: DateMarkProps) {
  const shape = shapeOf(when)
  const { first, last } = spanOf(when)
  const left = first === null ? 0 : positionOn(axis, first)
  const right = last === null ? axis.width : positionOn(axis, last) + axis.width / Math.max(1, daysOn(axis))
  const top = middle - thick / 2
  if (shape.form === 'unknown') return null
  if (shape.form === 'day') return <circle class={`mark ${of}`} cx={(left + right) / 2} cy={middle} r={4.5} />
  if (shape.form === 'lasting') {
    return (
      <g class={`mark lasted ${of}`}>
        <rect x={left} y={top} width={Math.max(5, right - left)} height={thick} />
        {shape.to === null ? <path d={`M${right - 8} ${top - 3}l8 ${thick / 2 + 3}l-8 ${thick / 2 + 3}z`} /> : null}
      </g>
    )
  }
  if (shape.form === 'between') {
    const open = [first === null, last === null] as const
    return <Between left={left} right={Math.max(left + 8, right)} top={top} open={open} of={of} />
  }
  return <rect class={`mark ${of}`} x={left} y={top} width={Math.max(5, right - left)} height={thick} rx={2} />
}

function daysOn({ from, to }: Axis): number {
  return dayNumber(to) - dayNumber(from) + 1
}

interface BetweenProps {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly open: readonly [boolean, boolean]
  readonly of: string
}

function Between({ left, right, top, open: [openStart, openEnd], of }: BetweenProps) {
  const hatch = useId()
  const bottom = top + thick
  return (
    <g class={`mark between ${of}`}>
      <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-line" width="2" height="5" />
      </pattern>
      <rect class="hatched" x={left} y={top} width={right - left} height={thick} fill={`url(#${hatch})`} />
      {openStart ? (
        <text x={left + 2} y={bottom - 1}>
          …
        </text>
      ) : (
        <path class="bracket" d={`M${left + 4} ${top - 2}h-4v${thick + 4}h4`} />
      )}
      {openEnd ? (
        <text x={right - 12} y={bottom - 1}>
          …
        </text>
      ) : (
        <path class="bracket" d={`M${right - 4} ${top - 2}h4v${thick + 4}h-4`} />
      )}
    </g>
  )
}
