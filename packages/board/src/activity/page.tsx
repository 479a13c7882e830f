/** The recorded events, newest first. */
import type { AnswerTo } from '@commitments/client'
import { Fragment } from 'preact'
import { apiKey } from '../data/api-key.ts'
import { addressOf, ask } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { dayOfInstant } from '../dates/instants.ts'
import { useHeld } from '../live/held.ts'
import { lastVisit } from '../live/visits.ts'
import { RecordedEventLine } from '../parts/event-line.tsx'
import { FilterChips } from '../parts/filter-chips.tsx'
import { FailureNote, isBusy, Skeleton } from '../parts/panel.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { go, hereWith, query } from '../url/location.ts'
import { filtersOf, momentOf, wasKnown } from '../url/moment.ts'

type Item = AnswerTo<'/v1/events'>['events'][number]['event']

const pageSize = 100

export function ActivityPage() {
  const words = say.value.activity
  useTitle(say.value.pages.activity)
  const { before, knownAtPosition, type } = query.value
  const newest = Math.min(head.value?.position ?? 0, knownAtPosition ?? Number.POSITIVE_INFINITY)
  // Before the first answer, the length of the log is unknown.
  const asked = useReading(head.value === null ? ask('/v1/portfolio', {}) : null)
  const last = Math.min(newest, before === undefined ? newest : before - 1)
  const after = Math.max(0, last - pageSize)
  const reading = useReading(last < 1 ? null : ask('/v1/events', { after, limit: Math.max(1, last - after) }))
  const all = (reading.answer?.value.events ?? [])
    .map(({ event }) => event)
    .filter(({ position }) => position > after && position <= last)
  const known = all.filter((event) => wasKnown(query.value, event))
  const ids = [...new Set(known.map(({ proposalId }) => proposalId))].toSorted()
  const { ids: narrowed, ...filters } = filtersOf(query.value)
  const wanted = ids.filter((id) => narrowed?.includes(id) !== false)
  const moment = momentOf(query.value)
  // Proposals recorded by mistake have events too: their titles are shown unless the reader filters by ending.
  const titles = useReading(
    wanted.length === 0
      ? null
      : askRows({ ...filters, ...moment, ids: wanted, limit: pageSize }, 'proposalId', 'title'),
  )
  const titleOf = new Map(titles.answer?.value.proposals.map(({ proposalId, title }) => [proposalId, title]))
  const isNarrowed = Object.keys(filters).length > 0 || narrowed !== undefined
  const types = [...new Set(known.map((event) => event.type))].toSorted()
  const listed = known
    .filter((event) => type?.includes(event.type) !== false)
    .filter(({ proposalId }) => titleOf.has(proposalId) || (!isNarrowed && titles.answer === null))
    .toReversed()
  const steady = useHeld({
    part: 'activity',
    question: JSON.stringify([query.value, reading.answer?.logId]),
    current: reading.current && titles.current,
    rows: listed,
    idOf: ({ position }) => position,
  })
  const failure = reading.failure ?? asked.failure
  return (
    <>
      <h1 tabIndex={-1}>{say.value.pages.activity}</h1>
      <FilterChips portfolio={null} />
      <div class="toolbar">
        <p class="summary">{last < 1 ? '' : words.positions(after + 1, last)}</p>
        <label>
          {words.type}{' '}
          <select
            value={type?.[0] ?? ''}
            onChange={({ currentTarget }) =>
              go(hereWith({ type: currentTarget.value === '' ? undefined : [currentTarget.value] }))
            }
          >
            <option value="">{words.allTypes}</option>
            {[...new Set([...types, ...(type ?? [])])].map((name) => (
              <option key={name} value={name}>
                {labelOf('eventTypes', name)}
              </option>
            ))}
          </select>
        </label>
        {apiKey.value !== null ? null : (
          <a class="button" href={addressOf('/v1/activity.atom', { ...filtersOf(query.value), lang: language.value })}>
            {words.feed}
          </a>
        )}
      </div>
      <section class="panel" aria-label={say.value.pages.activity} aria-busy={isBusy(reading)}>
        {failure === null ? null : <FailureNote failure={failure} retry={reading.retry} />}
        {reading.answer === null && failure === null ? <Skeleton /> : <Days events={steady} titleOf={titleOf} />}
        {reading.answer !== null && listed.length === 0 ? <p class="empty">{words.none}</p> : null}
        <nav class="more" aria-label={words.paging}>
          {before === undefined ? null : <a href={hereWith({ before: undefined })}>{words.newest}</a>}{' '}
          {after < 1 ? null : <a href={hereWith({ before: after + 1 })}>{words.older}</a>}
        </nav>
      </section>
    </>
  )
}

interface DaysProps {
  readonly events: readonly Item[]
  readonly titleOf: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** Grouped by the day of recording. */
function Days({ events, titleOf }: DaysProps) {
  const { timeZone } = readShell()
  const words = say.value.activity
  const last = lastVisit()
  const isNew = ({ position }: Item) => last !== null && last.logId === head.value?.logId && position > last.position
  // Nothing is said where all is new or all was seen.
  const seenFirst = events.some(isNew) ? events.find((event) => !isNew(event)) : undefined
  const days = Map.groupBy(events, ({ recordedAt }) => dayOfInstant(recordedAt, language.value, timeZone))
  return (
    <>
      {[...days].map(([day, some]) => (
        <section key={day} class="activity-day">
          <h2>{day}</h2>
          <ol class="lately">
            {some.map((event) => (
              <Fragment key={event.position}>
                {event === seenFirst && last !== null ? (
                  <li class="last-look">{words.lastLook(dayOfInstant(last.at, language.value, timeZone))}</li>
                ) : null}
                <li>
                  <RecordedEventLine event={event} title={titleOf.get(event.proposalId) ?? { en: event.proposalId }} />
                </li>
              </Fragment>
            ))}
          </ol>
        </section>
      ))}
    </>
  )
}
