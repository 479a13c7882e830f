/** What has changed since the last visit of this browser. The position is kept in the browser and nowhere else. */
import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { dayOfInstant } from '../dates/instants.ts'
import { lastVisit, noteVisit } from '../reader/visits.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'

const dismissed = signal(false)

export function SinceLastVisit() {
  const last = useMemo(lastVisit, [])
  useEffect(() => {
    addEventListener('pagehide', noteSeen)
    return () => removeEventListener('pagehide', noteSeen)
  }, [])
  const now = head.value
  const behind = last !== null && now !== null && last.logId === now.logId && last.position < now.position
  const changes = useReading(behind ? ask('/v1/changes', { since: last.position, limit: 100 }) : null)
  const changed = changes.answer?.value
  if (!behind || changed === undefined || changed.proposals.length === 0) return null
  if (dismissed.value || isPast(query.value)) return null
  const which = changed.more
    ? { updatedSince: last.at }
    : { ids: changed.proposals.map(({ proposalId }) => proposalId) }
  const day = dayOfInstant(last.at, language.value, readShell().timeZone)
  return (
    <p class="notice since">
      <a href={hrefOf({ name: 'proposals' }, { ...which, sort: '-updated' })}>
        {say.value.overview.changedSince(changed.proposals.length, changed.more, day)}
      </a>{' '}
      <button
        type="button"
        onClick={() => {
          noteSeen()
          dismissed.value = true
        }}
      >
        {say.value.notices.dismiss}
      </button>
    </p>
  )
}

function noteSeen(): void {
  const now = head.peek()
  if (now !== null) noteVisit(now)
}
