import { defineEvent } from '../../define-event.ts'
import { actOf, type Proposal } from '../../proposal.ts'
import { accepted, type Decision, refused } from '../../refusals.ts'
import { firstRefusal, somethingAgreed } from '../../rules.ts'
import { object } from '../../schema.ts'

const StartedData = object({}).meta({
  id: 'StartedData',
  description: 'The work began.',
  examples: [{}],
})

export const started = defineEvent({
  type: 'started',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Started', description: 'The work began.' },
    vi: { label: 'Khởi động', description: 'Việc thực hiện đã bắt đầu.' },
    ko: { label: '착수', description: '사업이 시작되었다.' },
  },
  data: StartedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open, agreed',
  decide(proposal) {
    return firstRefusal(
      () => somethingAgreed(proposal),
      () => startedOnce(proposal),
    )
  },
  evolve(proposal, event) {
    return { ...proposal, delivery: { ...proposal.delivery, started: actOf(event) } }
  },
})

function startedOnce({ delivery }: Proposal): Decision {
  if (delivery.started === null) return accepted
  const { version } = delivery.started
  return refused('already-started', `This proposal was started in event ${version}. It can be started only once.`, {
    version,
  })
}
