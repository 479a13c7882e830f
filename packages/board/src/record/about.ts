/** A form that starts from an event: what is known of that event now is filled in. */
import type { KnownEvent } from '../proposal/events.ts'
import type { GroupField } from './fields.ts'
import { initialOf } from './values.ts'

/** The members that a correction can change, as they are now. */
export function presentOf({ event, corrections, occurredOn }: KnownEvent) {
  const last = (name: 'data' | 'confidence' | 'evidence') =>
    corrections.findLast(({ correction }) => correction[name] !== undefined)?.correction[name] ?? event[name]
  return { data: last('data'), occurredOn, confidence: last('confidence'), evidence: last('evidence') }
}

/** What the form has at first. */
export function startOf(fields: GroupField, type: string, about?: KnownEvent): unknown {
  const empty = initialOf(fields) as Readonly<Record<string, unknown>>
  // A correction and a retraction concern the record, and have no date in the world.
  const begun = type === 'corrected' || type === 'retracted' ? { ...empty, occurredOn: null } : empty
  if (about === undefined) return begun
  const { version } = about.event
  const data = begun['data'] ?? {}
  if (type === 'corrected')
    return { ...begun, data: { ...data, corrections: [{ event: version, ...presentOf(about) }] } }
  if (type === 'retracted') return { ...begun, data: { ...data, events: [version] } }
  return { ...begun, data: { ...data, event: version } }
}
