import { defineEvent } from '../../define-event.ts'
import { changedOrAdded } from '../../lists.ts'
import { Party } from '../../parties.ts'
import { accepted } from '../../refusals.ts'
import { object } from '../../schema.ts'

const PartyJoinedData = object({ ...Party.shape }).meta({
  id: 'PartyJoinedData',
  description:
    'An organisation takes part. One that takes part already gets the further roles; no language of its name is lost.',
  examples: [
    { party: 'koica-kr', name: { en: 'Korea International Cooperation Agency' }, country: 'KR', roles: ['funder'] },
  ],
})

export const partyJoined = defineEvent({
  type: 'party-joined',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Party joined', description: 'An organisation takes part, or in a further role.' },
    vi: { label: 'Bên tham gia', description: 'Một tổ chức tham gia, hoặc có thêm vai trò.' },
    ko: { label: '당사자 참여', description: '기관이 참여하거나 역할이 더해졌다.' },
  },
  data: PartyJoinedData,
  happens: true,
  sourced: true,
  accepts: 'open',
  from: 'open',
  decide: () => accepted,
  evolve(proposal, { data }) {
    const parties = changedOrAdded(
      proposal.parties,
      ({ party }) => party === data.party,
      (before) => (before ? joinedAgain(before, data) : data),
    )
    return { ...proposal, parties }
  },
})

function joinedAgain(before: Party, again: Party): Party {
  const roles = [...new Set([...before.roles, ...again.roles])]
  const joined = { ...before, ...again, roles }
  return before.name && again.name ? { ...joined, name: { ...before.name, ...again.name } } : joined
}
