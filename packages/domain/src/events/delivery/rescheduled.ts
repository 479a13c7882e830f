import type { z } from 'zod'
import { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { changed } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { datesInOrder, firstRefusal } from '../../rules.ts'
import type { Milestone } from '../../schedule.ts'
import { LocalId, object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const RescheduledData = object({
  which: LocalId.meta({ description: '`start`, `end`, or the id of a milestone.' }),
  to: When.nullable(),
  reason: LongLanguageMap,
}).meta({
  id: 'RescheduledData',
  description:
    'A planned date was replaced: the start, the end, or the date of a milestone. `to: null` means postponed without a date. The first planned date is kept.',
  examples: [{ which: 'end', to: '2028-12', reason: { en: 'Land was cleared a year late.' } }],
})
type RescheduledData = z.infer<typeof RescheduledData>

export const rescheduled = defineEvent({
  type: 'rescheduled',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Rescheduled', description: 'A planned date was replaced by another date, or by none.' },
    vi: {
      label: 'Điều chỉnh tiến độ',
      description: 'Một thời hạn dự kiến được thay bằng thời hạn khác, hoặc chưa định lại.',
    },
    ko: { label: '일정 변경', description: '계획된 날짜가 바뀌거나 미정으로 미루어졌다.' },
  },
  data: RescheduledData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  waitsFor: (proposal, { data: { which } }) =>
    isOfTheWhole(which) || milestoneOf(proposal, which) ? undefined : `milestone ${which}`,
  decide(proposal, { data }) {
    return firstRefusal(
      () => somethingPlanned(proposal, data.which),
      () => otherDate(proposal, data),
      () => datesInOrder(plannedAfter(proposal, data)),
    )
  },
  evolve(proposal, event) {
    const { which, to, reason } = event.data
    const rescheduling = { which, from: dateOf(proposal, which), to, reason, ...originOf(event) }
    const reschedulings = [...proposal.reschedulings, rescheduling]
    if (isOfTheWhole(which)) return { ...proposal, planned: plannedAfter(proposal, event.data), reschedulings }
    const milestones = changed(proposal.milestones, isMilestone(which), (before) => ({ ...before, due: to }))
    return { ...proposal, milestones, reschedulings }
  },
})

function isOfTheWhole(which: string): which is 'start' | 'end' {
  return which === 'start' || which === 'end'
}

function isMilestone(which: string) {
  return ({ milestone }: Milestone) => milestone === which
}

function milestoneOf({ milestones }: Proposal, which: string): Milestone | undefined {
  return milestones.find(isMilestone(which))
}

function dateOf(proposal: Proposal, which: string): When | null {
  return isOfTheWhole(which) ? proposal.planned[which] : (milestoneOf(proposal, which)?.due ?? null)
}

function plannedAfter({ planned }: Proposal, { which, to }: RescheduledData): Proposal['planned'] {
  return isOfTheWhole(which) ? { ...planned, [which]: to } : planned
}

function somethingPlanned(proposal: Proposal, which: string): Decision {
  if (isOfTheWhole(which) || milestoneOf(proposal, which)) return accepted
  const milestones = proposal.milestones.map(({ milestone }) => milestone)
  const detail = `There is no milestone "${which}". Only "start", "end", or a planned milestone can be rescheduled.`
  return refused('unknown-milestone', detail, { milestones })
}

function otherDate(proposal: Proposal, { which, to }: RescheduledData): Decision {
  const from = dateOf(proposal, which)
  if (from !== to) return accepted
  return refused('same-date', `The planned date of "${which}" is ${from ?? 'unknown'} already. Give another one.`, {
    from,
  })
}
