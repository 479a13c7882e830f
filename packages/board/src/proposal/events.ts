/** The events of a proposal as they were known at the selected moment, with corrections and retractions up to then. */
import { askHistory, type History as EventPage } from '../data/history.ts'
import { type Reading, useReading } from '../data/reading.ts'
import { query } from '../url/location.ts'
import type { Status } from './status.ts'

export type RecordedEvent = EventPage['events'][number]['event']

export interface KnownEvent {
  readonly event: RecordedEvent
  /** Its corrections, oldest first; for each member, the last one applies. */
  readonly corrections: readonly { readonly by: RecordedEvent; readonly correction: Correction }[]
  /** The event that retracted it. */
  readonly retraction: RecordedEvent | null
  /** The event that erased its texts. */
  readonly erasure: RecordedEvent | null
  /** Whether it counts on the selected day. A retracted event does not. */
  readonly counts: boolean
  /** When it happened, according to its corrections. */
  readonly occurredOn: string | null
}

type Correction = Extract<RecordedEvent, { readonly type: 'corrected' }>['data']['corrections'][number]

export interface History {
  readonly reading: Reading<EventPage>
  readonly events: readonly KnownEvent[]
  /** How many events were recorded after the selected moment. */
  readonly later: number
}

export function useEvents({ proposalId }: Status): History {
  const reading = useReading(askHistory(proposalId))
  const items = reading.answer?.value.events ?? []
  const known = items.filter(({ event }) => wasKnown(event))
  return { reading, events: known.map((item) => knownEvent(item, known)), later: items.length - known.length }
}

/** Whether an event was recorded by the selected moment. */
function wasKnown({ position, recordedAt }: RecordedEvent): boolean {
  const { knownAt, knownAtPosition } = query.value
  if (knownAtPosition !== undefined && position > knownAtPosition) return false
  return knownAt === undefined || Date.parse(recordedAt) <= Date.parse(knownAt)
}

function knownEvent(item: EventPage['events'][number], known: EventPage['events']): KnownEvent {
  const { event, correctedBy, retractedBy, countsFrom } = item
  const byVersion = (version: number) => known.find((one) => one.event.version === version)?.event
  const corrections = correctedBy.flatMap((version) => {
    const by = byVersion(version)
    return by === undefined ? [] : correctionsIn(by, event.version).map((correction) => ({ by, correction }))
  })
  const { asOf } = query.value
  const dated = corrections.findLast(({ correction }) => correction.occurredOn !== undefined)
  return {
    event,
    corrections,
    erasure: known.find((one) => one.event.eventId === event.erased?.by)?.event ?? null,
    retraction: retractedBy === null ? null : (byVersion(retractedBy) ?? null),
    counts: asOf === undefined || typeof countsFrom !== 'string' || countsFrom <= asOf,
    occurredOn: dated === undefined ? event.occurredOn : (dated.correction.occurredOn ?? null),
  }
}

function correctionsIn(event: RecordedEvent, version: number): Correction[] {
  return event.type === 'corrected' ? event.data.corrections.filter((one) => one.event === version) : []
}

/** Why something was recorded, for types of events that say it. */
export function reasonOf({ data }: RecordedEvent): unknown {
  return 'reason' in data ? data.reason : undefined
}

/** Events about our record, not about the world. */
const aboutTheRecord = new Set([
  'corrected',
  'retracted',
  'erased',
  'contested',
  'contest-resolved',
  'evidence-attached',
])

export function isAboutTheRecord({ type }: RecordedEvent): boolean {
  return aboutTheRecord.has(type)
}
