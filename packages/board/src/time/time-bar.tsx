/** The two time axes of the board: what was in force on a day, as known at a moment. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { isBusy } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import { place, query } from '../url/location.ts'
import { filtersOf, isPast, momentOf } from '../url/moment.ts'
import { InForceSlider } from './in-force-slider.tsx'
import { KnownSlider } from './known-slider.tsx'
import { momentInWords } from './moment-words.ts'
import { backToNow } from './travel.ts'

const opened = signal(false)

export function TimeBar() {
  const words = say.value.time
  const past = isPast(query.value)
  const open = past || opened.value
  useEffect(() => {
    const onEscape = (event: KeyboardEvent) => {
      const typing = (event.target as Element | null)?.closest('input:not([type=range]), select, textarea')
      if (event.key !== 'Escape' || typing || event.defaultPrevented) return
      backToNow()
      opened.value = false
    }
    addEventListener('keydown', onEscape)
    return () => removeEventListener('keydown', onEscape)
  }, [])
  if (!open) {
    return (
      <section class="time-bar closed" aria-label={words.label}>
        <span>{words.today}</span>
        <button type="button" onClick={() => (opened.value = true)}>
          {words.open}
        </button>
      </section>
    )
  }
  return (
    <section class={past ? 'time-bar past' : 'time-bar'} aria-label={words.label}>
      <div class="time-banner">
        <p aria-live="polite">
          {past ? (
            <>
              <b>◀ {words.past}</b> <span class="moment">{momentInWords(query.value)}</span>
            </>
          ) : (
            words.now
          )}
        </p>
        <button
          type="button"
          class="back-to-now"
          onClick={() => {
            backToNow()
            opened.value = false
          }}
        >
          {past ? words.back : words.close} <kbd>Esc</kbd>
        </button>
      </div>
      <Sliders />
      <details class="explain">
        <summary>{words.what}</summary>
        <p>{words.whatMeans}</p>
      </details>
    </section>
  )
}

function Sliders() {
  const { page } = place.value
  const counted = page.name === 'overview' || page.name === 'proposals'
  const portfolio = useReading(
    counted ? ask('/v1/portfolio', { ...filtersOf(query.value), ...momentOf(query.value) }) : null,
  )
  const total = shownOf(portfolio)?.total ?? null
  return (
    <div class="sliders" aria-busy={counted && isBusy(portfolio)}>
      <InForceSlider total={counted ? total : null} />
      <KnownSlider />
    </div>
  )
}
