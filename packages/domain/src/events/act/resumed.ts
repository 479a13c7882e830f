import { defineEvent } from '../../define-event.ts'
import { accepted, refused } from '../../refusals.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const ResumedData = object({ reason: LongLanguageMap }).meta({
  id: 'ResumedData',
  description: 'A suspension ended.',
  examples: [{ reason: { en: 'The examination is finished.' } }],
})

export const resumed = defineEvent({
  type: 'resumed',
  schemaVersion: 1,
  group: 'act',
  words: {
    en: { label: 'Resumed', description: 'A suspension ended.' },
    vi: { label: 'Tiếp tục', description: 'Việc tạm dừng đã kết thúc.' },
    ko: { label: '재개', description: '중단이 끝났다.' },
  },
  data: ResumedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'suspended',
  waitsFor: ({ suspended }) => (suspended ? undefined : 'suspension'),
  decide({ suspended }) {
    if (suspended) return accepted
    return refused('not-suspended', 'This proposal is not suspended. Only a suspended proposal can be resumed.')
  },
  evolve(proposal) {
    return { ...proposal, suspended: false, suspension: null }
  },
})
