import type { z } from 'zod'
import { bounds } from './bounds.ts'
import type { World } from './define-event.ts'
import { accepted, type Decision, type RefusalCode, refused } from './refusals.ts'
import type { Linked, Relation } from './relations.ts'
import { firstRefusal } from './rules.ts'

/**
 * Refuses new links that the links of other proposals do not allow: nothing is part of its own part, and a proposal that precedes or
 * supersedes another does not also come after it. The rule is checked on the links that would be in force, so it holds for links from
 * corrections and retractions as for recorded ones.
 */
export function linksHold(proposalId: string, links: readonly z.infer<typeof Linked>[], world: World): Decision {
  return firstRefusal(...links.map((link) => () => linkHolds(proposalId, link, world)))
}

/**
 * The refusals of {@link linksHold}: they are checked for the links that would be in force, not for each event at its place in a history.
 */
export const ofLinksInForce: ReadonlySet<RefusalCode> = new Set([
  'parent-cycle',
  'parents-too-deep',
  'link-cycle',
  'links-too-long',
])

/** Relations that must not form cycles, and how many proposals on the way are followed at most. */
const oneWay: Readonly<Partial<Record<z.infer<typeof Relation>, number>>> = {
  child: bounds.depth,
  precedes: bounds.chain,
  supersedes: bounds.chain,
}

function linkHolds(proposalId: string, { relation, other }: z.infer<typeof Linked>, world: World): Decision {
  const most = oneWay[relation]
  if (most === undefined) return accepted
  const way = wayFrom(other, relation, most, world)
  if (way.found.has(proposalId)) return circle(proposalId, relation, other)
  return way.complete ? accepted : tooLong(relation, other, most)
}

function circle(proposalId: string, relation: z.infer<typeof Relation>, other: string): Decision {
  if (relation === 'child') {
    const detail = `"${other}" is itself below "${proposalId}". A child cannot be an ancestor of its parent.`
    return refused('parent-cycle', detail, { other })
  }
  const detail = `"${other}" ${relation} "${proposalId}" itself, or one that does. Both links together would be a cycle.`
  return refused('link-cycle', detail, { relation, other })
}

function tooLong(relation: z.infer<typeof Relation>, other: string, limit: number): Decision {
  if (relation === 'child') {
    const detail = `"${other}" and its parents are more than ${limit} proposals; no tree may be deeper. Choose a parent nearer to the top.`
    return refused('parents-too-deep', detail, { limit })
  }
  const detail = `A chain of more than ${limit} proposals linked by "${relation}" begins at "${other}". Link to a proposal nearer to the end of the chain.`
  return refused('links-too-long', detail, { limit })
}

/**
 * The proposal itself and everything reached from it along links of one relation, as far as they are followed. The world is asked for every
 * proposal on the way, so that the decision depends on all of them. So the search ends if the way is longer than allowed (bounds.ts).
 */
function wayFrom(proposalId: string, relation: string, most: number, world: World) {
  const found = new Set<string>()
  const ahead = [proposalId]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (found.has(next)) continue
    if (found.size === most) return { found, complete: false }
    found.add(next)
    const links = world.find(next)?.links ?? []
    for (const link of links) if (link.relation === relation) ahead.push(link.other)
  }
  return { found, complete: true }
}
