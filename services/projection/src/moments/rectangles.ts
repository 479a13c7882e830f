/** Pure: what a proposal was like on every day, as known at every position of the log. */
import type { RecordedEvent } from '@commitments/domain'
import type { Facets } from './content.ts'
import { createGrowing, isEqual, nextStretches, passOver, type Stretch } from './steps.ts'

/** As in the table `proposal_moments`; days are `YYYY-MM-DD` or `infinity`. */
export interface MomentRow {
  proposal_id: string
  valid_from: string
  /** The first day after it. */
  valid_to: string
  known_from: number
  /** The first position at which it was no longer known so. */
  known_to: number
  stage: string
  ending: string | null
  kind: string
  parents: readonly string[]
  fields: readonly string[]
  planned_end: string
  condition_days: string[]
  conditions: string[]
  amounts: object
  facets: string
}

/** As in the table `moment_facets`. */
export interface FacetsRow extends Facets {
  proposal_id: string
  facets: string
}

/** An open rectangle that is open no longer. */
export interface Closing {
  proposal_id: string
  valid_from: string
  known_to: number
}

export interface MomentChanges {
  readonly closed: readonly Closing[]
  readonly opened: readonly MomentRow[]
  /** Those that the opened ones name; some of them may be there already. */
  readonly facets: readonly FacetsRow[]
}

export const nothingChanged: MomentChanges = { closed: [], opened: [], facets: [] }

/** A position that never comes: it is known so still. Positions stay below it (2^53). */
export const stillKnown = Number.MAX_SAFE_INTEGER

/**
 * What the events after version `known` change: which rectangles that were open then are closed, and which are new (some
 * of them closed again by a later of these events). With `known` 0 these are all rectangles of the proposal.
 *
 * A rectangle is a stretch of days × a stretch of positions in which the proposal reads the same. The rectangles of a
 * proposal do not overlap, and cover every day from the first that anything counts, at every position from the first
 * event on. So of each moment there is one at most.
 *
 * Their number is bounded. After event k the open ones are the stretches of the days, {@link nextStretches}, and those are k
 * at most, since each begins on the day from which one of the k events counts. Event k opens only such that are among
 * the stretches after it, k at most; nothing else opens any. With n events that is at most 1 + 2 + … + n = n(n+1)/2
 * rectangles in all, and n open ones. It is reached where every event changes what is said of every day: a correction
 * of the first title, ten times over. An event that only adds a day opens two, the stretch that it cuts and the one that it
 * begins: 2n − 1 in all.
 *
 * @param events of one proposal in order of version from 1, all of which could be applied.
 * @param timeZone of the ledger.
 */
export function changedMoments(events: readonly RecordedEvent[], known: number, timeZone: string): MomentChanges {
  const growing = createGrowing(timeZone)
  const collected: Collected = {
    knownUpTo: events[known - 1]?.position ?? 0,
    closed: [],
    opened: [],
    facets: new Map(),
  }
  let open = nothingOpen
  for (const [index, event] of events.entries()) {
    const version = index + 1
    if (version < known) passOver(growing, event)
    else if (version === known) open = allOpen(nextStretches(growing, event), event)
    else open = replaced(open, nextStretches(growing, event), event, collected)
  }
  return { ...collected, facets: [...collected.facets.values()] }
}

/** All rectangles of a stream, for whoever writes them at once. */
export function momentsOf(events: readonly RecordedEvent[], timeZone: string): MomentChanges {
  return changedMoments(events, 0, timeZone)
}

/** An open rectangle: a stretch that reads the same since it was opened, and ends on the same day. */
interface Open {
  readonly stretch: Stretch
  readonly row: MomentRow
}

/** By their first days. */
type AllOpen = ReadonlyMap<string, Open>

const nothingOpen: AllOpen = new Map()

/** What is open after an event, as if all of it had been opened by that one. */
function allOpen(stretches: readonly Stretch[], event: RecordedEvent): AllOpen {
  return new Map(stretches.map((stretch, index) => [stretch.from, openOf(event, stretch, endOf(stretches, index))]))
}

function endOf(stretches: readonly Stretch[], index: number): string {
  return stretches[index + 1]?.from ?? 'infinity'
}

function openOf({ proposalId, position }: RecordedEvent, stretch: Stretch, end: string): Open {
  const { from, content, conditions } = stretch
  const row = {
    proposal_id: proposalId,
    valid_from: from,
    valid_to: end,
    known_from: position,
    known_to: stillKnown,
    ...content.standing,
    condition_days: conditions.slice(1).map((step) => step.from as string),
    conditions: conditions.map(({ condition }) => condition),
    facets: content.digest,
  }
  return { stretch, row }
}

interface Collected {
  /** Position of the last event whose rectangles are written already. */
  readonly knownUpTo: number
  readonly closed: Closing[]
  readonly opened: MomentRow[]
  readonly facets: Map<string, FacetsRow>
}

/** What is open after the event: what it leaves as it is, and what it opens in place of the rest. */
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
    (a.content === b.content || a.content.text === b.content.text) &&
    (a.conditions === b.conditions || isEqual(a.conditions, b.conditions))
  )
}

/** One that these very events opened is among those to be written; an older one is closed where it lies. */
function close(row: MomentRow, position: number, { knownUpTo, closed }: Collected): void {
  row.known_to = position
  if (row.known_from > knownUpTo) return
  closed.push({ proposal_id: row.proposal_id, valid_from: row.valid_from, known_to: position })
}

function collect({ row, stretch: { content } }: Open, collected: Collected): void {
  collected.opened.push(row)
  if (collected.facets.has(row.facets)) return
  collected.facets.set(row.facets, { proposal_id: row.proposal_id, facets: row.facets, ...content.facets })
}
