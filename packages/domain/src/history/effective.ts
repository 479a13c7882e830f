import { isRereading } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { type Correction, type Rereading, rereadingOf } from './rereading.ts'

/** What a history shows next to a recorded event: how the event is understood now. */
export interface Annotation {
  readonly version: number
  /** The versions of the corrections in force, in the order of their recording: the last one wins, member by member. */
  readonly correctedBy: readonly number[]
  /** The version of the first retraction in force; null if there is none. */
  readonly retractedBy: number | null
}

/**
 * What the corrections and retractions of a stream say about each of its events, by version. Only those in force are named: a correction
 * that was itself retracted corrects nothing, and is shown as retracted.
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
 * The events of a stream as they are understood now, in order of version: corrected, without the retracted ones, and without the
 * corrections and retractions themselves, which have been applied. Envelope members that cannot be corrected (version, position,
 * `recordedAt` …) stay those of the recorded event. A stream without corrections and retractions is returned unchanged.
 */
export function effectiveHistory(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return events.some(isRereading) ? reread(events, rereadingOf(events)) : events
}

/** The same, if the effect of the corrections and retractions is already known. */
export function reread(
  events: readonly RecordedEvent[],
  { retractedBy, corrections }: Rereading,
): readonly RecordedEvent[] {
  return events
    .filter((event) => !isRereading(event) && !retractedBy.has(event.version))
    .map((event) => corrections.get(event.version)?.reduce(corrected, event) ?? event)
}

/** Member by member: what a correction omits stays as it was, and null is a date that is now unknown. */
function corrected(event: RecordedEvent, { correction }: { readonly correction: Correction }): RecordedEvent {
  const { event: _target, ...members } = correction
  const right = Object.entries(members).filter(([, value]) => value !== undefined)
  return { ...event, ...Object.fromEntries(right) }
}
