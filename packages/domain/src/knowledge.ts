import { z } from 'zod'
import { When } from './dates.ts'
import { Confidence } from './evidence.ts'
import { origin } from './origin.ts'
import { decimal, eventVersion, LocalId, limits, object, oneOf, PartyId, plainText } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'
import { codesText } from './words/codes-text.ts'
import { directionWords } from './words/delivery.ts'
import { severityWords } from './words/knowledge.ts'
import { codesOf } from './words/words.ts'

export const severities = codesOf(severityWords)
export const Severity = oneOf(severities).meta({
  id: 'Severity',
  description: codesText('How heavy a risk is.', severityWords),
})
export type Severity = (typeof severities)[number]

export const Risk = object({
  reason: LongLanguageMap,
  severity: Severity,
  assertedBy: PartyId.nullable(),
  ...origin,
}).meta({ id: 'Risk', description: 'A risk that was flagged and not cleared.' })

export const Contest = object({
  event: eventVersion().meta({ description: 'The version of the contested event.' }),
  claim: LongLanguageMap,
  assertedBy: PartyId.nullable(),
  confidence: Confidence.nullable(),
  ...origin,
  resolved: object({ chosen: LongLanguageMap, ...origin }).nullable(),
}).meta({
  id: 'Contest',
  description:
    'Two claims side by side: the event `event`, and the claim against it in the event `version`, each with its own evidence. `resolved` names the chosen claim; both stay readable.',
})
export type Contest = z.infer<typeof Contest>

/** Whether there is an unresolved claim against something that is recorded. */
export function isContested({ contested }: { readonly contested: readonly Contest[] }): boolean {
  return contested.some(({ resolved }) => resolved === null)
}

export const AttachedEvidence = object({ event: eventVersion(), ...origin }).meta({
  id: 'AttachedEvidence',
  description: 'Later evidence: the event `version` attaches it to the event `event`.',
})

export const Assessed = object({
  assessor: PartyId,
  scale: LanguageMap,
  score: plainText(limits.reference),
  period: When.nullable().optional(),
})
export const Assessment = object({ ...Assessed.shape, ...origin }).meta({
  id: 'Assessment',
  description: 'A dated judgement by an outsider, on its own scale. It never changes the stage.',
})

export const directions = codesOf(directionWords)
export const Direction = oneOf(directions).meta({
  id: 'Direction',
  description: codesText('How the actual value is compared with the target.', directionWords),
})
export type Direction = (typeof directions)[number]
export const Indicated = object({
  indicator: LocalId,
  title: LanguageMap,
  unit: LanguageMap,
  period: When.nullable().optional(),
  baseline: decimal().optional(),
  target: decimal().optional(),
  direction: Direction.optional(),
  actual: decimal().optional(),
}).refine(({ target, actual }) => target !== undefined || actual !== undefined, {
  error: 'must have a target, an actual value, or both',
  path: ['target'],
})
export const IndicatorReport = object({ ...Indicated.shape, ...origin }).meta({
  id: 'IndicatorReport',
  description: 'The target of an indicator, its actual value, or both, as one event reported them.',
})

export type IndicatorReport = z.infer<typeof IndicatorReport>
