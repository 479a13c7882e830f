import type { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import { linksHold } from '../../link-rules.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { Linked, linkOf, parentsOf } from '../../relations.ts'
import { firstRefusal, unknownAmong } from '../../rules.ts'

const LinkedData = Linked.meta({
  id: 'LinkedData',
  description:
    '`relation` reads from this proposal to `other`: this one is a `child` of the other, `precedes` it, was `agreed-at` it … Both proposals show the link. A proposal has one parent: unlink it from that parent before you make it the child of another.',
  examples: [{ relation: 'precedes', other: 'jcm10' }],
})
type LinkedData = z.infer<typeof LinkedData>

export const linked = defineEvent({
  type: 'linked',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Linked', description: 'The proposal is related to another proposal.' },
    vi: { label: 'Liên kết', description: 'Có quan hệ với một đề xuất khác.' },
    ko: { label: '연결', description: '다른 제안과 관계를 맺었다.' },
  },
  data: LinkedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'any',
  from: 'any',
  brings: ({ data }) => [`link ${data.relation} ${data.other}`],
  decide(proposal, { data }, world) {
    return firstRefusal(
      () => toAnother(proposal, data),
      () => linkedOnce(proposal, data),
      () => unknownAmong([data.other], proposal, world, 'The link leads to'),
      () => oneParent(proposal, data),
      () => linksHold(proposal.proposalId, [data], world),
    )
  },
  evolve(proposal, event) {
    const { relation, other } = event.data
    const links = [...proposal.links, { relation, other, ...originOf(event) }]
    return { ...proposal, parent: parentsOf({ links })[0] ?? null, links }
  },
})

function toAnother({ proposalId }: Proposal, { other }: LinkedData): Decision {
  if (other !== proposalId) return accepted
  return refused('linked-to-itself', 'A proposal cannot be linked to itself. Name another proposal.')
}

function linkedOnce({ links }: Proposal, data: LinkedData): Decision {
  const before = linkOf(links, data)
  if (!before) return accepted
  const detail = `This link was recorded in event ${before.version}. Attach further evidence to that event with "evidence-attached".`
  return refused('already-linked', detail, { version: before.version })
}

/** Histories recorded before this rule may have a second parent. */
function oneParent(proposal: Proposal, { relation, other }: LinkedData): Decision {
  const [parent] = relation === 'child' ? parentsOf(proposal) : []
  if (parent === undefined) return accepted
  const detail = `This proposal is a child of "${parent}". Record "unlinked" for that link first; then it may become a child of "${other}".`
  return refused('second-parent', detail, { parent })
}
