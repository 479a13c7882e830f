import { z } from 'zod'
import { Day } from './dates.ts'
import { origin } from './origin.ts'
import { Party } from './parties.ts'
import { object, oneOf, PartyId, ProposalId } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'
import { codesText } from './words/codes-text.ts'
import { relationWords } from './words/parties.ts'
import { codesOf } from './words/words.ts'

export const relations = codesOf(relationWords)
export const Relation = oneOf(relations, {
  parent: 'record "linked" with relation child on the part; this proposal is then shown as its parent',
  follows: 'record "linked" with relation precedes on the one that comes first',
}).meta({
  id: 'Relation',
  description: codesText(
    'The relation, read from this proposal to `other`: with `child`, this proposal is a child of the other.',
    relationWords,
  ),
  examples: ['child'],
})

export type Relation = (typeof relations)[number]

/** A relation and the other proposal. */
export const Linked = object({ relation: Relation, other: ProposalId })

export const Link = object({ ...Linked.shape, ...origin }).meta({
  id: 'Link',
  description: 'A link from this proposal; `relation` reads from this proposal to `other`.',
})
export type Link = z.infer<typeof Link>

/** A party that left; its acts stay in the record under its id. */
export const FormerParty = object({ ...Party.shape, reason: LongLanguageMap, ...origin }).meta({
  id: 'FormerParty',
  description: 'A party that left, and the reason. A party that came back is not a former party.',
})
export type FormerParty = z.infer<typeof FormerParty>

/** A new name of an organisation in all proposals, from the day from which its event counts. */
export const PartyRenaming = object({
  party: PartyId,
  name: LanguageMap,
  countsFrom: Day.meta({ description: 'The day from which the name holds.' }),
  position: z.int().min(1).meta({ description: 'The position of that event in the log.' }),
  ...origin,
}).meta({
  id: 'PartyRenaming',
  description:
    'A new name of an organisation that was recorded on this proposal. It holds in all proposals of the ledger.',
})

/** The requested link, if it exists. */
export function linkOf(links: readonly Link[], { relation, other }: z.infer<typeof Linked>): Link | undefined {
  return links.find((link) => link.relation === relation && link.other === other)
}

/** The proposals of which this one is a child. */
export function parentsOf({ links }: { links: readonly Link[] }): string[] {
  return links.filter(({ relation }) => relation === 'child').map(({ other }) => other)
}

/** The links of a state that another state of the same proposal does not have. */
export function newLinks(before: readonly Link[], after: readonly Link[]): readonly Link[] {
  return after.filter((link) => linkOf(before, link) === undefined)
}
