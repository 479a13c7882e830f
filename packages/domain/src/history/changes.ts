import type { When } from '../dates.ts'
import type { RecordedEvent } from '../event-types.ts'
import { evolveIfLast } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import { drained, type Sliced } from '../slices.ts'
import { type Status, statusOf } from '../status.ts'
import { foldingStream } from './fold.ts'

/** A new value of a field of the status, and the event that set it. */
export interface Change {
  readonly value: unknown
  readonly version: number
  readonly position: number
  readonly recordedAt: string
  /** The date of that event as it was recorded; also null for corrections and retractions. */
  readonly occurredOn: When | null
}

/** A field of the status, such as `stage` or `money.committed`, and its values, in the order in which we learnt them. */
export interface FieldChanges {
  readonly field: string
  readonly changes: readonly Change[]
}

/** Their members are separate fields: a change of one of them is not a change of the others. */
const divided = ['money', 'delivery', 'history'] as const

/** Members that say where, and for which day, a status was read; they say nothing about the proposal. */
const aboutReading: readonly (keyof Status)[] = ['condition', 'version', 'position', 'lastEventAt']

/** The limits of one part of the changes. */
export interface PageOfChanges {
  /** Only changes by versions after this one. */
  readonly after: number
  /** The most versions whose changes are in it. */
  readonly limit: number
  /** The most characters of values; but all changes of one version are in one part. */
  readonly size: number
  /** The approximate number of fold steps for it. */
  readonly work: number
}

export interface ChangesPage {
  /** Fields that did not change in it are left out. */
  readonly fields: readonly FieldChanges[]
  /** The `after` of the next part; null for the last one. */
  readonly next: number | null
}

const everything: PageOfChanges = { after: 0, limit: Infinity, size: Infinity, work: Infinity }

/**
 * The versioned record of a proposal: for each field of its status, in the order of the status, every value that it had and the event that
 * set it, as we knew it then. The first value is that of the first event. A correction gives the fields that it changes a new value from
 * its own recording on, and does not change what was known before. The condition is left out: it changes with the day, not with events.
 *
 * Cost: one step of the fold for each event that counts last, and a fold of everything before it for each other event. For long streams,
 * request it in parts with `changesAfter`.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function changesOf(events: readonly RecordedEvent[], timeZone: string): readonly FieldChanges[] {
  return drained(changesAfter(events, timeZone, everything)).fields
}

/** One part of the same, in slices: the changes of as many of the next versions as fit, and at least one. */
export function* changesAfter(
  events: readonly RecordedEvent[],
  timeZone: string,
  { after, limit, size, work }: PageOfChanges,
): Sliced<ChangesPage> {
  let proposal = yield* foldingStream(events.slice(0, after), timeZone)
  const told = new Told(proposal)
  const done = { versions: 0, size: 0, steps: 0 }
  let last = after
  for (const event of events.slice(after)) {
    proposal = evolveIfLast(proposal, event, timeZone)
    if (proposal === null) {
      proposal = yield* foldingStream(events.slice(0, event.version), timeZone)
      done.steps += event.version
    }
    const changed = told.changedIn(proposal as Proposal)
    const added = changed.reduce((sum, { text }) => sum + text.length, 0)
    done.steps += 1 + Math.ceil(told.read / charactersOfAStep)
    if (changed.length > 0) {
      const isFull = done.versions >= limit || done.size + added > size
      if (isFull && done.versions > 0) return { fields: told.fields(), next: last }
      told.tell(changed, event)
      done.versions += 1
      done.size += added
      last = event.version
    }
    if (done.steps >= work && event.version < events.length) return { fields: told.fields(), next: event.version }
    yield
  }
  return { fields: told.fields(), next: null }
}

/** Writing so many characters takes about as long as a step. */
const charactersOfAStep = 500

interface Changed {
  readonly field: string
  readonly value: unknown
  readonly text: string
}

/** The last value of each field, and its text. */
class Told {
  readonly #known = new Map<string, { value: unknown; text: string }>()
  readonly #changes = new Map<string, Change[]>()
  /** Characters that were written to find out what changed last. */
  read = 0

  constructor(proposal: Proposal | null) {
    for (const [field, value] of proposal ? fieldsOf(proposal) : []) {
      this.#known.set(field, { value, text: textOf(value) })
      this.#changes.set(field, [])
    }
  }

  changedIn(proposal: Proposal): Changed[] {
    this.read = 0
    const changed: Changed[] = []
    for (const [field, value] of fieldsOf(proposal)) {
      const known = this.#known.get(field)
      // Most fields are the same object as before, and need not be written again.
      if (known && known.value === value) continue
      const text = textOf(value)
      this.read += text.length
      if (known?.text === text) known.value = value
      else changed.push({ field, value, text })
    }
    return changed
  }

  tell(changed: readonly Changed[], { version, position, recordedAt, occurredOn }: RecordedEvent): void {
    for (const { field, value, text } of changed) {
      this.#known.set(field, { value, text })
      const change = { value, version, position, recordedAt, occurredOn }
      const changes = this.#changes.get(field)
      if (changes) changes.push(change)
      else this.#changes.set(field, [change])
    }
  }

  fields(): FieldChanges[] {
    return [...this.#changes]
      .map(([field, changes]) => ({ field, changes }))
      .filter(({ changes }) => changes.length > 0)
  }
}

/** Empty for a missing value, which differs from the text of every value. */
function textOf(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

/** Any day and zone will do: only the condition depends on them. */
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
