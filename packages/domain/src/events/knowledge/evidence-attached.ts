import { defineEvent } from '../../define-event.ts'
import { originOf } from '../../origin.ts'
import { firstRefusal, knownEvent, proven } from '../../rules.ts'
import { eventVersion, object } from '../../schema.ts'

const EvidenceAttachedData = object({ event: eventVersion() }).meta({
  id: 'EvidenceAttachedData',
  description: 'Further evidence for an event became known; it is in the `evidence` of this event.',
  examples: [{ event: 2 }],
})

export const evidenceAttached = defineEvent({
  type: 'evidence-attached',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Evidence attached', description: 'Further evidence for an event became known.' },
    vi: { label: 'Bổ sung minh chứng', description: 'Có thêm minh chứng cho một sự kiện.' },
    ko: { label: '증빙 추가', description: '사건에 대한 추가 증빙이 알려졌다.' },
  },
  data: EvidenceAttachedData,
  happens: true,
  sourced: true,
  acts: 'anybody',
  accepts: 'any',
  from: 'any',
  decide(proposal, event) {
    return firstRefusal(
      () => knownEvent(proposal, event.data.event),
      () => proven(event, 'What is attached is the evidence of this very event.'),
    )
  },
  evolve(proposal, event) {
    return { ...proposal, attachedEvidence: [...proposal.attachedEvidence, { ...event.data, ...originOf(event) }] }
  },
})
