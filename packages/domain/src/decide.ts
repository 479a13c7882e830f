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
 * Whether an event may be recorded on a proposal as it stands (null: there is none): the rules that are common to all events, then the
 * event's own. Pure; the answer holds as long as the proposal and what was asked of the world stay as they are.
 *
 * An event that counts last is judged on the state now. Another one is judged at its place in the order in which events count, with the whole
 * history, and must break nothing that counts after it ({@link mayTakeItsPlace}).
 *
 * @throws a TypeError for an event type that is not in the registry, which no parsed body has.
 */
export function decide(proposal: Proposal | null, event: EventBodyWithProposal, world: World<RecordedEvent>): Decision {
  return drained(deciding(proposal, event, world))
}

/** As `decide`, in slices: judging an event that does not count last takes as long as its stream is. */
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

/** Whether deciding on an event asks for `world.history`: what does not count last in its stream does, and what rereads the past. */
export function needsHistory(
  proposal: Proposal | null,
  event: EventBodyWithProposal,
  { now, timeZone }: Pick<World, 'now' | 'timeZone'>,
): boolean {
  if (proposal === null) return false
  return definitionOf(event.type)?.rereads === true || dayWhereLast(proposal, event, now, timeZone) === null
}
