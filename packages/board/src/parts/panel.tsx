/** A part of a page with a heading, with its own loading state and errors. */
import type { ComponentChildren } from 'preact'
import { apiKey, giveKey } from '../data/api-key.ts'
import { dragging } from '../data/connection.ts'
import { type Failure, type Reading, shownOf } from '../data/reading.ts'
import { hasWord, labelOf } from '../data/vocabulary.ts'
import { say } from '../texts/reader.ts'

interface PanelProps<Value> {
  readonly id: string
  readonly title: string
  readonly reading: Reading<Value>
  /** Next to the heading. */
  readonly aside?: ComponentChildren
  readonly children: (value: Value) => ComponentChildren
}

/** Shows the last answer until the next one comes. */
export function Panel<Value>({ id, title, reading, aside, children }: PanelProps<Value>) {
  const { failure, retry } = reading
  const shown = shownOf(reading)
  return (
    <section class="panel" id={id} aria-labelledby={`${id}-title`} aria-busy={isBusy(reading)}>
      <div class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </div>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {shown === null ? failure === null ? <Skeleton /> : null : children(shown)}
    </section>
  )
}

/** Dimmed while another request is running, but not at each step of a slider. */
export function isBusy({ answer, current, failure }: Reading<unknown>): boolean {
  return failure === null && (answer === null || (!current && !dragging.value))
}

export function Skeleton({ says = say.value.loading }: { readonly says?: string }) {
  return (
    <p class="skeleton">
      <span>{says}</span>
    </p>
  )
}

/** Stands where an answer is to be shown that has not come, or was refused. */
export function NoAnswer({ reading: { failure, retry } }: { readonly reading: Reading<unknown> }) {
  return failure === null ? <Skeleton /> : <FailureNote failure={failure} retry={retry} />
}

/** Not an error: there is nothing to show for that moment, or for that name. */
const calm: ReadonlySet<string> = new Set(['before-beginning', 'unknown-proposal'])

function sayingOf(code: string): string {
  const { unreachable, broken, refused } = say.value.failures
  if (code === 'unreachable') return unreachable
  if (code === 'broken') return broken
  return hasWord('problems', code) ? labelOf('problems', code) : refused
}

export function FailureNote({ failure, retry }: { readonly failure: Failure; readonly retry: () => void }) {
  const words = say.value.failures
  if (calm.has(failure.code)) return <p class="empty">{sayingOf(failure.code)}</p>
  return (
    <div class="failure" role="alert">
      <p>
        <b>{sayingOf(failure.code)}</b> <code>{failure.code}</code>
      </p>
      {failure.detail === null ? null : <p lang="en">{failure.detail}</p>}
      <button type="button" onClick={retry}>
        {words.retry}
      </button>{' '}
      {apiKey.value === null ? null : (
        <button type="button" onClick={() => giveKey(null)}>
          {words.otherKey}
        </button>
      )}
    </div>
  )
}
