import type { EventDefinition } from './define-event.ts'
import type { Body, BodyOfProposal, Recorded } from './envelope.ts'
import { type ErasedData, erased } from './erased.ts'
import { eventDefinitions } from './registry.ts'

type Definition = (typeof eventDefinitions)[number]
type DataOf<D> = D extends { readonly data: { readonly _output: infer Data } } ? Data : never
type Each<D extends Definition> = {
  readonly [Type in D['type']]: DataOf<Extract<D, { type: Type }>>
}

/** From the type of an event to its data. */
export type EventData = Each<Definition>
export type EventType = Definition['type']

/** A parsed request to record an event. Nobody sends an erasure, and no schema of a request accepts one; but the log and the fold have them. */
export type EventBody = { [Type in EventType]: Body<Type, EventData[Type]> }[EventType] | Body<'erased', ErasedData>
/** The same with its proposal: the input of `decide`. */
export type EventBodyWithProposal =
  | { [Type in EventType]: BodyOfProposal<Type, EventData[Type]> }[EventType]
  | BodyOfProposal<'erased', ErasedData>
/** The record of an erasure, which nobody sends: the log writes it together with the lines that it names (erased.ts). */
type RecordedErasure = Recorded<'erased', ErasedData>
/** An event of the log. */
export type RecordedEvent = { [Type in EventType]: Recorded<Type, EventData[Type]> }[EventType] | RecordedErasure
/** An event to append: everything except what the log adds. */
export type EventToRecord = RecordedEvent extends infer Event
  ? Event extends RecordedEvent
    ? Omit<Event, 'position' | 'recordedAt'>
    : never
  : never

/** Every type of event that can be sent, in alphabetical order. */
export const eventTypes: readonly EventType[] = eventDefinitions.map(({ type }) => type)

const byType: ReadonlyMap<string, EventDefinition> = new Map(
  [...eventDefinitions, erased].map((definition) => [definition.type, definition]),
)

/** The definition of an event type; undefined for an unknown word. */
export function definitionOf(type: string): EventDefinition | undefined {
  return byType.get(type)
}
