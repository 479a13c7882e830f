import { boundsOf, type Day, dayOf } from '../dates.ts'
import { definitionOf, type EventType, type RecordedEvent } from '../event-types.ts'
import type { Evidence } from '../evidence.ts'
import type { Proposal } from '../proposal.ts'
import { effectiveHistory } from './effective.ts'
import { type Reading, readInOrder } from './fold.ts'
import { isRereading } from './rereading.ts'

/** An event as it is understood now, and the first day on which it certainly had happened. */
export interface Counting {
  readonly event: RecordedEvent
  readonly from: Day
}

/** They concern our record and not the world, and count wherever there is a proposal (domain.md, As of a day). */
const aboutTheRecord: ReadonlySet<EventType> = new Set(['contested', 'contest-resolved', 'evidence-attached'])

/**
 * From which day each event of a stream counts (domain.md, As of a day): corrections and retractions are applied first, and are not in the
 * answer. It is the earliest of
 *
 * - the last possible day of `occurredOn`, of its beginning for something that lasts;
 * - the last possible day of the earliest `publishedOn` of its evidence that is not partial. Evidence that was attached to it later, by
 *   `evidence-attached`, is its evidence too;
 * - the day it was recorded;
 * - for an act, the day from which the next act in stage order that the proposal has counts;
 *
 * but never before its own first possible day, nor before the events that it refers to count, nor before the proposal's first event does.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 * @returns in the order in which they are folded, `proposed` first. A stream without events has none.
 */
export function countsFrom(events: readonly RecordedEvent[], timeZone: string): readonly Counting[] {
  const dating = datingOf(effectiveHistory(events), timeZone)
  return countingOf(dating)
}

/**
 * Whether all of these events, as they are understood now, count on the day for certain: each by its own dates. What `countsFrom` takes into
 * account besides either makes an event count earlier, or later only as late as another of them. False says nothing.
 */
export function allCountOn(effective: readonly RecordedEvent[], day: Day, timeZone: string): boolean {
  const dating = { timeZone, attached: noEvidence }
  return effective.every((event) => {
    const first = boundsOf(event.occurredOn).first
    return (first === null || first <= day) && ownDays(dating, event).some((own) => own <= day)
  })
}

const noEvidence: Dating['attached'] = new Map()

/** Dates a stream that grows: what `countsFrom` gives for the events that were added so far, without beginning anew with each. */
export interface Counter {
  /** The next recorded event. Only one that rereads the past has those before it looked at again. */
  add(event: RecordedEvent): void
  counting(): readonly Counting[]
}

export function createCounter(timeZone: string): Counter {
  const recorded: RecordedEvent[] = []
  let dating = datingOf([], timeZone)
  return {
    add(event) {
      recorded.push(event)
      if (isRereading(event)) dating = datingOf(effectiveHistory(recorded), timeZone)
      else addTo(dating, event)
    },
    counting: () => countingOf(dating),
  }
}

function countingOf(dating: Dating): readonly Counting[] {
  const [first] = dating.order
  if (!first) return []
  dating.days.clear()
  const begins = certainFrom(dating, first)
  return dating.order.map((event) => {
    if (aboutTheRecord.has(event.type)) return { event, from: begins }
    const from = certainFrom(dating, event)
    return { event, from: from < begins ? begins : from }
  })
}

interface Dating {
  readonly timeZone: string
  /** How far the events have been read. */
  reading: Reading | undefined
  /** In the order of the fold. */
  readonly order: RecordedEvent[]
  readonly byVersion: Map<number, RecordedEvent>
  /** Versions that an event refers to, by its own. */
  readonly refersTo: Map<number, readonly number[]>
  readonly attached: Map<number, readonly Evidence[]>
  /** By rank. */
  readonly acts: readonly RecordedEvent[][]
  /** By version; undefined while it is being found out. */
  readonly days: Map<number, Day | undefined>
}

function datingOf(events: readonly RecordedEvent[], timeZone: string): Dating {
  const dating: Dating = {
    timeZone,
    reading: undefined,
    order: [],
    byVersion: new Map(),
    refersTo: new Map(),
    attached: new Map(),
    acts: acts.map(() => []),
    days: new Map(),
  }
  for (const event of events) addTo(dating, event)
  return dating
}

/** The next event as it is understood now; those that waited for it are read with it. */
function addTo(dating: Dating, event: RecordedEvent): void {
  dating.reading = readInOrder([event], (read, before) => addRead(dating, read, before), dating.reading)
}

function addRead(dating: Dating, event: RecordedEvent, before: Proposal | null): void {
  dating.order.push(event)
  dating.byVersion.set(event.version, event)
  const versions = before && definitionOf(event.type)?.refersTo?.(before, event)
  if (versions) dating.refersTo.set(event.version, versions)
  dating.acts[rankOf(event)]?.push(event)
  if (event.type !== 'evidence-attached') return
  dating.attached.set(event.data.event, [...(dating.attached.get(event.data.event) ?? []), ...(event.evidence ?? [])])
}

/** Once for each event: what it depends on is found out first. */
function certainFrom(dating: Dating, event: RecordedEvent): Day {
  const known = dating.days.get(event.version)
  if (known !== undefined) return known
  dating.days.set(event.version, undefined)
  const day = latest([
    earliest([...ownDays(dating, event), ...nextActDays(dating, event)]),
    boundsOf(event.occurredOn).first,
    ...daysOfReferred(dating, event),
  ])
  dating.days.set(event.version, day)
  return day
}

/** Of these the day of recording is always there. */
function ownDays(
  { timeZone, attached }: Pick<Dating, 'timeZone' | 'attached'>,
  { version, occurredOn, evidence = [], recordedAt }: RecordedEvent,
): Day[] {
  const published = [...evidence, ...(attached.get(version) ?? [])]
    .filter(({ partial }) => partial !== true)
    .map(({ publishedOn }) => boundsOf(publishedOn ?? null).begunBy)
  const days = [boundsOf(occurredOn).begunBy, ...published, dayOf(Date.parse(recordedAt), timeZone)]
  return days.filter((day) => day !== null)
}

const acts = ['proposed', 'agreed', 'funded', 'delivered'] as const

/** -1 for what is no act. A part that was delivered is none: the stage is not reached by it. */
function rankOf(event: RecordedEvent): number {
  if (event.type === 'delivered' && event.data.complete === false) return -1
  return (acts as readonly string[]).indexOf(event.type)
}

/** Days of the next act that there is: of several funding lines, each has its day. */
function nextActDays(dating: Dating, event: RecordedEvent): Day[] {
  const rank = rankOf(event)
  if (rank < 0) return []
  const next = dating.acts.slice(rank + 1).find((events) => events.length > 0) ?? []
  return next.map((other) => certainFrom(dating, other))
}

function daysOfReferred(dating: Dating, event: RecordedEvent): Day[] {
  const referred = (dating.refersTo.get(event.version) ?? []).flatMap((version) => dating.byVersion.get(version) ?? [])
  // One that is being found out waits for this very event: it refers back to it, and adds nothing.
  const settled = referred.filter(({ version }) => !dating.days.has(version) || dating.days.get(version) !== undefined)
  return settled.map((other) => certainFrom(dating, other))
}

function earliest(days: readonly Day[]): Day {
  return days.reduce((a, b) => (b < a ? b : a))
}

function latest(days: readonly (Day | null)[]): Day {
  return days.filter((day) => day !== null).reduce((a, b) => (b > a ? b : a))
}
