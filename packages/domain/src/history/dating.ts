import { boundsOf, type Day, dayOf } from '../dates.ts'
import type { EventBodyWithProposal, EventType, RecordedEvent } from '../event-types.ts'
import type { Evidence } from '../evidence.ts'
import { acts } from '../kinds.ts'
import { toMinorUnits } from '../money.ts'
import type { Proposal } from '../proposal.ts'

/** An event as it is understood now, and the first day on which it had certainly happened. */
export interface Counting {
  readonly event: RecordedEvent
  readonly from: Day
}

/** They concern our record and not the world, and count wherever there is a proposal (docs/domain.md, As of a day). */
const aboutTheRecord: ReadonlySet<string> = new Set<EventType>(['contested', 'contest-resolved', 'evidence-attached'])

/** Whether an event counts on every day on which the proposal exists, so that it changes all of them. */
export function countsOnEveryDay({ type }: Pick<RecordedEvent, 'type'>): boolean {
  return aboutTheRecord.has(type)
}

/**
 * The events of a stream, as they are understood now, in the order in which they count: by the day from which they count, then by version.
 * The day is the earliest of
 *
 * - the last possible day of `occurredOn`; for a period, the last possible day of its beginning;
 * - the last possible day of each `publishedOn` of its evidence that is not partial. Evidence that was attached to it later, by
 *   `evidence-attached`, is its evidence too;
 * - the day it was recorded;
 * - for an act, the day from which the proposal's next act in stage order counts;
 *
 * but never before its own first possible day, nor before the proposal's first event counts. It does not count before what it refers to
 * either: `inOrder`, which reads in this order, lets it wait.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function orderOf(effective: readonly RecordedEvent[], timeZone: string): readonly Counting[] {
  const [first] = effective
  if (!first) return []
  const daysOf = datesOf(effective, timeZone)
  const begins = daysOf(first)
  let ordered = true
  let last = begins
  const order = effective.map((event) => {
    const own = aboutTheRecord.has(event.type) ? begins : daysOf(event)
    const from = own < begins ? begins : own
    if (from < last) ordered = false
    last = from
    return { event, from }
  })
  // Sorting is stable, and effective events are in the order of versions.
  return ordered ? order : order.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
}

/** A day that never comes: later than every other, as text too. */
export const neverComes: Day = 'infinity'

/**
 * The day from which a proposal would count if the day of recording said nothing about when something happened: {@link neverComes} if no
 * event has another date. Null if that is no later than the day from which it counts: then it does not count only because it was recorded.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function byRecordUntil(effective: readonly RecordedEvent[], timeZone: string): Day | null {
  const [first] = effective
  if (!first) return null
  const counts = datesOf(effective, timeZone)(first)
  const otherwise = datesOf(effective, null)(first)
  return otherwise > counts ? otherwise : null
}

type DayOfEvent = (event: RecordedEvent) => Day

/**
 * The day of each event, without the days of what it refers to.
 * @param timeZone null: without the day of recording, so that it may be {@link neverComes}
 */
function datesOf(effective: readonly RecordedEvent[], timeZone: string | null): DayOfEvent {
  const attached = attachedTo(effective)
  const own = (event: RecordedEvent) => ownDay(event, timeZone, attached.get(event.version))
  const ofActs = new Map<number, Day>()
  const pledges = pledgeDays(effective, own)
  // The day of each act waits for those of the next one, so they are found from the last stage on.
  let next: Day | null = null
  for (const rank of [3, 2, 1, 0]) {
    let earliest: Day | null = null
    for (const event of effective) {
      if (rankOf(event) !== rank) continue
      const pledge = event.type === 'funded' && event.data.pledge !== undefined ? pledges.get(event.data.pledge) : null
      const day = later(later(earlier(own(event), next), boundsOf(event.occurredOn).first), pledge ?? null)
      ofActs.set(event.version, day)
      earliest = earlier(day, earliest)
    }
    next = earliest ?? next
  }
  return (event) => ofActs.get(event.version) ?? later(own(event), boundsOf(event.occurredOn).first)
}

function attachedTo(effective: readonly RecordedEvent[]): ReadonlyMap<number, readonly Evidence[]> {
  const attached = new Map<number, Evidence[]>()
  for (const event of effective) {
    if (event.type !== 'evidence-attached') continue
    const known = attached.get(event.data.event)
    if (known) known.push(...(event.evidence ?? []))
    else attached.set(event.data.event, [...(event.evidence ?? [])])
  }
  return attached
}

