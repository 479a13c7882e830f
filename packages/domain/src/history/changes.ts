import type { When } from '../dates.ts'
import type { RecordedEvent } from '../event-types.ts'
import { countsLast, evolve } from '../evolve.ts'
import { isSame } from '../lists.ts'
import type { Proposal } from '../proposal.ts'
import { type Status, statusOf } from '../status.ts'
import { foldStream } from './fold.ts'

/** What a field of the status became, and by which event. */
export interface Change {
  readonly value: unknown
  readonly version: number
  readonly position: number
  readonly recordedAt: string
  /** Of the event that was recorded then, as it was recorded; null also for corrections and retractions. */
  readonly occurredOn: When | null
}

/** A field of the status, such as `stage` or `money.committed`, and what it became, in the order in which we learnt it. */
export interface FieldChanges {
  readonly field: string
  readonly changes: readonly Change[]
}

/** Its members are fields of their own: a change of one of them is no change of the others. */
const divided = ['money', 'delivery', 'history'] as const

/** They say where a status was read and on which day, and not how the proposal stands. */
const aboutReading: readonly (keyof Status)[] = ['condition', 'version', 'position', 'lastEventAt']

/**
 * The versioned record of a proposal: per field of its status, in the order of the status, every value that it had and the event by which it
 * got it, as we knew it then. The first value is that of the first event. A correction gives the fields that it changes a new value from its
 * own recording on, and leaves what was known before. The condition is left out: it changes with the day and not by events.
 *
 * Cost: a step of the fold for each event that counts last, and a fold of all before it for each other one.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function changesOf(events: readonly RecordedEvent[], timeZone: string): readonly FieldChanges[] {
  const changes = new Map<string, Change[]>()
  let proposal: Proposal | null = null
  for (const [index, event] of events.entries()) {
    proposal = countsLast(proposal, event, timeZone)
      ? evolve(proposal, event, timeZone)
      : foldStream(events.slice(0, index + 1), timeZone)
    if (proposal) noteChanges(changes, fieldsOf(proposal), event)
  }
  return [...changes].map(([field, values]) => ({ field, changes: values }))
}

function noteChanges(changes: Map<string, Change[]>, fields: Iterable<[string, unknown]>, event: RecordedEvent): void {
  const { version, position, recordedAt, occurredOn } = event
  for (const [field, value] of fields) {
    const known = changes.get(field)
    const change = { value, version, position, recordedAt, occurredOn }
    if (!known) changes.set(field, [change])
    else if (!isSame(known.at(-1)?.value, value)) known.push(change)
  }
}

/** Any day and zone do: only the condition depends on them. */
const anyDay = '2000-01-01'

function fieldsOf(proposal: Proposal): [string, unknown][] {
  const { money, delivery, history, ...whole } = statusOf(proposal, anyDay, 'UTC')
  const parts = { money, delivery, history }
  const fields: [string, unknown][] = Object.entries(whole).filter(
    ([name]) => !(aboutReading as string[]).includes(name),
  )
  for (const name of divided) {
    for (const [member, value] of Object.entries(parts[name])) fields.push([`${name}.${member}`, value])
  }
  return fields
}
