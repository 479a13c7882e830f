import type { z } from 'zod'
import { defineEvent } from '../../define-event.ts'
import type { Recorded } from '../../envelope.ts'
import { changedOrAdded, NothingThere } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, proven } from '../../rules.ts'
import { type Milestone, MilestoneId, Outcome } from '../../schedule.ts'
import { object } from '../../schema.ts'
import { LanguageMap, LongLanguageMap } from '../../texts.ts'

const MilestoneReachedData = object({
  milestone: MilestoneId,
  title: LanguageMap.optional(),
  outcome: Outcome,
  reason: LongLanguageMap.optional(),
}).meta({
  id: 'MilestoneReachedData',
  description:
    'The outcome of a milestone; the latest outcome holds. A milestone that was never planned needs a title. The outcome `met` needs evidence.',
  examples: [{ milestone: 'ground-breaking', outcome: 'partially-met', reason: { en: 'One of two plots.' } }],
})
type MilestoneReachedData = z.infer<typeof MilestoneReachedData>

export const milestoneReached = defineEvent({
  type: 'milestone-reached',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Milestone reached', description: 'A milestone was met, partially met, missed or waived.' },
    vi: { label: 'Kết quả mốc', description: 'Một mốc đã đạt, đạt một phần, không đạt hoặc được miễn.' },
    ko: { label: '중간 목표 결과', description: '중간 목표가 달성, 부분 달성, 미달성 또는 면제되었다.' },
  },
  data: MilestoneReachedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  brings: ({ data }) => [`milestone ${data.milestone}`],
  waitsFor: (proposal, { data }) =>
    data.title !== undefined || milestoneOf(proposal, data) ? undefined : `milestone ${data.milestone}`,
  decide(proposal, event) {
    return firstRefusal(
      () => plannedOrTitled(proposal, event.data),
      () => (event.data.outcome === 'met' ? proven(event, 'A milestone is met with proof.') : accepted),
    )
  },
  evolve(proposal, event) {
    const milestones = changedOrAdded(
      proposal.milestones,
      ({ milestone }) => milestone === event.data.milestone,
      (before) => reachedBy(before ?? untold(event), event),
    )
    return { ...proposal, milestones }
  },
})

function milestoneOf({ milestones }: Proposal, data: MilestoneReachedData): Milestone | undefined {
  return milestones.find(({ milestone }) => milestone === data.milestone)
}

function plannedOrTitled(proposal: Proposal, data: MilestoneReachedData): Decision {
  if (data.title !== undefined || milestoneOf(proposal, data)) return accepted
  const milestones = proposal.milestones.map(({ milestone }) => milestone)
  const detail = `The milestone "${data.milestone}" was never planned. Give data.title, or name a planned milestone.`
  return refused('unknown-milestone', detail, { milestones })
}

/** A milestone that was not recorded before it was reached. */
function untold(event: Recorded<'milestone-reached', MilestoneReachedData>): Milestone {
  const { milestone, title } = event.data
  if (!title) throw new NothingThere(`There is no milestone ${milestone}`)
  const origin = originOf(event)
  return { milestone, title, due: null, firstDue: null, obligatory: false, planned: false, reached: null, ...origin }
}

function reachedBy(before: Milestone, event: Recorded<'milestone-reached', MilestoneReachedData>): Milestone {
  const { outcome, reason = null, title } = event.data
  return { ...before, title: { ...before.title, ...title }, reached: { outcome, reason, ...originOf(event) } }
}