/** The day from which each pledge exists, so that lines can be committed from it. */
function pledgeDays(effective: readonly RecordedEvent[], own: DayOfEvent): ReadonlyMap<string, Day> {
  const days = new Map<string, Day>()
  for (const event of effective) {
    if (event.type !== 'pledged' || toMinorUnits(event.data.amount) === 0n) continue
    const day = later(own(event), boundsOf(event.occurredOn).first)
    days.set(event.data.pledge, earlier(day, days.get(event.data.pledge) ?? null))
  }
  return days
}

/** The day of an event by its own dates. */
function dayAlone({ occurredOn, evidence }: EventBodyWithProposal, recordedAt: string, timeZone: string): Day {
  const { first, begunBy } = boundsOf(occurredOn)
  const day = earlier(begunOrRecorded(begunBy, recordedAt, timeZone), publishedBy(evidence))
  return later(day, first)
}

/** The day of an event by its own dates and its attached evidence, but not before its first possible day. */
function ownDay(
  { occurredOn, evidence, recordedAt }: RecordedEvent,
  timeZone: string | null,
  attached?: readonly Evidence[],
): Day {
  const { begunBy } = boundsOf(occurredOn)
  const day = timeZone === null ? (begunBy ?? neverComes) : begunOrRecorded(begunBy, recordedAt, timeZone)
  return earlier(earlier(day, publishedBy(evidence)), publishedBy(attached))
}

/** The day by which something had certainly begun, or the day of its recording if that is earlier. */
function begunOrRecorded(begunBy: Day | null, recordedAt: string, timeZone: string): Day {
  // No time zone is more than a day ahead of the date in UTC, so usually the day of recording in the ledger's time zone is not needed.
  if (begunBy !== null && begunBy < recordedAt && !recordedAt.startsWith(begunBy)) return begunBy
  return earlier(dayOfRecording(recordedAt, timeZone), begunBy)
}

/** The earliest last possible day of a publication, without partial evidence. */
function publishedBy(evidence: readonly Evidence[] | undefined): Day | null {
  if (evidence === undefined) return null
  let day: Day | null = null
  for (const { partial, publishedOn } of evidence) {
    if (partial === true || publishedOn === undefined || publishedOn === null) continue
    const { begunBy } = boundsOf(publishedOn)
    if (begunBy !== null) day = earlier(begunBy, day)
  }
  return day
}

/** By time zone and minute of recording: many events are recorded in a minute, and a day never ends within one. */
const daysOfMinutes = new Map<string, Map<string, Day>>()

function dayOfRecording(recordedAt: string, timeZone: string): Day {
  const days = daysOfMinutes.get(timeZone) ?? new Map<string, Day>()
  const minute = recordedAt.slice(0, 16)
  const known = days.get(minute)
  if (known !== undefined) return known
  if (days.size >= 10_000) days.clear()
  const day = dayOf(Date.parse(recordedAt), timeZone)
  daysOfMinutes.set(timeZone, days.set(minute, day))
  return day
}

/** -1 for an event that is not an act. A partial delivery is not one: it does not reach the stage. */
function rankOf({ type, data }: Pick<EventBodyWithProposal, 'type' | 'data'>): number {
  if (type === 'delivered' && (data as { complete?: boolean }).complete === false) return -1
  return (acts as readonly string[]).indexOf(type)
}

/**
 * The day from which the next event of a stream counts, if that is no earlier than everything that already counts, and if the event does
 * not move any other event: then, and only then, the state after it is one step from the state before. Null if the stream has to be folded
 * again. It is cheap: it reads only the event and the state.
 */
export function dayWhereLast(
  before: Proposal | null,
  event: EventBodyWithProposal,
  recordedAt: string,
  timeZone: string,
): Day | null {
  if (before !== null && aboutTheRecord.has(event.type)) return movesAnother(event) ? null : before.countsFrom
  const day = dayAlone(event, recordedAt, timeZone)
  return before !== null && (day < before.countsFrom || movesActs(event, before)) ? null : day
}

/** Acts before it count no later than the next act: a new act in between may become that next act. */
function movesActs(event: EventBodyWithProposal, { history, lines }: Proposal): boolean {
  const rank = rankOf(event)
  if (rank < 0) return false
  return (rank < 3 && history.delivered !== null) || (rank < 2 && lines.length > 0)
}

/** Evidence that becomes known later may show that an event happened earlier. */
function movesAnother({ type, evidence = [] }: EventBodyWithProposal): boolean {
  return (
    type === 'evidence-attached' &&
    evidence.some(({ publishedOn = null, partial }) => partial !== true && publishedOn !== null)
  )
}

function earlier(day: Day, other: Day | null): Day {
  return other !== null && other < day ? other : day
}

function later(day: Day, other: Day | null): Day {
  return other !== null && other > day ? other : day
}
