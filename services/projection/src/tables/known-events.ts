/** The events of one proposal, for the rows that are about events or say which event they come from. */
import {
  type Annotation,
  annotations,
  type Day,
  daysOfCounting,
  effectiveHistory,
  eventsASlice,
  isRereading,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { type LogLine, type ReadLine, readLine } from '../streams/log-line.ts'

/** How far a stream is read. */
interface AsRead {
  /** The last version that its state includes: behind it, nothing could be applied. */
  readonly version: number
  /** Only what counts by this day; null: everything. */
  readonly asOf: Day | null
  readonly timeZone: string
}

export interface KnownEvents {
  /** Every known line, also those that could not be read or applied. */
  readonly lines: readonly ReadLine[]
  /** The events that the state includes, as they were recorded. */
  readonly events: readonly RecordedEvent[]
  readonly annotations: readonly Annotation[]
  readonly asRead: AsRead
}

export function* readEvents(entries: readonly LogLine[], asRead: AsRead): Sliced<KnownEvents> {
  const lines: ReadLine[] = []
  for (const entry of entries) if (lines.push(readLine(entry)) % eventsASlice === 0) yield
  const events = lines.slice(0, asRead.version).flatMap(({ event }) => event ?? [])
  return { lines, events, annotations: annotations(events), asRead }
}

/** The place in the log of the event with this version. */
export function positionOf({ lines }: KnownEvents, version: number | null): number | null {
  return version === null ? null : (lines[version - 1]?.entry.position ?? null)
}

/** The day from which each event counts, by version. Those that count on no day, or not by the requested one, are missing. */
export function* countingDays({ events, asRead: { asOf, timeZone } }: KnownEvents): Sliced<ReadonlyMap<number, Day>> {
  const days = yield* daysOfCounting(events, timeZone)
  return asOf === null ? days : new Map([...days].filter(([, from]) => from <= asOf))
}

/** The events as they are understood, in the order of versions, with the corrections and retractions in force. */
export function* eventsInForce(known: KnownEvents): Sliced<readonly RecordedEvent[]> {
  const { events, annotations: of, asRead } = known
  const days = asRead.asOf === null ? null : yield* countingDays(known)
  const rereading = events.filter((event, index) => isRereading(event) && of[index]?.retractedBy === null)
  const all = rereading.length === 0 ? effectiveHistory(events) : [...effectiveHistory(events), ...rereading]
  return all.filter(({ version }) => days === null || days.has(version)).toSorted((a, b) => a.version - b.version)
}

/** Those of some types as they are understood, in the order in which they count. */
export function* inCountingOrder(known: KnownEvents, types: ReadonlySet<string>): Sliced<readonly RecordedEvent[]> {
  const wanted = effectiveHistory(known.events).filter(({ type }) => types.has(type))
  // The order of one event needs no fold.
  if (wanted.length < 2) return wanted
  const days = yield* countingDays(known)
  const from = (event: RecordedEvent) => days.get(event.version)
  return wanted
    .filter((event) => from(event) !== undefined)
    .toSorted((a, b) => (from(a) === from(b) ? a.version - b.version : (from(a) as Day) < (from(b) as Day) ? -1 : 1))
}
