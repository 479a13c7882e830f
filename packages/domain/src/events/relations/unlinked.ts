import { defineEvent } from '../../define-event.ts'
import { NothingThere } from '../../lists.ts'
import { accepted, refused } from '../../refusals.ts'
import { Linked, linkOf, parentsOf } from '../../relations.ts'

const UnlinkedData = Linked.meta({
  id: 'UnlinkedData',
  description:
    'A link no longer holds. If it was the link to the parent, the next child link, if there is one, names the parent.',
  examples: [{ relation: 'precedes', other: 'jcm10' }],
})

export const unlinked = defineEvent({
  type: 'unlinked',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Unlinked', description: 'A relation to another proposal no longer holds.' },
    vi: { label: 'Bỏ liên kết', description: 'Quan hệ với một đề xuất khác không còn.' },
    ko: { label: '연결 해제', description: '다른 제안과의 관계가 더 이상 유효하지 않다.' },
  },
  data: UnlinkedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'any',
  from: 'any',
  waitsFor: ({ links }, { data }) => (linkOf(links, data) ? undefined : `link ${data.relation} ${data.other}`),
  decide({ links }, { data }) {
    if (linkOf(links, data)) return accepted
    const known = links.map(({ relation, other }) => ({ relation, other }))
    const detail = `This proposal is not linked as "${data.relation}" to "${data.other}". Name a link that it has.`
    return refused('not-linked', detail, { links: known })
  },
  evolve(proposal, { data }) {
    const gone = linkOf(proposal.links, data)
    if (!gone) throw new NothingThere(`There is no link ${data.relation} to ${data.other}`)
    const links = proposal.links.filter((link) => link !== gone)
    return { ...proposal, links, parent: parentsOf({ links })[0] ?? null }
  },
})
