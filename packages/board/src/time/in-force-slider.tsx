/** Selects the day of the world. */
import { pointInWords } from '../dates/words.ts'
import { FailureNote } from '../parts/panel.tsx'
import { language, say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { useSeries } from './series.ts'
import { Slider } from './slider.tsx'
import { Sparkline } from './sparkline.tsx'
import { drag, travel } from './travel.ts'

export function InForceSlider({ total }: { readonly total: number | null }) {
  const words = say.value.time
  const reading = useSeries('asOf', true)
  if (reading.failure !== null && reading.answer === null) {
    return <FailureNote failure={reading.failure} retry={reading.retry} />
  }
  const series = reading.answer?.value
  const { asOf } = query.value
  const days = (series?.changePoints ?? []).map(String)
  const last = series?.steps.at(-1)
  // The last place is now; a change point on the same day is the same place.
  const points = last === undefined ? days : days.filter((day) => day < String(last.at))
  const index =
    asOf === undefined
      ? points.length
      : Math.max(
          0,
          points.findLastIndex((day) => day <= asOf),
        )
  const dayAt = (place: number) => points[place]
  const goTo = (place: number) => ({ asOf: dayAt(place) })
  const inWords = (place: number) => {
    const day = place === index && asOf !== undefined ? asOf : dayAt(place)
    return day === undefined ? words.today : pointInWords(day, language.value)
  }
  return (
    <div class="clock">
      <Slider
        id="in-force"
        label={words.inForce}
        count={points.length}
        index={index}
        words={inWords}
        also={total === null || last === undefined ? '' : words.existed(total, last.total)}
        page={(place, direction) => aYearOn(points, place, direction)}
        onDrag={(place) => drag(goTo(place))}
        onChoose={(place) => travel(goTo(place))}
      />
      {series === undefined ? null : <Sparkline series={series} points={points} />}
      <label class="exact">
        <span class="spoken">{words.day}</span>
        <input
          type="date"
          value={asOf ?? ''}
          min="0001-01-01"
          max="9999-12-31"
          onChange={({ currentTarget }) => travel({ asOf: currentTarget.value || undefined })}
        />
      </label>
    </div>
  )
}

/** The first change point at least a year later, or the last one at least a year earlier. */
function aYearOn(points: readonly string[], place: number, direction: 1 | -1): number {
  const day = points[place] ?? points.at(-1)
  if (day === undefined) return 0
  const target = `${String(Number(day.slice(0, 4)) + direction).padStart(4, '0')}${day.slice(4)}`
  if (direction === -1)
    return Math.max(
      0,
      points.findLastIndex((point) => point <= target),
    )
  const found = points.findIndex((point) => point >= target)
  return found === -1 ? points.length : found
}
