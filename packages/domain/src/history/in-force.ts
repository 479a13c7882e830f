/** What a correction or a retraction changes of what is in force. */
import type { World } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { linksHold } from '../link-rules.ts'
import { isSame } from '../lists.ts'
import type { Proposal } from '../proposal.ts'
import { accepted, type Decision, refused } from '../refusals.ts'
import { newLinks, parentsOf } from '../relations.ts'
import { effectiveHistory } from './effective.ts'

/** Whether an event, by its version, reads otherwise in the later history than in the earlier: in its data or its date, or because it is read at all. */
export function readOtherwise(
  earlier: readonly RecordedEvent[],
  later: readonly RecordedEvent[],
): (version: number) => boolean {
  const before = new Map(effectiveHistory(earlier).map((event) => [event.version, event]))
  const after = new Map(effectiveHistory(later).map((event) => [event.version, event]))
  return (version) => {
    const [was, is] = [before.get(version), after.get(version)]
    return was?.occurredOn !== is?.occurredOn || !isSame(was?.data, is?.data)
  }
}

/**
 * Refuses what would bring links into force that the proposal could not be given: those that other proposals' links do not allow ({@link linksHold}),
 * and a further parent. Links that were there before may stay, whatever is wrong with them.
 */
export function linksInForceHold(before: Proposal | null, after: Proposal | null, world: World): Decision {
  if (before === null || after === null) return accepted
  const parents = parentsOf(after)
  if (parents.length > Math.max(1, parentsOf(before).length)) {
    const detail = `With this event the proposal would be a child of ${parents.map((id) => `"${id}"`).join(' and of ')}. It may have only one parent: correct the other link in the same event.`
    return refused('second-parent', detail, { parent: parents[0] })
  }
  return linksHold(after.proposalId, newLinks(before.links, after.links), world)
}
