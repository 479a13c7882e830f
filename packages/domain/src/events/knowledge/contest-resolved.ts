import { defineEvent } from '../../define-event.ts'
import type { Contest } from '../../knowledge.ts'
import { NothingThere } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, knownEvent } from '../../rules.ts'
import { eventVersion, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const ContestResolvedData = object({ event: eventVersion(), chosen: LongLanguageMap }).meta({
  id: 'ContestResolvedData',
  description:
    'The claim that holds about a contested event. `event` is the version of that event; all claims against it are resolved. If the record was wrong, a correction follows.',
  examples: [{ event: 3, chosen: { en: '35 million USD is the Korean part of 70 million.' } }],
})

export const contestResolved = defineEvent({
  type: 'contest-resolved',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Contest resolved', description: 'A contest was resolved: one of the claims holds.' },
    vi: { label: 'Đã kết luận', description: 'Đã xác định thông tin nào là đúng.' },
    ko: { label: '이견 해소', description: '어느 주장이 맞는지 정해졌다.' },
  },
  data: ContestResolvedData,
  happens: true,
  sourced: true,
  acts: { who: 'those who contest it', each: true, parties: ({ event }, proposal) => claimantsOf(proposal, event) },
  accepts: 'any',
  from: 'any',
  waitsFor: ({ contested }, { data }) => (contested.some(isOpenOn(data.event)) ? undefined : `contest ${data.event}`),
  decide(proposal, { data }) {
    return firstRefusal(
      () => knownEvent(proposal, data.event),
      () => isContested(proposal, data.event),
    )
  },
  evolve(proposal, event) {
    const isMeant = isOpenOn(event.data.event)
    if (!proposal.contested.some(isMeant)) throw new NothingThere(`Event ${event.data.event} is not contested`)
    const resolved = { chosen: event.data.chosen, ...originOf(event) }
    const contested = proposal.contested.map((contest) => (isMeant(contest) ? { ...contest, resolved } : contest))
    return { ...proposal, contested }
  },
})

/** Those who contested the event can say that the contest is resolved. Nobody can do that for them, not even another claimant. */
function claimantsOf({ contested }: Proposal, event: number): string[] | null {
  const claimants = contested.filter(isOpenOn(event)).map(({ assertedBy }) => assertedBy)
  return claimants.every((one) => one !== null) ? [...new Set(claimants)] : null
}

function isOpenOn(event: number) {
  return (contest: Contest) => contest.event === event && contest.resolved === null
}

function isContested({ contested }: Proposal, event: number): Decision {
  if (contested.some(isOpenOn(event))) return accepted
  const open = [...new Set(contested.filter(({ resolved }) => resolved === null).map((contest) => contest.event))]
  const detail = `Event ${event} is not contested. ${open.length > 0 ? `The contested events are ${open.join(', ')}.` : 'No event of this proposal is.'}`
  return refused('not-contested', detail, { contested: open })
}
