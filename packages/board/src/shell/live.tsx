/** What is new on this page: whether it is live, what waits to be shown, and what is said to those who do not see the marks. */
import { useEffect, useState } from 'preact/hooks'
import { head, silentSince } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { arrived, way } from '../live/hear.ts'
import { showWaiting, waitingOnPage } from '../live/held.ts'
import type { Change } from '../live/news.ts'
import { best } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'

/** In the header: how news come, and the newest known position. */
export function LiveState() {
  const words = say.value.live
  const state = silentSince.value === null ? (way.value ?? 'waiting') : 'silent'
  // A word that comes and goes would move the page when the header gets another line.
  const hasWord = state === 'live' || state === 'polling'
  return (
    <p class="position">
      <span class={`live ${state}`}>
        <span aria-hidden="true">{state === 'live' ? '●' : '○'}</span>{' '}
        <span class={hasWord ? undefined : 'unseen'}>{hasWord ? words[state] : words.live}</span>
        {hasWord ? null : <span class="spoken">{words[state]}</span>}
      </span>{' '}
      <span>{head.value === null ? '' : say.value.position(head.value.position)}</span>
    </p>
  )
}

/** Rows that wait for the reader. It lies over the page, so that it moves nothing either. */
export function Waiting() {
  const count = waitingOnPage()
  const words = say.value.live
  if (count === 0) return null
  return (
    <p class="waiting">
      {words.new(count)}{' '}
      <button type="button" onClick={showWaiting}>
        {words.show}
      </button>
    </p>
  )
}

/** So many titles are worth a request; more events are only counted. */
const named = 3

/** Says once what was recorded, for readers who do not see the marks. */
export function Announcer() {
  const words = say.value.live
  const changes = isPast(query.value) ? [] : arrived.value
  const ids = [...new Set(changes.map(({ proposalId }) => proposalId))].toSorted()
  const few = changes.length > 0 && changes.length <= named
  const titles = useReading(few ? askRows({ ids, limit: named }, 'proposalId', 'title') : null)
  const [text, setText] = useState('')
  const known = new Map(titles.answer?.value.proposals.map(({ proposalId, title }) => [proposalId, best(title).text]))
  const isNamed = titles.current || titles.failure !== null
  const sentence =
    changes.length === 0 ? '' : few ? (isNamed ? changes.map(spoken).join(' ') : null) : words.many(changes.length)
  useEffect(() => {
    if (sentence !== null && !document.hidden) setText(sentence)
  }, [sentence, changes])
  return (
    <output class="spoken" aria-live="polite">
      {text}
    </output>
  )

  function spoken({ proposalId, type }: Change): string {
    const title = known.get(proposalId) ?? proposalId
    return words.one(title, type === null ? '' : labelOf('eventTypes', type))
  }
}
