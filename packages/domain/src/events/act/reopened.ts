import { defineEvent } from '../../define-event.ts'
import type { Proposal } from '../../proposal.ts'
import { accepted, refused } from '../../refusals.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const ReopenedData = object({ reason: LongLanguageMap }).meta({
  id: 'ReopenedData',
  description:
    'The proposal continues after it ended or was closed. Money that the ending decommitted stays decommitted.',
  examples: [{ reason: { en: 'The parties took it up again.' } }],
})

export const reopened = defineEvent({
  type: 'reopened',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: { label: 'Reopened', description: 'The proposal continues after it ended or was closed.' },
    vi: { label: 'Mở lại', description: 'Được tiếp tục sau khi đã kết thúc hoặc quyết toán.' },
    ko: { label: '재개방', description: '종료되거나 정산된 뒤 다시 진행된다.' },
  },
  data: ReopenedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'any',
  from: 'ended, closed',
  waitsFor: ({ ending, stage }) => (ending === null && stage !== 'closed' ? 'end' : undefined),
  decide({ ending, stage }) {
    if (ending === 'superseded') {
      return refused(
        'superseded',
        'This proposal was superseded. Record further events on the proposal that superseded it.',
      )
    }
    if (ending !== null || stage === 'closed') return accepted
    return refused('not-ended', 'This proposal is open. Only an ended or closed proposal can be reopened.')
  },
  evolve(proposal) {
    return { ...proposal, ending: null, end: null, stage: stageReopened(proposal) }
  },
})

/** Closing is undone; delivery is not. */
function stageReopened({ stage }: Proposal): Proposal['stage'] {
  return stage === 'closed' ? 'delivered' : stage
}
