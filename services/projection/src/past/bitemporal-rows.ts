/** Pure: the state of a proposal on every day, as known at every position of the log. */
import { drained, type RecordedEvent, type Sliced } from '@commitments/domain'
import type { Facets, RowContent } from './row-content.ts'
import { createGrowing, isEqual, nextStretches, passOver, type Stretch, stretchesOf } from './timeline.ts'

/** As in the table `proposal_moments`; days are `YYYY-MM-DD` or `infinity`. */
export interface MomentRow {
  proposal_id: string
  valid_from: string
  /** The first day after the rectangle. */
  valid_to: string
  known_from: number
  /** The first position at which this was no longer known. */
  known_to: number
  stage: string
  ending: string | null
  kind: string
  parents: readonly string[]
  fields: readonly string[]
  planned_end: string
  agreed_on: string
  condition_days: string[]
  conditions: string[]
  amounts: object
  facets: string
  by_record_until: string | null
}

/** As in the table `moment_facets`. */
export interface FacetsRow extends Facets {
  proposal_id: string
  facets: string
}

/** A rectangle that is no longer open. */
interface Closing {
  proposal_id: string
  valid_from: string
  known_to: number
}

export interface MomentChanges {
  readonly closed: readonly Closing[]
  readonly opened: readonly MomentRow[]
  /** The facets of the opened rectangles; some of them may be stored already. */
  readonly facets: readonly FacetsRow[]
  /** Whether the proposal became {@link Sparse dense}: then it has no rows any more. */
  readonly dense: boolean
}

export const nothingChanged: MomentChanges = { closed: [], opened: [], facets: [], dense: false }

export const becomesDense: MomentChanges = { ...nothingChanged, dense: true }

/**
 * The most events, rectangles and characters of facets that a proposal may have for its moments to be in the tables. A proposal that ever
 * had more is *dense*: payments recorded newest first would fill the tables with n²/2 rows, and so would a title that changes often, each
 * time with all names of five hundred parties. The state of a dense proposal at a moment is folded when somebody asks (dense.ts).
 */
export interface Sparse {
  readonly events: number
  readonly rectangles: number
  readonly facets: number
}

/**
 * Ten events make 19 rectangles of 1 KB. A fold of 500 events takes some 5 ms; ninety payments, recorded newest first, make 4,000
 * rectangles.
 */
export const sparse: Sparse = { events: 500, rectangles: 4_000, facets: 16_384 }

/** A position that never comes (below it, positions are at most 2^53): the rectangle is still known. */
export const stillKnown = Number.MAX_SAFE_INTEGER

/**
 * The changes by the events after version `known`: which open rectangles are closed, and which are new (some of them already closed by a
 * later one of these events). With `known` 0, these are all rectangles of the proposal.
 *
 * A rectangle is a range of days × a range of positions in which the proposal reads the same. The rectangles of a proposal do not overlap.
 * They cover every day from the first on which anything counts, at every position from the first event on. So each moment has at most one.
 *
 * Their number is bounded. After event k, the open rectangles are the ranges of days ({@link nextStretches}). There are at most k of them,
 * because each begins on the day from which one of the k events counts. Event k opens at most k rectangles, and nothing else opens any. So
 * n events make at most 1 + 2 + … + n = n(n+1)/2 rectangles, of which n are open. The maximum is reached if every event changes every day:
 * ten corrections of the first title, for example. An event that only adds a day opens two: the range that it cuts, and the range that it
 * begins. That makes 2n − 1.
 *
 * If there is more than `limits` allow, the proposal is dense, whatever else these events change.
 *
 * @param events of one proposal in order of version from 1; all of them can be applied
 * @param timeZone of the ledger
 * @param had rectangles
 * of the proposal after version `known`
 */
export function* changingMoments(
  events: readonly RecordedEvent[],
  known: number,
  timeZone: string,
  had = 0,
  limits = sparse,
): Sliced<MomentChanges> {
  const growing = createGrowing(timeZone)
  const before = events[known - 1]
  const knownUpTo = before?.position ?? 0
  const collected: Collected = { knownUpTo, closed: [], opened: [], facets: new Map() }
  if (events.length > limits.events) {
    // A stream that is parked before that is not dense.
    yield* passOver(growing, events.slice(0, limits.events))
    return becomesDense
  }
  let open = nothingOpen
  if (before) {
    yield* passOver(growing, events.slice(0, known))
    open = allOpen(stretchesOf(growing), before)
  }
  for (const event of events.slice(known)) {
    const stretches = yield* nextStretches(growing, event)
    open = replaced(open, stretches, event, collected)
    if (had + collected.opened.length > limits.rectangles) return becomesDense
    if (stretches.some(({ content }) => content.length > limits.facets)) return becomesDense
    yield
  }
  return { ...collected, facets: [...collected.facets.values()], dense: false }
}

