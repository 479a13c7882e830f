import type { Day } from './dates.ts'
import type { EventDefinition } from './define-event.ts'
import { definitionOf, type RecordedEvent } from './event-types.ts'
import { dayWhereLast } from './history/dating.ts'
import { NothingThere } from './lists.ts'
import type { Proposal } from './proposal.ts'

/** Why a stream is impossible: our log or our code is broken. */
export type Impossibility =
  | 'unknown-event-type'
  | 'wrong-proposal'
  | 'wrong-version'
  | 'begun-twice'
  | 'not-begun'
  | 'nothing-there'

/** Thrown for an impossible history. Continuing with the old state would hide a broken log. */
export class ImpossibleHistory extends Error {
  override readonly name = 'ImpossibleHistory'
  readonly code: Impossibility

  constructor(code: Impossibility, { position, proposalId, version, type }: RecordedEvent, cause?: unknown) {
    super(`${code}: event ${version} (${type}) of ${proposalId} at position ${position}`, { cause })
    this.code = code
  }
}

/** Thrown if `evolve` is asked to take one step with an event after which the whole stream has to be folded again. */
export class WholeStreamNeeded extends Error {
  override readonly name = 'WholeStreamNeeded'

  constructor({ proposalId, version, type }: RecordedEvent) {
    super(`Event ${version} (${type}) of ${proposalId} does not count last: fold the whole stream with foldStream`)
  }
}

/**
 * The state after the next event of a stream, if that is one step from the state before: the event counts last (docs/domain.md, Order of
 * the fold), moves no other event, and is neither a correction nor a retraction. Otherwise null: then code that folds step by step folds
 * the whole stream again, including this event, with `foldStream`, and takes single steps from there on. It does not check the rules for an
 * accepted event again.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 * @throws ImpossibleHistory for an event that cannot follow.
 */
export function evolveIfLast(proposal: Proposal | null, event: RecordedEvent, timeZone: string): Proposal | null {
  const definition = defined(event)
  if (definition.rereads) return null
  follows(proposal, event, definition.accepts === 'new')
  const day = dayWhereLast(proposal, event, event.recordedAt, timeZone)
  return day === null ? null : advance(proposal, after(definition, proposal, event), event, day)
}

/**
 * The state after one more event that counts last: {@link evolveIfLast} for callers that know this.
 *
 * @throws ImpossibleHistory for an event that cannot follow; {@link WholeStreamNeeded} for an event that does not count last.
 */
export function evolve(proposal: Proposal | null, event: RecordedEvent, timeZone: string): Proposal {
  const after = evolveIfLast(proposal, event, timeZone)
  if (after === null) throw new WholeStreamNeeded(event)
  return after
}

/** One step of reading a stream as it is understood now: its versions can have gaps, and an order other than that of recording. */
export function readEvent(proposal: Proposal | null, event: RecordedEvent, from: Day): Proposal {
  const definition = defined(event)
  if ((definition.accepts === 'new') !== (proposal === null)) {
    throw new ImpossibleHistory(proposal === null ? 'not-begun' : 'begun-twice', event)
  }
  return advance(proposal, after(definition, proposal, event), event, from)
}

/** The same; null if something that the event refers to does not exist. */
export function readIfPossible(proposal: Proposal | null, event: RecordedEvent, from: Day): Proposal | null {
  try {
    return readEvent(proposal, event, from)
  } catch (error) {
    if (error instanceof ImpossibleHistory && error.code === 'nothing-there') return null
    throw error
  }
}

function defined(event: RecordedEvent): EventDefinition {
  const definition = definitionOf(event.type)
  if (!definition) throw new ImpossibleHistory('unknown-event-type', event)
  return definition
}

function follows(proposal: Proposal | null, event: RecordedEvent, begins: boolean): void {
  if (proposal === null) {
    if (!begins) throw new ImpossibleHistory('not-begun', event)
    if (event.version !== 1) throw new ImpossibleHistory('wrong-version', event)
    return
  }
  if (begins) throw new ImpossibleHistory('begun-twice', event)
  if (event.proposalId !== proposal.proposalId) throw new ImpossibleHistory('wrong-proposal', event)
  if (event.version !== proposal.version + 1) throw new ImpossibleHistory('wrong-version', event)
}

function after(definition: EventDefinition, proposal: Proposal | null, event: RecordedEvent): Proposal {
  try {
    return definition.evolve(proposal, event)
  } catch (error) {
    if (error instanceof NothingThere) throw new ImpossibleHistory('nothing-there', event, error)
    throw error
  }
}

/**
 * The changes that every event makes to the state. They are written into the object that the definition has just made, which nobody else
 * has seen yet: a second copy of forty members would cost as much as the rest of a step.
 */
function advance(before: Proposal | null, after: Proposal, event: RecordedEvent, from: Day): Proposal {
  const state: Mutable<Proposal> = after === before ? { ...after } : after
  state.version = event.version
  state.position = event.position
  state.recordedAt = event.recordedAt
  state.countsFrom = from
  state.stageHistory = withStep(before, after, event)
  if (after.renamings && after.renamings !== before?.renamings) state.renamings = dated(after.renamings, from)
  state.evidenceCount = after.evidenceCount + (event.evidence?.length ?? 0)
  return state
}

function dated(renamings: NonNullable<Proposal['renamings']>, from: Day) {
  return renamings.map((one, index) => (index === renamings.length - 1 ? { ...one, countsFrom: from } : one))
}

type Mutable<Value> = { -readonly [Member in keyof Value]: Value[Member] }

function withStep(before: Proposal | null, { stage, ending, stageHistory }: Proposal, event: RecordedEvent) {
  if (before && before.stage === stage && before.ending === ending) return stageHistory
  const { occurredOn, recordedAt, version } = event
  return [...stageHistory, { stage, ending, occurredOn, recordedAt, version }]
}
