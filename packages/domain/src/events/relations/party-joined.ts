import { defineEvent } from '../../define-event.ts'
import { changedOrAdded } from '../../lists.ts'
import { Party } from '../../parties.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted } from '../../refusals.ts'
import type { FormerParty } from '../../relations.ts'
import { object } from '../../schema.ts'

const PartyJoinedData = object({ ...Party.shape }).meta({
  id: 'PartyJoinedData',
  description:
    'An organisation joined. A current party gets the further roles and, from then on, the given name; no language of the name is lost. A former party becomes a current party again, with these roles and with the known name and country.',
  examples: [
    { party: 'koica-kr', name: { en: 'Korea International Cooperation Agency' }, country: 'KR', roles: ['funder'] },
  ],
})

export const partyJoined = defineEvent({
  type: 'party-joined',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Party joined', description: 'An organisation joined, or took a further role.' },
    vi: { label: 'Bên tham gia', description: 'Một tổ chức tham gia, hoặc có thêm vai trò.' },
    ko: { label: '당사자 참여', description: '기관이 참여하거나 역할이 더해졌다.' },
  },
  data: PartyJoinedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `party` if it already takes part, otherwise the current parties', parties: admitting },
  accepts: 'open',
  from: 'open',
  brings: ({ data }) => [`party ${data.party}`],
  decide: () => accepted,
  evolve(proposal, { data }) {
    const isIt = ({ party }: { party: string }) => party === data.party
    const former = proposal.formerParties.findLast(isIt)
    const parties = changedOrAdded(proposal.parties, isIt, (before) => {
      if (before) return joinedAgain(before, data)
      return former ? cameBack(former, data) : data
    })
    return { ...proposal, parties, formerParties: proposal.formerParties.filter((party) => !isIt(party)) }
  },
})

/** A party cannot admit itself: from then on it can act within the proposal of others, and could end it. */
function admitting({ party }: Party, { parties }: Proposal): string[] {
  const present = parties.map((one) => one.party)
  return present.includes(party) ? [party] : present
}

/** Its events show its earlier acts; its name and country stay known. */
function cameBack({ party, name, country, group }: FormerParty, again: Party): Party {
  return joinedAgain(
    {
      party,
      ...(name === undefined ? {} : { name }),
      ...(country === undefined ? {} : { country }),
      ...(group === undefined ? {} : { group }),
      roles: [],
    },
    again,
  )
}

function joinedAgain(before: Party, again: Party): Party {
  const roles = [...new Set([...before.roles, ...again.roles])]
  const joined = { ...before, ...again, roles }
  return before.name && again.name ? { ...joined, name: { ...before.name, ...again.name } } : joined
}
