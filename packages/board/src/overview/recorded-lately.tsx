/** The newest events about the proposals that the page shows. */
import { useRef } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { useHeld } from '../live/held.ts'
import { RecordedEventLine } from '../parts/event-line.tsx'
import { Panel, Skeleton } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'
import { ChangedLately } from './changed-lately.tsx'

/** Number of newest events that are read. */
const lookedAt = 40
const shown = 8

export function RecordedLately() {
  const words = say.value.overview
  const { knownAtPosition } = query.value
  const last = Math.min(knownAtPosition ?? Number.POSITIVE_INFINITY, head.value?.position ?? 0)
  const page = useReading(
    last === 0 ? null : ask('/v1/events', { after: Math.max(0, last - lookedAt), limit: lookedAt }),
  )
  const events = (page.answer?.value.events ?? []).map(({ event }) => event).filter(({ position }) => position <= last)
  const { ids: narrowed, ...filters } = filtersOf(query.value)
  const ids = [...new Set(events.map(({ proposalId }) => proposalId))].filter((id) => narrowed?.includes(id) !== false)
  // This is about the time of recording, so the selected day has no effect.
  const { knownAt } = query.value
  const known = { ...(knownAt !== undefined && { knownAt }), ...(knownAtPosition !== undefined && { knownAtPosition }) }
  const named = { ...filters, ...known, ids, limit: 100 }
  const titles = useReading(ids.length === 0 ? null : askRows(named, 'proposalId', 'title'))
  const titleOf = new Map(titles.answer?.value.proposals.map(({ proposalId, title }) => [proposalId, title]))
  const list = useRef<HTMLOListElement>(null)
  const listed = useHeld({
    part: 'lately',
    question: JSON.stringify({ narrowed, filters, known }),
    rows: events
      .filter(({ proposalId }) => titleOf.has(proposalId))
      .slice(-shown)
      .toReversed(),
    current: page.current && titles.current,
    idOf: ({ position }) => position,
    within: list,
  })
  const isNamed = ids.length === 0 || titles.answer !== null || titles.failure !== null
  if (page.failure?.code === 'forbidden') return <ChangedLately />
  const all = <a href={hrefOf({ name: 'activity' })}>{words.allActivity}</a>
  return (
    <Panel id="lately" title={words.lately} reading={page} aside={all}>
      {() =>
        listed.length === 0 ? (
          isNamed ? (
            <p class="quiet">{words.nothingLately}</p>
          ) : (
            <Skeleton />
          )
        ) : (
          <ol class="lately" ref={list}>
            {listed.map((event) => (
              <li key={event.position}>
                <RecordedEventLine event={event} title={titleOf.get(event.proposalId) ?? {}} />
              </li>
            ))}
          </ol>
        )
      }
    </Panel>
  )
}
