import type { World } from './define-event.ts'
import { definitionOf, type EventBodyWithProposal, type RecordedEvent } from './event-types.ts'
import { mayTakeItsPlace } from './history/at-its-place.ts'
import { dayWhereLast } from './history/dating.ts'
import { mayReread, type RereadingBody } from './history/rereading-rules.ts'
import { decideNext, mayBeRecorded } from './next.ts'
import type { Proposal } from './proposal.ts'
import type { Decision } from './refusals.ts'
import { drained, type Sliced } from './slices.ts'

/**
 * Whether an event can be recorded on a proposal as it is now (null: there is none): first the common rules, then the event's own. Pure;
 * the answer is valid as long as the proposal, and what the world was asked for, stay the same.
 *
 * An event that counts last is checked on the current state. Any other event is checked at its place in the order in which events count,
 * with the whole history, and must not break anything that counts after it ({@link mayTakeItsPlace}).
 *
 * @throws a TypeError for an event type that is not in the registry, which no parsed body has.
 */
export function decide(proposal: Proposal | null, event: EventBodyWithProposal, world: World<RecordedEvent>): Decision {
  return drained(deciding(proposal, event, world))
}

/** Like `decide`, in slices: the time to check an event that does not count last grows with its stream. */
export function* deciding(
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  world: World<RecordedEvent>,
): Sliced<Decision> {
  if (proposal === null || !needsHistory(proposal, event, world)) return decideNext(proposal, event, world)
  if (definitionOf(event.type)?.rereads) {
    const decision = decideNext(proposal, event, world)
    return decision.outcome === 'refused' ? decision : yield* mayReread(proposal, event as RereadingBody, world)
  }
  const standing = mayBeRecorded(proposal, event, world)
  return standing.outcome === 'refused' ? standing : yield* mayTakeItsPlace(proposal, event, world)
}

/** Whether deciding on an event needs `world.history`: events that do not count last need it, and so do corrections and retractions. */
export function needsHistory(
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  { now, timeZone }: Pick<World, 'now' | 'timeZone'>,
): boolean {
  if (proposal === null) return false
  return definitionOf(event.type)?.rereads === true || dayWhereLast(proposal, event, now, timeZone) === null
}
