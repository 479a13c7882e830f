/** What the record said before: a system that has not noticed a change does not take it back. */
import { isRereading } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { evolveIfLast } from '../evolve.ts'
import { foldingStream } from '../history/fold.ts'
import type { Proposal } from '../proposal.ts'
import { eventsASlice, type Sliced } from '../slices.ts'

/** Who wishes, and on what knowledge. */
export interface Author {
  /** The caller, as its events will name it. */
  readonly recordedBy: string
  /** Whose word it is, if the events name somebody. */
  readonly assertedBy?: string | undefined
  /** Whether the caller named the version that the proposal has (`If-Match`): then it knows what the record says. */
  readonly hasSeen: boolean
}

/** Something that a wish says and the record does not. */
export interface Fact {
  readonly path: string
  /** Whether a state says it. It is asked in the order of versions. */
  readonly isSo: (state: Proposal) => boolean
  /** A text without which no event can have said it; absent: there is none. */
  readonly text?: string | undefined
}

/** For a fact that the record once stated, by its path: the last event with which it ceased to. */
export type Ceased = ReadonlyMap<string, RecordedEvent>

/**
 * Which facts the record stated once, as it was known after each of its events, and with which event it ceased to. An event that counts in
 * between, a correction and a retraction each need a new fold.
 *
 * @param spend is told of each event that is folded; false: it was too much
 * @returns null if it was too much
 */
export function* ceasedFacts(
  history: readonly RecordedEvent[],
  facts: readonly Fact[],
  timeZone: string,
  spend: (events: number) => boolean,
): Sliced<Ceased | null> {
  const said = yield* textsOf(history)
  const open = facts.filter(({ text }) => text === undefined || said.has(text))
  const ceased = new Map<string, RecordedEvent>()
  if (open.length === 0) return ceased
  const costOfState = 1 + Math.floor(open.length / factsAsAnEvent)
  const statesASlice = Math.ceil(eventsASlice / costOfState)
  let state: Proposal | null = null
  for (const [index, event] of history.slice(0, -1).entries()) {
    const next: Proposal | null = evolveIfLast(state, event, timeZone)
    if (!spend(costOfState + (next === null ? index : 0))) return null
    state = next ?? (yield* foldingStream(history.slice(0, index + 1), timeZone))
    for (const { path, isSo } of open) {
      if (state && isSo(state)) ceased.set(path, history[index + 1] as RecordedEvent)
    }
    if (index % statesASlice === statesASlice - 1) yield
  }
  return ceased
}

/** So many facts are compared in about the time in which an event is folded. */
const factsAsAnEvent = 20

/** Every text in the content of these events: what was never written was never so. */
function* textsOf(history: readonly RecordedEvent[]): Sliced<ReadonlySet<string>> {
  const texts = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value)
    else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) collect(member)
  }
  for (const [index, { data }] of history.entries()) {
    collect(data)
    if (index % eventsASlice === eventsASlice - 1) yield
  }
  return texts
}

/** Whether an event is what this author did itself in the world: its own register knows of it. */
export function isOwnChange(event: RecordedEvent, { recordedBy, assertedBy }: Author): boolean {
  return !isRereading(event) && event.recordedBy === recordedBy && event.assertedBy === assertedBy
}

/** Whether an event undoes a happening: what was taken out of the record, or reopened, has not happened again of itself. */
export function undoes(event: RecordedEvent): boolean {
  return isRereading(event) || event.type === 'reopened'
}
