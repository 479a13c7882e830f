/** The events of a proposal as they were known at the selected moment, with corrections and retractions up to then. */
import { askHistory, type History as EventPage } from '../data/history.ts'
import { type Reading, useReading } from '../data/reading.ts'
import { query } from '../url/location.ts'
import { wasKnown } from '../url/moment.ts'
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
  const known = items.filter(({ event }) => wasKnown(query.value, event))
  const others = new Others(known.map(({ event }) => event))
  return { reading, events: known.map((item) => knownEvent(item, others)), later: items.length - known.length }
}

/** The events that others name, found at once however many there are. */
class Others {
  readonly byVersion: ReadonlyMap<number, RecordedEvent>
  readonly byId: ReadonlyMap<string, RecordedEvent>

  constructor(events: readonly RecordedEvent[]) {
    this.byVersion = new Map(events.map((event) => [event.version, event]))
    this.byId = new Map(events.map((event) => [event.eventId, event]))
  }
}

function knownEvent(item: EventPage['events'][number], { byVersion, byId }: Others): KnownEvent {
  const { event, correctedBy, retractedBy, countsFrom } = item
  const corrections = correctedBy.flatMap((version) => {
    const by = byVersion.get(version)
    return by === undefined ? [] : correctionsIn(by, event.version).map((correction) => ({ by, correction }))
  })
  const { asOf } = query.value
  const dated = corrections.findLast(({ correction }) => correction.occurredOn !== undefined)
  return {
    event,
    corrections,
    erasure: byId.get(event.erased?.by ?? '') ?? null,
    retraction: retractedBy === null ? null : (byVersion.get(retractedBy) ?? null),
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
