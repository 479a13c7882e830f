import {
  type Day,
  type Link,
  lastDay,
  type Proposal,
  parentsOf,
  type RecordedEvent,
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

/** The portfolio entries of each proposal at each of the moments. */
export function entriesAt(folder: Folder, moments: readonly { asked: Asked; day: Day }[]): Entry[][] {
  const entries: Entry[][] = moments.map(() => [])
  for (const events of verifiedStreams(folder))
    for (const [index, { asked, day }] of moments.entries()) {
      const state = stateAt(events, asked, folder.timeZone)
      if (state) entries[index]?.push(entryOf(state, day, folder.timeZone))
    }
  return entries
}

/** The values of a proposal for each filter of lists, by the filter's name in a query. */
export interface Facts {
  readonly proposalId: string
  /** Position of the last event. */
  readonly updated: number
  readonly isVoid: boolean
  /** The last possible day of its planned end. */
  readonly plannedEnd: Day | null
  readonly links: readonly Link[]
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** The facts of every proposal at the end of the log, by their ids. */
export function factsOfAll(folder: Folder, day: Day): Facts[] {
  const facts: Facts[] = []
  for (const events of verifiedStreams(folder)) {
    const state = stateAt(events, {}, folder.timeZone)
    if (state) facts.push(factsOf(state, statusOf(state, day, folder.timeZone)))
  }
  return facts.toSorted((a, b) => (a.proposalId < b.proposalId ? -1 : 1))
}

function factsOf(proposal: Proposal, status: Status): Facts {
  const { proposalId, stage, kind, ending, condition, fields, parties } = status
  const values = {
    stage: [stage],
    kind: [kind],
    ending: [ending ?? 'none'],
    condition: [condition],
    field: fields,
    parent: parentsOf(status),
    party: parties.map(({ party }) => party),
    country: parties.flatMap(({ country }) => country ?? []),
    role: parties.flatMap(({ roles }) => roles),
    suspended: [String(proposal.suspended)],
  }
  const plannedEnd = lastDay(status.planned.end)
  const { links } = proposal
  return { proposalId, updated: status.position, isVoid: ending === 'void', plannedEnd, links, values }
}
