import { isRereading } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'

/** An event that changes how earlier events of its stream are read: its definition says `rereads: true`. */
export type RereadingEvent = Extract<RecordedEvent, { type: 'corrected' | 'retracted' | 'erased' }>
type Retraction = Extract<RereadingEvent, { type: 'retracted' }>

/** One member of a correction: the right content of one event. */
export type Correction = Extract<RereadingEvent, { type: 'corrected' }>['data']['corrections'][number]

/** Which events of a stream are in force, and with which content. */
export interface Rereading {
  /** For each retracted version, the first retraction in force. */
  readonly retractedBy: ReadonlyMap<number, number>
  /** For each corrected version, the corrections in force, in the order of their recording, each with its version. */
  readonly corrections: ReadonlyMap<number, readonly { readonly by: number; readonly correction: Correction }[]>
}

/**
 * The effect of the corrections and retractions of a stream. Each of them refers only to earlier events, so one pass backwards through the
 * stream decides which retractions are in force: when one is reached, everything that may have retracted it has been seen.
 */
export function rereadingOf(events: readonly RecordedEvent[]): Rereading {
  const rereading = events.filter(isRereading)
  const retractedBy = new Map<number, number>()
  for (const event of rereading.toReversed()) if (isRetraction(event)) retract(event, retractedBy)
  return { retractedBy, corrections: correctionsOf(rereading.filter(({ version }) => !retractedBy.has(version))) }
}

function isRetraction(event: RereadingEvent): event is Retraction {
  return event.type === 'retracted'
}

function retract({ version, data }: Retraction, retractedBy: Map<number, number>): void {
  if (retractedBy.has(version)) return
  for (const target of data.events) retractedBy.set(target, version)
}

function correctionsOf(rereading: readonly RereadingEvent[]): Rereading['corrections'] {
  const corrections = new Map<number, { by: number; correction: Correction }[]>()
  for (const event of rereading) {
    if (event.type !== 'corrected') continue
    for (const correction of event.data.corrections) {
      const known = corrections.get(correction.event)
      if (known) known.push({ by: event.version, correction })
      else corrections.set(correction.event, [{ by: event.version, correction }])
    }
  }
  return corrections
}
