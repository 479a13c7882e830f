import { defineEvent } from '../../define-event.ts'
import { Assessed } from '../../knowledge.ts'
import { originOf } from '../../origin.ts'
import { accepted } from '../../refusals.ts'

const AssessedData = Assessed.meta({
  id: 'AssessedData',
  description:
    'A dated judgement by an outsider, on its own scale. The assessor need not be a party. It never changes the stage.',
  examples: [{ assessor: 'irm', scale: { en: 'OGP completion' }, score: 'substantial', period: '2024/2025' }],
})

export const assessed = defineEvent({
  type: 'assessed',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Assessed', description: 'An outsider assessed the proposal on its own scale.' },
    vi: { label: 'Đánh giá', description: 'Bên ngoài đánh giá theo thang điểm riêng.' },
    ko: { label: '평가', description: '외부 기관이 자체 척도로 평가하였다.' },
  },
  data: AssessedData,
  happens: true,
  sourced: true,
  acts: { who: 'the `assessor`', parties: ({ assessor }) => [assessor] },
  accepts: 'any',
  from: 'any',
  decide: () => accepted,
  evolve(proposal, event) {
    return { ...proposal, assessments: [...proposal.assessments, { ...event.data, ...originOf(event) }] }
  },
})
