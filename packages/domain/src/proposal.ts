import { z } from 'zod'
import { FundingLine, InKindContribution, Pledge, Tranche, Transaction } from './accounts.ts'
import { AgendaState } from './agenda.ts'
import { Form, Instrument } from './agreement.ts'
import { Day, When } from './dates.ts'
import type { Recorded } from './envelope.ts'
import { FundingRequest } from './funding.ts'
import { Ending, Kind, Stage } from './kinds.ts'
import { Assessment, AttachedEvidence, Contest, IndicatorReport, Risk } from './knowledge.ts'
import { origin } from './origin.ts'
import { Party } from './parties.ts'
import { Deliverables, Terms } from './period.ts'
import { FormerParty, Link, PartyRenaming } from './relations.ts'
import { FirstPlanned, Milestone, Plan, Rescheduling } from './schedule.ts'
import { Field, object, oneOf, PartyId, ProposalId } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'
import { consentActWords } from './words/agreement.ts'
import { codesText } from './words/codes-text.ts'
import { remainderWords } from './words/money.ts'
import { codesOf } from './words/words.ts'

const { occurredOn, version } = origin
const recordedAt = z.string().max(40).meta({ format: 'date-time' })

/** One of the four acts, as the status shows it. */
export const Act = object({ occurredOn, recordedAt, version }).meta({
  id: 'Act',
  description: 'When an act happened, when it was recorded, and by which event.',
  examples: [{ occurredOn: '2024-07', recordedAt: '2026-11-22T08:00:00.000123Z', version: 2 }],
})
export type Act = z.infer<typeof Act>

export const Agreement = object({
  form: Form,
  parties: z.array(PartyId),
  instrument: Instrument.nullable(),
  terms: Terms.nullable(),
  version,
}).meta({ id: 'Agreement', description: 'The agreement: its content, its parties and its form.' })

/** Terms and plans that were replaced. */
export const Amendment = object({
  instrument: Instrument.nullable(),
  decision: LongLanguageMap.nullable(),
  rationale: LongLanguageMap,
  before: object({ terms: Terms.nullable(), planned: Plan }),
  ...origin,
}).meta({
  id: 'Amendment',
  description: 'A change of the agreed terms: the reason, the instrument or decision, and the terms before.',
})

export const consentActs = codesOf(consentActWords)
export const ConsentAct = oneOf(consentActs).meta({
  id: 'ConsentAct',
  description: codesText('What a party did towards an agreement.', consentActWords),
})
export type ConsentAct = (typeof consentActs)[number]
export const Consented = object({ party: PartyId, act: ConsentAct })
export const Consent = object({ ...Consented.shape, ...origin }).meta({
  id: 'Consent',
  description: 'A step of one party towards an agreement. Alone it does not make the proposal agreed.',
})

export const Suspension = object({ reason: LongLanguageMap, until: When.nullable(), ...origin }).meta({
  id: 'Suspension',
  description: 'The reason for the suspension, and its end if that is known.',
})

export const remainders = codesOf(remainderWords)
export const Remaining = oneOf(remainders).meta({
  id: 'Remaining',
  description: codesText('What becomes of open money when a proposal ends.', remainderWords),
})
export type Remainder = (typeof remainders)[number]
export const End = object({
  ending: Ending,
  by: z.array(PartyId),
  reason: LongLanguageMap,
  remaining: Remaining.nullable(),
  ...origin,
}).meta({
  id: 'End',
  description: 'The ending, the parties that ended it, the reason, and the decision on open money.',
})

/** A partial delivery. */
export const DeliveryProgress = object({
  deliverables: Deliverables,
  acceptedBy: z.array(PartyId),
  occurredOn,
  version,
}).meta({ id: 'DeliveryProgress', description: 'A partial delivery; the rest is outstanding.' })

export const Delivery = object({
  complete: z.boolean(),
  deliverables: Deliverables,
  acceptedBy: z.array(PartyId),
  started: Act.nullable(),
  progress: z.array(DeliveryProgress),
}).meta({
  id: 'Delivery',
  description: 'What was delivered, who accepted it, and what was delivered before the whole was.',
})

export const History = object({
  proposed: Act,
  agreed: Act.nullable(),
  funded: Act.nullable().meta({ description: 'The first funding line that was recorded.' }),
  delivered: Act.nullable().meta({ description: 'The complete delivery.' }),
}).meta({ id: 'History', description: 'The four acts, in the order of the stages.' })
export type History = z.infer<typeof History>

/** A change of the stage, or of the ending. */
export const StageStep = object({ stage: Stage, ending: Ending.nullable(), occurredOn, recordedAt, version }).meta({
  id: 'StageStep',
  description: 'The stage and the ending, from one event until the event of the next step.',
})

/**
 * The result of folding a proposal's events: plain, immutable data that can be written as JSON. `suspended` and `atRisk` repeat what
 * `suspension` and `risks` say in detail, because rules and lists need them often.
 */
export const ProposalState = object({
  proposalId: ProposalId,
  title: LanguageMap,
  summary: LongLanguageMap.nullable(),
  kind: Kind,
  stage: Stage,
  ending: Ending.nullable(),
  suspended: z.boolean(),
  /** A party has flagged it. */
  atRisk: z.boolean(),
  parties: z.array(Party),
  fields: z.array(Field),
  parent: ProposalId.nullable(),
  planned: Plan,
  firstPlanned: FirstPlanned,
  requested: z.array(FundingRequest),
  agenda: AgendaState.nullable(),
  agreement: Agreement.nullable(),
  lines: z.array(FundingLine),
  delivery: Delivery,
  history: History,
  stageHistory: z.array(StageStep),
  end: End.nullable(),
  suspension: Suspension.nullable(),
  risks: z.array(Risk),
  milestones: z.array(Milestone),
  reschedulings: z.array(Rescheduling),
  pledges: z.array(Pledge),
  tranches: z.array(Tranche),
  transactions: z.array(Transaction),
  inKind: z.array(InKindContribution),
  indicators: z.array(IndicatorReport),
  consents: z.array(Consent),
  amendments: z.array(Amendment),
  assessments: z.array(Assessment),
  contested: z.array(Contest),
  attachedEvidence: z.array(AttachedEvidence),
  links: z.array(Link),
  formerParties: z.array(FormerParty),
  /** Renamings that were recorded on this proposal; absent if there are none. */
  renamings: z.array(PartyRenaming).optional(),
  evidenceCount: z.int().min(0),
  lastConfirmedOn: Day.nullable(),
  /** The latest day from which one of these events counts: an event that counts no earlier is one further step. */
  countsFrom: Day,
  /** Version, position and time of recording of the last event. */
  version,
  position: z.int().min(1),
  recordedAt: z.string(),
})
export type Proposal = Readonly<z.infer<typeof ProposalState>>

/** The history's entry for an event that is an act. */
export function actOf({ occurredOn, recordedAt, version }: Recorded<string, unknown>): Act {
  return { occurredOn, recordedAt, version }
}
