import type { z } from 'zod'
import { bounds } from './bounds.ts'
import type { World } from './define-event.ts'
import { origin } from './origin.ts'
import { Party } from './parties.ts'
import { accepted, type Decision, refused } from './refusals.ts'
import { object, oneOf, ProposalId } from './schema.ts'
import { LongLanguageMap } from './texts.ts'

export const relations = [
  'child',
  'sibling',
  'co-funded',
  'precedes',
  'implements',
  'agreed-at',
  'discussed-at',
  'funded-under',
  'supersedes',
] as const
export const Relation = oneOf(relations, {
  parent: 'record "linked" with relation child on the part; this proposal is then shown as its parent.',
  follows: 'record "linked" with relation precedes on the one that comes first.',
}).meta({
  id: 'Relation',
  description: 'What this proposal is to the other: this one is the *relation* of the other.',
  examples: ['child'],
})

/** Which relation, and to which other proposal. */
export const Linked = object({ relation: Relation, other: ProposalId })

export const Link = object({ ...Linked.shape, ...origin }).meta({
  id: 'Link',
  description: 'This proposal is the *relation* of the other.',
})
export type Link = z.infer<typeof Link>

/** A party that left; what it did stays in the record under its id. */
export const FormerParty = object({ ...Party.shape, reason: LongLanguageMap, ...origin }).meta({
  id: 'FormerParty',
  description: 'A party that left, and why. One that came back is none.',
})
export type FormerParty = z.infer<typeof FormerParty>

/** The one link that is meant, where it is there. */
export function linkOf(links: readonly Link[], { relation, other }: z.infer<typeof Linked>): Link | undefined {
  return links.find((link) => link.relation === relation && link.other === other)
}

/** The proposals that this one is a child of. */
export function parentsOf({ links }: { links: readonly Link[] }): string[] {
  return links.filter(({ relation }) => relation === 'child').map(({ other }) => other)
}

/** What a proposal is part of, to any depth, and whether that is all. */
export interface Ancestry {
  readonly found: ReadonlySet<string>
  readonly complete: boolean
}

/**
 * The proposal itself and all that it is part of, by going from parent to parent. Every proposal on the way is asked of the world, so that the
 * decision rests on all of them; so the way ends where it is longer than it may be (bounds.ts).
 */
export function ancestryOf(proposalId: string, world: World): Ancestry {
  const found = new Set<string>()
  const ahead = [proposalId]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (found.has(next)) continue
    if (found.size === bounds.depth) return { found, complete: false }
    found.add(next)
    const proposal = world.find(next)
    if (proposal) ahead.push(...parentsOf(proposal))
  }
  return { found, complete: true }
}

/** Refuses a parent that has too many above it. */
export function notTooDeep(parent: string, { complete }: Ancestry): Decision {
  if (complete) return accepted
  const detail = `"${parent}" and what it is part of are more than ${bounds.depth} proposals: deeper trees are not kept. Choose a parent that is nearer to the top.`
  return refused('parents-too-deep', detail, { limit: bounds.depth })
}