/** The same in one go. */
export function changedMoments(...asked: Parameters<typeof changingMoments>): MomentChanges {
  return drained(changingMoments(...asked))
}

/** All rectangles of a stream, for callers that write them at once. */
export function momentsOf(events: readonly RecordedEvent[], timeZone: string, limits = sparse): MomentChanges {
  return changedMoments(events, 0, timeZone, 0, limits)
}

/** An open rectangle: a range of days that has read the same, and ended on the same day, since it was opened. */
interface Open {
  readonly stretch: Stretch
  readonly row: MomentRow
}

/** By first day. */
type AllOpen = ReadonlyMap<string, Open>

const nothingOpen: AllOpen = new Map()

/** The open rectangles after an event, as if that event had opened all of them. */
function allOpen(stretches: readonly Stretch[], event: RecordedEvent): AllOpen {
  return new Map(stretches.map((stretch, index) => [stretch.from, openOf(event, stretch, endOf(stretches, index))]))
}

function endOf(stretches: readonly Stretch[], index: number): string {
  return stretches[index + 1]?.from ?? 'infinity'
}

function openOf(event: RecordedEvent, stretch: Stretch, end: string): Open {
  return { stretch, row: momentRow(event, stretch, end) }
}

/** The row that the event opens: the range of days up to `end`. */
export function momentRow({ proposalId, position }: RecordedEvent, stretch: Stretch, end: string): MomentRow {
  const { from, content, conditions, byRecordUntil } = stretch
  return {
    proposal_id: proposalId,
    valid_from: from,
    valid_to: end,
    known_from: position,
    known_to: stillKnown,
    ...content.standing,
    condition_days: conditions.slice(1).map((step) => step.from as string),
    conditions: conditions.map(({ condition }) => condition),
    facets: content.digest,
    by_record_until: byRecordUntil,
  }
}

export function facetsRow(proposal_id: string, { digest, facets }: RowContent): FacetsRow {
  return { proposal_id, facets: digest, ...facets }
}

interface Collected {
  /** Position of the last event whose rectangles are already stored. */
  readonly knownUpTo: number
  readonly closed: Closing[]
  readonly opened: MomentRow[]
  readonly facets: Map<string, FacetsRow>
}

/** The open rectangles after the event: those that it leaves unchanged, and those that it opens instead of the others. */
function replaced(before: AllOpen, stretches: readonly Stretch[], event: RecordedEvent, collected: Collected): AllOpen {
  const open = new Map<string, Open>()
  for (const [index, stretch] of stretches.entries()) {
    const end = endOf(stretches, index)
    const same = before.get(stretch.from)
    const stays = same !== undefined && same.row.valid_to === end && readsTheSame(same.stretch, stretch)
    const one = stays ? same : openOf(event, stretch, end)
    open.set(stretch.from, one)
    if (!stays) collect(one, collected)
  }
  for (const [from, one] of before) if (open.get(from) !== one) close(one.row, event.position, collected)
  return open
}

function readsTheSame(a: Stretch, b: Stretch): boolean {
  return (
    a.byRecordUntil === b.byRecordUntil &&
    (a.content === b.content || a.content.text === b.content.text) &&
    (a.conditions === b.conditions || isEqual(a.conditions, b.conditions))
  )
}

/** A row that these same events opened is changed before it is written; an older row is closed in the table. */
function close(row: MomentRow, position: number, { knownUpTo, closed }: Collected): void {
  row.known_to = position
  if (row.known_from > knownUpTo) return
  closed.push({ proposal_id: row.proposal_id, valid_from: row.valid_from, known_to: position })
}

function collect({ row, stretch: { content } }: Open, collected: Collected): void {
  collected.opened.push(row)
  if (collected.facets.has(row.facets)) return
  collected.facets.set(row.facets, facetsRow(row.proposal_id, content))
}
