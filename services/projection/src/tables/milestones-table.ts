import { domainVocabulary, type Milestone, type Slippage } from '@commitments/domain'
import { code, dates, integer, inWords, text, yesOrNo } from './columns.ts'
import { positionOf } from './known-events.ts'
import { defineTable, fromEvent, ofProposal, type Subject } from './table.ts'

interface MilestoneRow {
  readonly subject: Subject
  readonly milestone: Milestone
  readonly slipped: Slippage['days']
  /** The event of its outcome, or else the one that planned it. */
  readonly version: number
}

export const milestonesTable = defineTable<MilestoneRow>({
  name: 'milestones',
  words: {
    en: { label: 'Milestones', description: 'One row for each milestone.' },
    vi: { label: 'Các mốc', description: 'Mỗi mốc một dòng.' },
    ko: { label: '중간 목표', description: '중간 목표마다 한 행이다.' },
  },
  scope: 'read',
  key: ['proposalId', 'milestone'],
  foreignKeys: [ofProposal, fromEvent],
  columns: [
    text('proposalId', ({ subject }) => subject.status.proposalId),
    text('milestone', ({ milestone }) => milestone.milestone),
    inWords('title', ({ milestone }) => milestone.title, 'milestoneTitle'),
    ...dates<MilestoneRow>('due', ({ milestone }) => milestone.due),
    ...dates<MilestoneRow>('firstDue', ({ milestone }) => milestone.firstDue),
    yesOrNo('obligatory', ({ milestone }) => milestone.obligatory),
    yesOrNo('planned', ({ milestone }) => milestone.planned, 'Milestone.planned'),
    ...code<MilestoneRow>('outcome', domainVocabulary.outcomes, ({ milestone }) => milestone.reached?.outcome),
    ...dates<MilestoneRow>('reachedOn', ({ milestone }) => milestone.reached?.occurredOn),
    inWords('reason', ({ milestone }) => milestone.reached?.reason),
    integer('slippedAtLeast', ({ slipped }) => slipped?.atLeast),
    integer('slippedAtMost', ({ slipped }) => slipped?.atMost),
    integer('version', ({ version }) => version, 'eventOf'),
    integer('position', ({ subject, version }) => positionOf(subject.events, version), 'positionOf'),
  ],
  needsEvents: ({ milestones }) => milestones.length > 0,
  rows(subject) {
    const { milestones, delivery } = subject.status
    return milestones.map((milestone): MilestoneRow => {
      const slippage = delivery.slippage.find(({ which }) => which === milestone.milestone)
      return {
        subject,
        milestone,
        slipped: slippage?.days ?? null,
        version: milestone.reached?.version ?? milestone.version,
      }
    })
  },
})
