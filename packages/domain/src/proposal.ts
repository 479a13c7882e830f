import { z } from 'zod'
import { Agenda } from './agenda.ts'
import { Form, Instrument } from './agreement.ts'
import { Day, When } from './dates.ts'
import type { Recorded } from './envelope.ts'
import { Funding, FundingRequest } from './funding.ts'
import { Ending, Kind, Stage } from './kinds.ts'
import { Party } from './parties.ts'
import { Deliverables, Terms } from './period.ts'
import { Field, object, PartyId, ProposalId } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'

/** The version of the event that a part of the state comes from. */
const version = z.int().min(1).meta({ description: 'The version of the event that says so.' })
const occurredOn = When.nullable()

/** One of the four acts, as far as the status shows it. */
export const Act = object({ occurredOn, recordedAt: z.string().max(40).meta({ format: 'date-time' }), version }).meta({
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
}).meta({ id: 'Agreement', description: 'What was agreed, by whom, and how firmly.' })

export const FundingLine = object({ ...Funding.shape, occurredOn, version }).meta({
  id: 'FundingLine',
  description: 'A firm written obligation for an amount, or for one that is undisclosed or unknown.',
})
export type FundingLine = z.infer<typeof FundingLine>

/** A delivery that was not the whole one. */
export const DeliveryProgress = object({
  deliverables: Deliverables,
  acceptedBy: z.array(PartyId),
  occurredOn,
  version,
}).meta({ id: 'DeliveryProgress', description: 'Something that was delivered while the rest is outstanding.' })

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

export const Plan = object({ start: When.nullable(), end: When.nullable(), place: LanguageMap.nullable() }).meta({
  id: 'Plan',
  description: 'Planned dates and place, as they stand; null is unknown.',
  examples: [{ start: '2023', end: '2027', place: null }],
})
export type Plan = z.infer<typeof Plan>

export const History = object({
  proposed: Act,
  agreed: Act.nullable(),
  funded: Act.nullable().meta({ description: 'The first funding line that was recorded.' }),
  delivered: Act.nullable().meta({ description: 'The complete delivery.' }),
}).meta({ id: 'History', description: 'The four acts, in the order of the stages.' })
export type History = z.infer<typeof History>

/**
 * What the fold of a proposal's events is: plain, immutable data, fit for JSON. Members that no event of this release can fill are here with
 * the only value that is true now, so that the events to come find their place.
 */
export const ProposalState = object({
  proposalId: ProposalId,
  title: LanguageMap,
  summary: LongLanguageMap.nullable(),
  kind: Kind,
  stage: Stage,
  ending: Ending.nullable(),
  suspended: z.boolean(),
  /** Flagged by a party. */
  atRisk: z.boolean(),
  parties: z.array(Party),
  fields: z.array(Field),
  parent: ProposalId.nullable(),
  planned: Plan,
  requested: z.array(FundingRequest),
  agenda: Agenda.nullable(),
  agreement: Agreement.nullable(),
  lines: z.array(FundingLine),
  delivery: Delivery,
  history: History,
  evidenceCount: z.int().min(0),
  lastConfirmedOn: Day.nullable(),
  /** Of the last event: its version, its position, and when it was recorded. */
  version,
  position: z.int().min(1),
  recordedAt: z.string(),
})
export type Proposal = Readonly<z.infer<typeof ProposalState>>

/** What the history shows of an event that is an act. */
export function actOf({ occurredOn, recordedAt, version }: Recorded<string, unknown>): Act {
  return { occurredOn, recordedAt, version }
}
