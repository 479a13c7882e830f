import type { CodeGroup } from '../data/vocabulary.ts'

/** Of which codes a member's values are; where a name means something else in some places, the first that has a word for the value. */
export const codesOf: Readonly<Record<string, readonly CodeGroup[]>> = {
  act: ['consentActs', 'eventTypes'],
  amountStatus: ['amountStatuses'],
  condition: ['conditions'],
  confidence: ['confidences'],
  direction: ['directions'],
  ending: ['endings'],
  fields: ['fields'],
  financeType: ['financeTypes'],
  form: ['forms'],
  kind: ['kinds'],
  language: ['languages'],
  outcome: ['outcomes', 'resolutions'],
  relation: ['relations'],
  remaining: ['remainders'],
  roles: ['roles'],
  severity: ['severities'],
  stage: ['stages'],
  type: ['eventTypes'],
  // Else it names a milestone.
  which: ['members'],
}
