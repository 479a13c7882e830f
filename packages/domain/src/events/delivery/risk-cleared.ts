import { defineEvent } from '../../define-event.ts'
import { Severity } from '../../knowledge.ts'
import { accepted, refused } from '../../refusals.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const RiskClearedData = object({ reason: LongLanguageMap, severity: Severity.optional() }).meta({
  id: 'RiskClearedData',
  description: 'All flagged risks are over. `severity` may say how severe they proved to be.',
  examples: [{ reason: { en: 'The land was cleared.' } }],
})

export const riskCleared = defineEvent({
  type: 'risk-cleared',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Risk cleared', description: 'The flagged risks are over.' },
    vi: { label: 'Hết rủi ro', description: 'Những rủi ro đã cảnh báo không còn.' },
    ko: { label: '위험 해소', description: '제기된 위험이 해소되었다.' },
  },
  data: RiskClearedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  waitsFor: ({ atRisk }) => (atRisk ? undefined : 'risk'),
  decide({ atRisk }) {
    if (atRisk) return accepted
    return refused(
      'no-risk-flagged',
      'No risk is flagged on this proposal. Record "risk-flagged" before "risk-cleared".',
    )
  },
  evolve(proposal) {
    return { ...proposal, atRisk: false, risks: [] }
  },
})
