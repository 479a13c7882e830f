/** Notices about the page as a whole. */
import { askAgain, head, logReplaced, silentSince } from '../data/connection.ts'
import { timeOfInstant } from '../dates/instants.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { hereWith, place } from '../url/location.ts'

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      <Silence />
      <LogReplaced />
      <NotUnderstood />
    </div>
  )
}

function Silence() {
  const since = silentSince.value
  if (since === null) return null
  const words = say.value.notices
  const time = timeOfInstant(since.toISOString(), language.value, readShell().timeZone)
  return (
    <p class="notice stale">
      {words.silence(time, head.value?.position ?? null)}{' '}
      <button type="button" onClick={askAgain}>
        {say.value.failures.retry}
      </button>
    </p>
  )
}

function LogReplaced() {
  if (!logReplaced.value) return null
  return (
    <p class="notice stale">
      {say.value.notices.logReplaced}{' '}
      <button
        type="button"
        onClick={() => {
          logReplaced.value = false
        }}
      >
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
