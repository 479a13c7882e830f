/** For a screen on a wall that nobody touches: it has no controls, does not scroll, and is read from five metres. */
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { head, silentSince } from '../data/connection.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { dayOfInstant, secondOfInstant } from '../dates/instants.ts'
import { way } from '../live/hear.ts'
import type { Portfolio } from '../parts/figure.ts'
import { StageName } from '../parts/stage.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { stages } from '../url/codes.ts'
import { query } from '../url/location.ts'
import { type FilterName, filtersOf } from '../url/moment.ts'
import { JustRecorded } from './just-recorded.tsx'
import { Late } from './late.tsx'
import { startRenewal } from './renewal.ts'
import { Totals } from './totals.tsx'

export function WallPage() {
  useTitle(say.value.pages.overview)
  useEffect(startRenewal, [])
  const reading = useReading(ask('/v1/portfolio', filtersOf(query.value)))
  const portfolio = shownOf(reading)
  return (
    <main class="wall" id="content">
      <Top />
      {portfolio === null ? null : (
        <>
          <Figures portfolio={portfolio} />
          <div class="wall-lists">
            <Late day={portfolio.day} count={portfolio.byCondition['overdue'] ?? 0} />
            <JustRecorded />
          </div>
          <Totals portfolio={portfolio} />
        </>
      )}
    </main>
  )
}

/** What it is about, the time, and how fresh it is: amber when nothing is heard of the service. */
function Top() {
  const now = useSeconds()
  const { timeZone } = readShell()
  const since = silentSince.value
  const filters = Object.keys(filtersOf(query.value)) as FilterName[]
  const shown = filters.map(
    (name) => `${say.value.filters.names[name]}: ${String(query.value[name]).replaceAll(',', ', ')}`,
  )
  const position = head.value?.position ?? null
  return (
    <header class={since === null ? 'wall-top' : 'wall-top stale'}>
      <h1>{[say.value.product, ...shown].join(' · ')}</h1>
      {since === null ? (
        <p class="wall-state">
          <span aria-hidden="true">{way.value === 'live' ? '●' : '○'}</span> {say.value.live[way.value ?? 'waiting']}
          {position === null ? '' : ` · ${say.value.position(position)}`}
        </p>
      ) : (
        <output class="wall-state">
          {say.value.notices.silence(secondOfInstant(since.toISOString(), language.value, timeZone), position)}
        </output>
      )}
      <p class="wall-clock">
        {dayOfInstant(now, language.value, timeZone)} · <b>{secondOfInstant(now, language.value, timeZone)}</b>
      </p>
    </header>
  )
}

/** The time, each second. */
function useSeconds(): string {
  const [now, setNow] = useState(() => new Date().toISOString())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

function Figures({ portfolio }: { readonly portfolio: Portfolio }) {
  return (
    <ol class="wall-figures" aria-label={say.value.overview.where}>
      {stages.map((stage) => (
        <li key={stage} class={`stage-${stage}`}>
          <b class="figure">{portfolio.byStage[stage] ?? 0}</b>
          <StageName stage={stage} />
        </li>
      ))}
    </ol>
  )
}
