import { z } from 'zod'
import { When } from '../../dates.ts'
import { defineEvent } from '../../define-event.ts'
import { changedOrAdded } from '../../lists.ts'
import { originOf } from '../../origin.ts'
import { accepted, refused } from '../../refusals.ts'
import { MilestoneId } from '../../schedule.ts'
import { object } from '../../schema.ts'
import { LanguageMap } from '../../texts.ts'

const MilestonePlannedData = object({
  milestone: MilestoneId,
  title: LanguageMap,
  due: When.nullable(),
  obligatory: z.boolean().optional().meta({ default: false }),
}).meta({
  id: 'MilestonePlannedData',
  description:
    'A milestone was planned. An obligatory milestone must be met or waived before the delivery is complete.',
  examples: [{ milestone: 'ground-breaking', title: { en: 'Ground broken' }, due: '2027-06', obligatory: true }],
})

export const milestonePlanned = defineEvent({
  type: 'milestone-planned',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Milestone planned', description: 'A milestone was planned.' },
    vi: { label: 'Đặt mốc', description: 'Xác định một mốc cần đạt trong quá trình thực hiện.' },
    ko: { label: '중간 목표 계획', description: '진행 중에 달성할 목표가 정해졌다.' },
  },
  data: MilestonePlannedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  brings: ({ data }) => [`milestone ${data.milestone}`],
  decide({ milestones }, { data }) {
    const existing = milestones.find(({ milestone }) => milestone === data.milestone)
    if (!existing) return accepted
    const detail = `The milestone "${data.milestone}" was recorded in event ${existing.version}. Record "rescheduled" to change its date.`
    return refused('milestone-exists', detail, { version: existing.version })
  },
  evolve(proposal, event) {
    const { milestone, title, due, obligatory = false } = event.data
    // By the dates, it may have been reached before it was planned: then both are kept.
    const milestones = changedOrAdded(
      proposal.milestones,
      (known) => known.milestone === milestone,
      (before) => ({
        milestone,
        title: { ...before?.title, ...title },
        due,
        firstDue: due,
        obligatory,
        planned: true,
        reached: before?.reached ?? null,
        ...originOf(event),
      }),
    )
    return { ...proposal, milestones }
  },
})
