import {
  type Day,
  figuresOf,
  inOrderOfDays,
  isContested,
  type Link,
  lastDay,
  type Moment,
  type Proposal,
  parentsOf,
  type RecordedEvent,
  type Renaming,
  type Status,
  statusOf,
} from '@commitments/domain'
import type { Kind } from '../status/compare.ts'
import { eventsOf } from '../status/fold.ts'
import { stateAt } from '../status/moment.ts'
import { type Entry, entryOf } from '../status/portfolio.ts'
import { piles, type Spill } from '../status/spill.ts'
import type { Asked } from './moments.ts'

/** The verified lines, to fold and to compare with what is served. */
export interface Folder {
  readonly spill: Spill
  /** Lines up to this position were verified. */
  readonly verified: number
  readonly timeZone: string
}

/** The verified events of every proposal, some at a time. */
export function* verifiedStreams({ spill, verified }: Folder): Generator<readonly RecordedEvent[]> {
  for (const piled of piles<Kind>(spill))
    for (const pile of piled.values()) {
      const lines = pile.filter(({ kind }) => kind === 'line').map(({ bytes }) => bytes)
      const events = eventsOf(lines).filter(({ position }) => position <= verified)
      if (events.length > 0) yield events
    }
}

/** What the ledger was at a moment: the portfolio entry of each proposal, and the whole state of those that are asked for. */
export interface Then {
  readonly entries: Entry[]
  readonly states: Map<string, Proposal>
}

export function thenAt(
  folder: Folder,
  moments: readonly { asked: Asked; day: Day; ids: ReadonlySet<string> }[],
): Then[] {
  const all = moments.map((): Then => ({ entries: [], states: new Map() }))
  for (const events of verifiedStreams(folder))
    for (const [index, { asked, day, ids }] of moments.entries()) {
      const state = stateAt(events, asked, folder.timeZone)
      if (state === null) continue
      all[index]?.entries.push(entryOf(state, day, folder.timeZone))
      if (ids.has(state.proposalId)) all[index]?.states.set(state.proposalId, state)
    }
  return all
}

/** The most entries of portfolios in memory at once, unless one portfolio alone has more. */
const entriesAtOnce = 200_000

/** How many moments are folded in one pass, in a ledger of so many proposals. */
export function momentsAtOnce(proposals: number): number {
  return Math.max(1, Math.floor(entriesAtOnce / Math.max(1, proposals)))
}

/** The entries at each moment, in turn: as many moments in one pass as fit. */
export function* entriesAt(
  folder: Folder,
  moments: readonly { readonly asked: Asked; readonly day: Day }[],
  proposals: number,
): Generator<readonly Entry[]> {
  const atOnce = momentsAtOnce(proposals)
  for (let from = 0; from < moments.length; from += atOnce) {
    const some = moments.slice(from, from + atOnce).map((one) => ({ ...one, ids: new Set<string>() }))
    for (const { entries } of thenAt(folder, some)) yield entries
  }
}

/** What decides about the place of a proposal in lists. */
export interface Facts extends Pick<Status, 'proposalId' | 'version' | 'stage' | 'ending' | 'condition' | 'title'> {
  /** Position of the last event, and when it was recorded. */
  readonly updated: number
  readonly recordedAt: string
  readonly isVoid: boolean
  /** The last possible day of its planned end, and of its agreement. */
  readonly plannedEnd: Day | null
  readonly agreed: Day | null
  /** By currency. */
  readonly committed: Readonly<Partial<Record<string, string>>>
  readonly links: readonly Link[]
  /** By the name of a filter: the values with which it finds the proposal. */
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** The facts of every proposal, by their ids, at a position of the log. */
export type FactsAt = (position: number) => readonly Facts[]

/**
 * Folds the streams once for all positions from `since` to the end of what was verified: what was served while events were recorded is
 * compared at the position that it had seen.
 */
export function factsSince(folder: Folder, since: number, day: Day): FactsAt {
  const versions: { from: number; facts: Facts }[][] = []
  const changes = new Set<number>()
  for (const events of verifiedStreams(folder)) {
    const later = events.filter(({ position }) => position > since).map(({ position }) => position)
    const own = [since, ...later].flatMap((from) => {
      const known = events.filter(({ position }) => position <= from)
      const state = known.length > 0 ? stateAt(known, {}, folder.timeZone) : null
      return state ? [{ from, facts: factsOf(state, statusOf(state, day, folder.timeZone)) }] : []
    })
    for (const position of later) changes.add(position)
    if (own.length > 0) versions.push(own)
  }
  versions.sort(([a], [b]) => ((a?.facts.proposalId ?? '') < (b?.facts.proposalId ?? '') ? -1 : 1))
  const positions = [...changes].toSorted((a, b) => a - b)
  // Most answers had seen the same events.
  let last: { at: number; facts: readonly Facts[] } | null = null
  return (position) => {
    const at = positions.findLast((one) => one <= position) ?? since
    if (last?.at !== at)
      last = { at, facts: versions.flatMap((own) => own.findLast(({ from }) => from <= at)?.facts ?? []) }
    return last.facts
  }
}

/** The renamings of organisations by all proposals. */
export interface Renamings {
  /** In order, as they were known at a moment. */
  readonly at: (moment: Moment) => readonly Renaming[]
  /** Where they may have changed. */
  readonly positions: readonly number[]
}

/** New names come from few streams, which are kept. */
export function renamingsIn(folder: Folder): Renamings {
  const streams = [...verifiedStreams(folder)].filter((events) => events.some(({ type }) => type === 'party-renamed'))
  const at = (moment: Moment) =>
    inOrderOfDays(
      streams.flatMap((events) => {
        const state = stateAt(events, moment, folder.timeZone)
        return state === null || state.ending === 'void' ? [] : (state.renamings ?? [])
      }),
    )
  return { at, positions: streams.flatMap((events) => events.map(({ position }) => position)) }
}

function factsOf(proposal: Proposal, status: Status): Facts {
  const { proposalId, version, stage, kind, ending, condition, title, fields, parties, position, lastEventAt } = status
  const parents = parentsOf(status)
  const values = {
    stage: [stage],
    kind: [kind],
    ending: [ending ?? 'none'],
    condition: [condition],
    field: fields,
    parent: parents.length === 0 ? ['none'] : parents,
    party: parties.map(({ party }) => party),
    country: parties.flatMap(({ country }) => country ?? []),
    role: parties.flatMap(({ roles }) => roles),
    'party role': parties.flatMap(({ party, roles }) => roles.map((role) => `${party} ${role}`)),
    'country role': parties.flatMap(({ country, roles }) => (country ? roles.map((role) => `${country} ${role}`) : [])),
    formerParty: status.formerParties.map(({ party }) => party),
    suspended: [String(proposal.suspended)],
    contested: [String(isContested(status))],
  }
  return {
    proposalId,
    version,
    stage,
    ending,
    condition,
    title,
    values,
    updated: position,
    recordedAt: lastEventAt,
    isVoid: ending === 'void',
    plannedEnd: lastDay(status.planned.end),
    agreed: lastDay(status.history.agreed?.occurredOn ?? null),
    committed: figuresOf(proposal).committed ?? {},
    links: proposal.links,
  }
}
