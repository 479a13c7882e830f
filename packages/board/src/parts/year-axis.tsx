/** Years along an axis, as many as there is room for. */
import { type Axis, positionOn } from './date-mark.tsx'

interface YearLine {
  readonly year: string
  readonly x: number
}

function yearLines(axis: Axis): YearLine[] {
  const [first, last] = [
    Number(axis.from.slice(0, 4)) + (axis.from.endsWith('-01-01') ? 0 : 1),
    Number(axis.to.slice(0, 4)),
  ]
  const room = Math.max(2, Math.floor(axis.width / 64))
  const every = [1, 2, 5, 10, 20, 50, 100].find((step) => (last - first + 1) / step <= room) ?? 1_000
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
    .filter((year) => year % every === 0)
    .map((year) => {
      const text = String(year).padStart(4, '0')
      return { year: text, x: positionOn(axis, `${text}-01-01`) }
    })
}

/** Half the width of a year, in pixels. */
const half = 16

/** Each year is centred on its line, except where that would take it beyond the axis. */
export function YearAxis({ axis }: { readonly axis: Axis }) {
  const edgeAt = (x: number) => (x < half ? 'first' : x > axis.width - half ? 'last' : undefined)
  return (
    <div class="years" aria-hidden="true">
      {yearLines(axis).map(({ year, x }) => (
        <span key={year} class={edgeAt(x)} style={{ left: `${(x / axis.width) * 100}%` }}>
          {year}
        </span>
      ))}
    </div>
  )
}

export function YearGrid({ axis, height }: { readonly axis: Axis; readonly height: number }) {
  return (
    <>
      {yearLines(axis).map(({ year, x }) => (
        <line key={year} class="grid" x1={x} x2={x} y1={0} y2={height} />
      ))}
    </>
  )
}
