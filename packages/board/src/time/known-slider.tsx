/** Selects the moment of knowledge. */

import { ask } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { instantInWords } from '../dates/instants.ts'
import { FailureNote } from '../parts/panel.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { useSeries } from './series.ts'
import { Slider } from './slider.tsx'
import { Sparkline } from './sparkline.tsx'
import { drag, travel } from './travel.ts'

export function KnownSlider() {
  const words = say.value.time
  const reading = useSeries('known', true)
  const known = usePosition()
  if (reading.failure !== null && reading.answer === null) {
    return <FailureNote failure={reading.failure} retry={reading.retry} />
  }
  const series = reading.answer?.value
  const newest = head.value?.position ?? 0
  const points = (series?.changePoints ?? []).map(Number).filter((position) => position > 0 && position < newest)
  const index =
    known === undefined
      ? points.length
      : Math.max(
          0,
          points.findLastIndex((position) => position <= known),
        )
  const goTo = (place: number) => ({ knownAt: undefined, knownAtPosition: points[place] })
  const recordedAt = new Map(series?.steps.map(({ at, recordedAt: instant }) => [Number(at), instant]))
  const inWords = (place: number) => {
    const position = place === index && known !== undefined ? known : points[place]
    const instant = recordedAt.get(position ?? newest)
    const when = typeof instant === 'string' ? instantInWords(instant, language.value, readShell().timeZone) : ''
    const said = position === undefined ? words.knownNow(newest) : say.value.position(position)
    return when === '' ? said : `${said} · ${when}`
  }
  const tenth = Math.max(1, Math.round(points.length / 10))
  return (
    <div class="clock">
      <Slider
        id="known-at"
        label={words.known}
        count={points.length}
        index={index}
        words={inWords}
        also=""
        page={(place, direction) => place + direction * tenth}
        onDrag={(place) => drag(goTo(place))}
        onChoose={(place) => travel(goTo(place))}
      />
      {series === undefined ? null : <Sparkline series={series} points={points} />}
      <label class="exact">
        <span class="spoken">{words.positionField}</span>
        <input
          type="number"
          min={1}
          max={newest}
          placeholder={String(newest)}
          value={known ?? ''}
          onChange={({ currentTarget }) => {
            const position = Number(currentTarget.value)
            const past = Number.isSafeInteger(position) && position >= 1 && position < newest
            travel({ knownAt: undefined, knownAtPosition: past ? position : undefined })
          }}
        />
      </label>
    </div>
  )
}

/** What the address says was known, as a position; of an instant the API says which was the last. Undefined for now. */
function usePosition(): number | undefined {
  const { knownAt, knownAtPosition } = query.value
  const instant = knownAtPosition === undefined ? knownAt : undefined
  const reading = useReading(
    instant === undefined
      ? null
      : ask('/v1/portfolio/series', { axis: 'known', step: 'year', from: instant, to: instant }),
  )
  const to = instant === undefined ? undefined : shownOf(reading)?.to
  return knownAtPosition ?? (to === undefined ? undefined : Number(to))
}
