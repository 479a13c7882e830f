/** The effect of a correction or a retraction on what is in force. */
import type { World } from '../define-event.ts'
import type { RecordedEvent } from '../event-types.ts'
import { linksHold } from '../link-rules.ts'
import { isSame } from '../lists.ts'
import type { Proposal } from '../proposal.ts'
import { accepted, type Decision, refused } from '../refusals.ts'
import { newLinks, parentsOf } from '../relations.ts'
import { effectiveHistory } from './effective.ts'

/**
 * Whether an event, by its version, differs between the later history and the earlier one: in its data or its date, or because it is read
 * at all.
 */
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
 * Refuses a change that would bring impossible links into force: links that other proposals' links do not allow ({@link linksHold}), and a
 * second parent. Links that existed before can stay, whatever is wrong with them.
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
