import { defineEvent } from '../../define-event.ts'
import { NothingThere } from '../../lists.ts'
import { openLines } from '../../money-rules.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, requireParties } from '../../rules.ts'
import { object, PartyId } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const PartyLeftData = object({ party: PartyId, reason: LongLanguageMap }).meta({
  id: 'PartyLeftData',
  description: 'An organisation left. Its acts stay in the record.',
  examples: [{ party: 'lab', reason: { en: 'Merged into another institute.' } }],
})

export const partyLeft = defineEvent({
  type: 'party-left',
  schemaVersion: 1,
  group: 'relations',
  words: {
    en: { label: 'Party left', description: 'An organisation left.' },
    vi: { label: 'Bên rút khỏi', description: 'Một tổ chức không còn tham gia.' },
    ko: { label: '당사자 탈퇴', description: '기관이 더 이상 참여하지 않는다.' },
  },
  data: PartyLeftData,
  happens: true,
  sourced: true,
  acts: { who: 'the `party`', parties: ({ party }) => [party] },
  accepts: 'open',
  from: 'open',
  waitsFor: ({ parties }, { data }) =>
    parties.some(({ party }) => party === data.party) ? undefined : `party ${data.party}`,
  decide(proposal, { data }) {
    return firstRefusal(
      () => requireParties(proposal, [data.party]),
      () => somebodyStays(proposal),
      () => somebodyPays(proposal, data.party),
    )
  },
  evolve(proposal, event) {
    const { party: id, reason } = event.data
    const leaving = proposal.parties.find(({ party }) => party === id)
    if (!leaving) throw new NothingThere(`${id} is no party`)
    const parties = proposal.parties.filter((party) => party !== leaving)
    return {
      ...proposal,
      parties,
      formerParties: [...proposal.formerParties, { ...leaving, reason, ...originOf(event) }],
    }
  },
})

/** A commitment needs a party: if the last one leaves, the proposal has ended. */
function somebodyStays({ parties }: Proposal): Decision {
  if (parties.length > 1) return accepted
  return refused('last-party', 'It is the last party. Record "ended" instead, with the ending and the reason.')
}

/** A funder is a party with that role, or the provider of a line, whatever its role is called. */
function isFunder({ lines }: Proposal) {
  return ({ party, roles }: Proposal['parties'][number]) =>
    roles.includes('funder') || lines.some(({ provider }) => provider === party)
}

function somebodyPays(proposal: Proposal, id: string): Decision {
  const open = openLines(proposal)
  const funders = proposal.parties.filter(isFunder(proposal))
  if (open.length === 0 || funders.length !== 1 || funders[0]?.party !== id) return accepted
  const detail = `"${id}" is the last funder, and money is open on ${open.join(', ')}. It may leave after the money is disbursed or decommitted, or after another funder has joined.`
  return refused('last-funder', detail, { lines: open })
}
