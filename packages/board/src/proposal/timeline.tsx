/**
 * What happened, when it happened, when it was recorded, and who says so. Corrected, retracted and amended events are marked differently.
 */
import { signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { lastDayOf } from '../dates/bounds.ts'
import { useHeld } from '../live/held.ts'
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { printing } from '../parts/printing.ts'
import { Section } from '../parts/section.tsx'
import { say } from '../texts/reader.ts'
import { hereWith, place, query } from '../url/location.ts'
import { type History, isAboutTheRecord, type KnownEvent } from './events.ts'
import type { Status } from './status.ts'
import { isNamed, TimelineEntry } from './timeline-entry.tsx'

const atOnce = 200

/** How many entries were asked for, by proposal, so that Back shows the same number. */
const opened = signal<Readonly<Record<string, number>>>({})

export function TimelinePart({ status, history }: { readonly status: Status; readonly history: History }) {
  const words = say.value.proposal
  const { order = 'oldest', clock = 'happened', corrections } = query.value
  const shown = history.events.filter(
    ({ event }) => corrections === undefined || !isAboutTheRecord(event) || isNamed(event),
  )
  const sorted = clock === 'recorded' ? shown : byHappening(shown)
  const listed = order === 'oldest' ? sorted : sorted.toReversed()
  const most = mostDrawn(status, listed)
  const hidden = history.events.length - shown.length
  const { failure, answer, retry } = history.reading
  const list = useRef<HTMLOListElement>(null)
  const steady = useHeld({
    part: 'timeline',
    question: JSON.stringify([status.proposalId, answer?.logId, query.value, place.value.fragment, most]),
    current: history.reading.current,
    rows: listed.slice(0, most),
    idOf: ({ event }) => event.version,
    within: list,
  })
  const uncounted = history.events.filter(({ counts }) => !counts).length
  return (
    <Section id="timeline" title={words.sections.timeline} aside={<Choices />}>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {history.later === 0 ? null : <p class="quiet">{words.recordedLater(history.later)}</p>}
      {uncounted === 0 ? null : <p class="quiet">{words.notYetCounted(uncounted)}</p>}
      {answer === null ? (
        failure === null ? (
          <Skeleton />
        ) : null
      ) : (
        <>
          <div class="timeline-head" aria-hidden="true">
            <span>{words.happened}</span>
            <span>{words.recorded}</span>
            <span>{words.what}</span>
          </div>
          <ol class="timeline" ref={list}>
            {steady.map((known) => (
              <TimelineEntry key={known.event.version} known={known} proposalId={status.proposalId} />
            ))}
          </ol>
          <More proposalId={status.proposalId} most={most} all={listed.length} />
        </>
      )}
      {hidden === 0 ? null : (
        <p class="quiet">
          {words.hiddenCorrections(hidden)} <a href={hereWith({ corrections: undefined })}>{words.showCorrections}</a>
        </p>
      )}
    </Section>
  )
}

/** All of them on paper, and at least up to the event that the address names. */
function mostDrawn({ proposalId }: Status, listed: readonly KnownEvent[]): number {
  if (printing.value) return Number.POSITIVE_INFINITY
  const named = listed.findIndex(({ event }) => isNamed(event))
  return Math.max(opened.value[proposalId] ?? atOnce, named + 1)
}

interface MoreProps {
  readonly proposalId: string
  readonly most: number
  readonly all: number
}

function More({ proposalId, most, all }: MoreProps) {
  const words = say.value.list
  if (all <= most) return null
  const open = () => {
    opened.value = { ...opened.value, [proposalId]: most + atOnce }
  }
  return (
    <p class="more">
      <button type="button" onClick={open}>
        {words.more(Math.min(atOnce, all - most))}
      </button>{' '}
      <span class="quiet">{words.shown(most, all)}</span>
    </p>
  )
}

/** By the last possible day; events without one come last, in the order of recording. */
function byHappening(events: readonly KnownEvent[]): KnownEvent[] {
  const never = '9999-99-99'
  const keyOf = ({ occurredOn }: KnownEvent) => lastDayOf(occurredOn) ?? never
  return events.toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)]
    return a < b ? -1 : a > b ? 1 : one.event.version - other.event.version
  })
}

function Choices() {
  const words = say.value.proposal
  const { order = 'oldest', clock = 'happened', corrections } = query.value
  return (
    <div class="choices no-print">
      <nav class="choice" aria-label={words.orderLabel}>
        <a href={hereWith({ order: undefined })} aria-current={order === 'oldest'}>
          {words.oldest}
        </a>
        <a href={hereWith({ order: 'newest' })} aria-current={order === 'newest'}>
          {words.newest}
        </a>
      </nav>
      <nav class="choice" aria-label={words.clockLabel}>
        <a href={hereWith({ clock: undefined })} aria-current={clock === 'happened'}>
          {words.happened}
        </a>
        <a href={hereWith({ clock: 'recorded' })} aria-current={clock === 'recorded'}>
          {words.recorded}
        </a>
      </nav>
      <a href={hereWith({ corrections: corrections === undefined ? 'hidden' : undefined })}>
        {corrections === undefined ? words.hideCorrections : words.showCorrections}
      </a>
    </div>
  )
}
