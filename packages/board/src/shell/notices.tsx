/** Notices about the page as a whole. */
import type { ComponentChildren } from 'preact'
import { askAgain, head, logReplaced, missed, silentSince } from '../data/connection.ts'
import { secondOfInstant } from '../dates/instants.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hereWith, hrefOf, place } from '../url/location.ts'
import { Waiting } from './live.tsx'

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      <NotUnderstood />
    </div>
  )
}

/** What happens while the page is open: it lies over the page, so that the page does not move when it comes and goes. */
export function News() {
  return (
    <div class="news" aria-live="polite">
      <Waiting />
      <Silence />
      <Missed />
      <LogReplaced />
    </div>
  )
}

function Silence() {
  const since = silentSince.value
  if (since === null) return null
  const words = say.value.notices
  const time = secondOfInstant(since.toISOString(), language.value, readShell().timeZone)
  return (
    <p class="notice stale">
      {words.silence(time, head.value?.position ?? null)}{' '}
      <button type="button" onClick={askAgain}>
        {say.value.failures.retry}
      </button>
    </p>
  )
}

function Missed() {
  const count = missed.value
  if (count === 0 || silentSince.value !== null) return null
  return (
    <Dismissible
      onDismiss={() => {
        missed.value = 0
      }}
    >
      {say.value.notices.missed(count)} <a href={hrefOf({ name: 'activity' })}>{say.value.overview.allActivity}</a>
    </Dismissible>
  )
}

function LogReplaced() {
  if (!logReplaced.value) return null
  return (
    <Dismissible
      onDismiss={() => {
        logReplaced.value = false
      }}
    >
      {say.value.notices.logReplaced}
    </Dismissible>
  )
}

function Dismissible({
  children,
  onDismiss,
}: {
  readonly children: ComponentChildren
  readonly onDismiss: () => void
}) {
  return (
    <p class="notice stale">
      {children}{' '}
      <button type="button" onClick={onDismiss}>
        {say.value.notices.dismiss}
      </button>
    </p>
  )
}

/** Parts of the URL without effect: reported, so that nobody takes an unfiltered list for a filtered one. */
function NotUnderstood() {
  const { ignored } = place.value
  if (ignored.length === 0) return null
  const words = say.value.notices
  return (
    <div class="notice">
      <ul>
        {ignored.map(({ name, value, known }) => (
          <li key={`${name}=${value}`}>{known ? words.badValue(name, value) : words.unknownName(name)}</li>
        ))}
      </ul>
      <a href={hereWith({})}>{words.withoutThem}</a>
    </div>
  )
}
