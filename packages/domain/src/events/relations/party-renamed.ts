import { defineEvent } from '../../define-event.ts'
import { NothingThere } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import { renamed } from '../../party-names.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted } from '../../refusals.ts'
import { requireParties } from '../../rules.ts'
import { object, PartyId } from '../../schema.ts'
import { LanguageMap } from '../../texts.ts'

const PartyRenamedData = object({ party: PartyId, name: LanguageMap }).meta({
  id: 'PartyRenamedData',
  description:
    'An organisation has a new name, in all proposals of the ledger: from the day on which this event counts they show it, whatever name they recorded. Languages that are not given keep their name. The id stays. It is recorded once, on any proposal that the organisation is or was a party of and that had begun by that day: no event counts before its proposal begins (`countsFrom` of the history says from when).',
  examples: [{ party: 'most-vn', name: { en: 'Ministry of Science and Technology', vi: 'Bộ Khoa học và Công nghệ' } }],
})

export const partyRenamed = defineEvent({
  type: 'party-renamed',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Party renamed', description: 'An organisation has a new name, in all proposals.' },
    vi: { label: 'Bên đổi tên', description: 'Một tổ chức có tên mới, trong mọi đề xuất.' },
    ko: { label: '당사자 개칭', description: '기관의 이름이 모든 제안에서 바뀌었다.' },
  },
  data: PartyRenamedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `party`', parties: ({ party }) => [party] },
  accepts: 'any',
  from: 'any',
  waitsFor: (proposal, { data }) => (everParties(proposal).includes(data.party) ? undefined : `party ${data.party}`),
  decide: (proposal, { data: { party } }) =>
    everParties(proposal).includes(party) ? accepted : requireParties(proposal, [party]),
  evolve(proposal, event) {
    const { party, name } = event.data
    if (!everParties(proposal).includes(party)) throw new NothingThere(`${party} is no party`)
    const { position } = event
    // Every event gets the day from which it counts after its own step (evolve.ts).
    const renaming = { party, name, countsFrom: '', position, ...originOf(event) }
    return {
      ...proposal,
      parties: renamed(proposal.parties, [renaming]),
      formerParties: renamed(proposal.formerParties, [renaming]),
      renamings: [...(proposal.renamings ?? []), renaming],
    }
  },
})

function everParties({ parties, formerParties }: Proposal): string[] {
  return [...parties, ...formerParties].map(({ party }) => party)
}
