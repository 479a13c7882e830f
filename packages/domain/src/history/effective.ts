import { isRereading } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { type Correction, type Rereading, rereadingOf } from './rereading.ts'

/** How one recorded event stands now: what a history shows beside its line. */
export interface Annotation {
  readonly version: number
  /** The versions of the corrections that hold of it, in the order of their recording: the last one has the last word, member by member. */
  readonly correctedBy: readonly number[]
  /** The version of the first retraction that holds against it; null where none does. */
  readonly retractedBy: number | null
}

/**
 * What the corrections and retractions of a stream say of each of its events, by version. Only those that hold are named: a correction that
 * was retracted itself corrects nothing, and is shown as retracted.
 */
export function annotations(events: readonly RecordedEvent[]): readonly Annotation[] {
  const { retractedBy, corrections } = rereadingOf(events)
  return events.map(({ version }) => ({
    version,
    correctedBy: corrections.get(version)?.map(({ by }) => by) ?? [],
    retractedBy: retractedBy.get(version) ?? null,
  }))
}

/**
 * The events of a stream as they are understood now, in order of version: as corrected, without the retracted, and without the corrections
 * and retractions themselves, which have done their work. Envelope members that nobody corrects (version, position, `recordedAt` …) stay
 * those of the event that was recorded. A stream without corrections and retractions is returned itself.
 */
export function effectiveHistory(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return events.some(isRereading) ? reread(events, rereadingOf(events)) : events
}

/** The same, where it is known already what the corrections and retractions come to. */
export function reread(
  events: readonly RecordedEvent[],
  { retractedBy, corrections }: Rereading,
): readonly RecordedEvent[] {
  return events
    .filter((event) => !isRereading(event) && !retractedBy.has(event.version))
    .map((event) => corrections.get(event.version)?.reduce(corrected, event) ?? event)
}

/** Member by member: what a correction leaves out stays as it was, and null is a date that turned out to be unknown. */
function corrected(event: RecordedEvent, { correction }: { readonly correction: Correction }): RecordedEvent {
  const { event: _target, ...members } = correction
  const right = Object.entries(members).filter(([, value]) => value !== undefined)
  return { ...event, ...Object.fromEntries(right) }
}
