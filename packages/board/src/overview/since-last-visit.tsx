/** What has changed since the last visit of this browser. The position is kept in the browser and nowhere else. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { dayOfInstant } from '../dates/instants.ts'
import { endLastVisit, lastVisit } from '../live/visits.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'

interface Found {
  readonly logId: string
  /** The position from which the changes were read. */
  readonly since: number
  readonly ids: readonly string[]
  readonly more: boolean
}

/** Read once for each visit: what comes while the page is open is marked where it stands. */
const found = signal<Found | null>(null)

export function SinceLastVisit() {
  const last = lastVisit()
  const now = head.value
  const behind = last !== null && now !== null && last.logId === now.logId && last.position < now.position
  const known = behind && found.value?.logId === last.logId && found.value.since === last.position ? found.value : null
  const reading = useReading(behind && known === null ? ask('/v1/changes', { since: last.position, limit: 100 }) : null)
  const { answer, current } = reading
  useEffect(() => {
    if (!behind || known !== null || answer === null || !current) return
    const { proposals, more } = answer.value
    found.value = {
      logId: answer.logId,
      since: last.position,
      ids: proposals.map(({ proposalId }) => proposalId),
      more,
    }
  })
  if (known === null || last === null || known.ids.length === 0 || isPast(query.value)) return null
  const which = known.more ? { updatedSince: last.at } : { ids: known.ids }
  const day = dayOfInstant(last.at, language.value, readShell().timeZone)
  return (
    <p class="notice since">
      <a href={hrefOf({ name: 'proposals' }, { ...which, sort: '-updated' })}>
        {say.value.overview.changedSince(known.ids.length, known.more, day)}
      </a>{' '}
      <button type="button" onClick={endLastVisit}>
        {say.value.notices.dismiss}
      </button>
    </p>
  )
}
