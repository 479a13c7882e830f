/** The number of proposals at each place of the slider above it. */
import type { Series } from './series.ts'

export function Sparkline({
  series,
  points,
}: {
  readonly series: Series
  readonly points: readonly (string | number)[]
}) {
  const most = Math.max(1, ...series.steps.map(({ total }) => total))
  if (points.length === 0) return null
  const steps = series.steps.map(({ at, total }) => {
    const place = points.findLastIndex((point) => point <= at) + 1
    return `H${(Math.min(place, points.length) / points.length) * 1000}V${20 - (total / most) * 20}`
  })
  return (
    <svg class="sparkline" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
      <path d={`M0 20${steps.join('')}H1000V20Z`} />
    </svg>
  )
}
