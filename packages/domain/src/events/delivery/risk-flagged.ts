import { defineEvent } from '../../define-event.ts'
import { Severity } from '../../knowledge.ts'
import { originOf } from '../../origin.ts'
import { accepted } from '../../refusals.ts'
import { object } from '../../schema.ts'
import { LongLanguageMap } from '../../texts.ts'

const RiskFlaggedData = object({ reason: LongLanguageMap, severity: Severity }).meta({
  id: 'RiskFlaggedData',
  description:
    'A party says that the proposal is at risk. Further risks may be flagged; `risk-cleared` clears them all.',
  examples: [{ reason: { en: 'The land is not cleared.' }, severity: 'high' }],
})

export const riskFlagged = defineEvent({
  type: 'risk-flagged',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Risk flagged', description: 'A party says that the proposal is at risk.' },
    vi: { label: 'Cảnh báo rủi ro', description: 'Một bên cho biết có rủi ro.' },
    ko: { label: '위험 제기', description: '한 당사자가 위험이 있다고 알렸다.' },
  },
  data: RiskFlaggedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  brings: () => ['risk'],
  decide: () => accepted,
  evolve(proposal, event) {
    const risk = { ...event.data, assertedBy: event.assertedBy ?? null, ...originOf(event) }
    return { ...proposal, atRisk: true, risks: [...proposal.risks, risk] }
  },
})
