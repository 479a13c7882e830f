import type { CodeGroup } from '../data/vocabulary.ts'

/**
 * The groups of codes for the values of a member. If a name has different meanings, the first group that has a word for the value is used.
 */
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
  // Otherwise it names a milestone.
  which: ['members'],
}
