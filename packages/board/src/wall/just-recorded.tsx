/** What was recorded last: when, about which proposal, and what. A key that may only read is enough for it. */
import { useEffect } from 'preact/hooks'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { todayIn } from '../dates/days.ts'
import { clockOfInstant, dayOfInstant } from '../dates/instants.ts'
import { hearHistory, isFresh, recent } from '../live/hear.ts'
import { readHistory } from '../live/history.ts'
import { Translated } from '../parts/translated.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'
import { rowsOnWall } from './rows.ts'

export function JustRecorded() {
  const known = head.value
  useEffect(() => {
    if (known === null || recent.peek().length > 0) return undefined
    const stop = new AbortController()
    void readHistory(known, stop.signal).then(hearHistory, () => undefined)
    return () => stop.abort()
  }, [known?.logId, known === null])
  const { ids: _, ...filters } = filtersOf(query.value)
  const rows = askRows({ ...filters, sort: '-updated', limit: rowsOnWall }, 'proposalId', 'title', 'lastEventAt')
  const reading = useReading(rows)
  const typeOf = new Map(recent.value.map(({ proposalId, type }) => [proposalId, type]))
  return (
    <section aria-labelledby="wall-recorded">
      <h2 id="wall-recorded">{say.value.wall.recorded}</h2>
      <ol>
        {(reading.answer?.value.proposals ?? []).map(({ proposalId, title, lastEventAt }) => {
          const type = typeOf.get(proposalId)
          return (
            <li key={proposalId} class={isFresh(proposalId) ? 'fresh' : undefined}>
              <b class="wall-when">{whenRecorded(lastEventAt)}</b>
              <span class="wall-what">
                <Translated text={title} />
              </span>
              {type === undefined || type === null ? null : (
                <span class="wall-type">— {labelOf('eventTypes', type)}</span>
              )}
              {isFresh(proposalId) ? <span class="fresh-word">{say.value.live.fresh}</span> : null}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** The time of day for today, otherwise the day. */
function whenRecorded(instant: string): string {
  const { timeZone } = readShell()
  const isToday = todayIn(timeZone, new Date(instant)) === todayIn(timeZone)
  return isToday ? clockOfInstant(instant, language.value, timeZone) : dayOfInstant(instant, language.value, timeZone)
}
