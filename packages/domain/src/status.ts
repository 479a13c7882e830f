import { z } from 'zod'
import { Condition, conditionOn, conditionSteps } from './condition.ts'
import { certainlyBefore, type Day } from './dates.ts'
import { LineStatus, lineStatus, MoneyStatus, moneyOf } from './money-status.ts'
import { type History, type Proposal, ProposalState } from './proposal.ts'
import { Slippage, slippageOf } from './schedule.ts'
import { object, oneOf } from './schema.ts'

const acts = ['proposed', 'agreed', 'funded', 'delivered'] as const

/** Two acts whose dates are certainly in the wrong order. Sources err: it is shown, not refused. */
export const Flag = object({
  flag: z.literal('acts-out-of-order'),
  act: oneOf(acts).meta({ description: 'The act that, by its date, came before the one that it follows.' }),
  follows: oneOf(acts),
}).meta({
  id: 'Flag',
  description: 'Something about the record that cannot be right: an act is dated before one that it follows.',
  examples: [{ flag: 'acts-out-of-order', act: 'agreed', follows: 'proposed' }],
})
export type Flag = z.infer<typeof Flag>

const { shape } = ProposalState

export const DeliveryStatus = object({ ...shape.delivery.shape, slippage: z.array(Slippage) }).meta({
  id: 'DeliveryStatus',
  description: 'What was delivered, and how far the start, the end and the milestones slipped.',
})

/** How a proposal stands: the answer to a dashboard. */
export const Status = object({
  proposalId: shape.proposalId,
  title: shape.title,
  kind: shape.kind,
  stage: shape.stage,
  ending: shape.ending,
  suspended: shape.suspended,
  condition: Condition,
  parties: shape.parties,
  fields: shape.fields,
  parent: shape.parent,
  planned: shape.planned,
  requested: shape.requested,
  money: MoneyStatus,
  delivery: DeliveryStatus,
  milestones: shape.milestones,
  history: shape.history,
  evidenceCount: shape.evidenceCount,
  contested: shape.contested,
  version: shape.version,
  position: shape.position,
  lastEventAt: shape.recordedAt,
  lastConfirmedOn: shape.lastConfirmedOn,
  summary: shape.summary,
  agreement: shape.agreement,
  lines: z.array(LineStatus),
  agenda: shape.agenda,
  flags: z.array(Flag),
  stageHistory: shape.stageHistory,
  end: shape.end,
  suspension: shape.suspension,
  risks: shape.risks,
  reschedulings: shape.reschedulings,
  indicators: shape.indicators,
  consents: shape.consents,
  amendments: shape.amendments,
  assessments: shape.assessments,
  attachedEvidence: shape.attachedEvidence,
  links: shape.links,
  formerParties: shape.formerParties,
}).meta({ id: 'Status', description: 'How a proposal stands.' })
export type Status = z.infer<typeof Status>

/**
 * The status as design.md shows it, member by member in its order; members that it does not show come after.
 *
 * @param today the day for which the condition holds, in the ledger's time zone.
 * @param timeZone of the ledger (see {@link conditionSteps}).
 */
export function statusOf(proposal: Proposal, today: Day, timeZone: string): Status {
  const { position, recordedAt, lines } = proposal
  return {
    ...headlineOf(proposal),
    condition: conditionOn(conditionSteps(proposal, timeZone), today),
    parties: proposal.parties,
    fields: proposal.fields,
    parent: proposal.parent,
    planned: proposal.planned,
    requested: proposal.requested,
    money: moneyOf(proposal),
    delivery: { ...proposal.delivery, slippage: slippages(proposal) },
    milestones: proposal.milestones,
    history: proposal.history,
    evidenceCount: proposal.evidenceCount,
    contested: proposal.contested,
    version: proposal.version,
    position,
    lastEventAt: recordedAt,
    lastConfirmedOn: proposal.lastConfirmedOn,
    summary: proposal.summary,
    agreement: proposal.agreement,
    lines: lines.map(lineStatus),
    agenda: proposal.agenda,
    flags: flagsOf(proposal.history),
    ...detailsOf(proposal),
  }
}

function headlineOf({ proposalId, title, kind, stage, ending, suspended }: Proposal) {
  return { proposalId, title, kind, stage, ending, suspended }
}

/** What readers of the whole want beside what the design shows. */
function detailsOf(proposal: Proposal) {
  const { stageHistory, end, suspension, risks, reschedulings, indicators, consents } = proposal
  const { amendments, assessments, attachedEvidence, links, formerParties } = proposal
  const course = { stageHistory, end, suspension, risks, reschedulings, indicators, consents }
  return { ...course, amendments, assessments, attachedEvidence, links, formerParties }
}

/** The start, the end and every milestone of which a plan or a fact is known. */
function slippages({ planned, firstPlanned, delivery, history, milestones }: Proposal): Slippage[] {
  const actualStart = delivery.started?.occurredOn ?? null
  const actualEnd = history.delivered?.occurredOn ?? null
  const all = [
    slippageOf('start', [firstPlanned.start, planned.start, actualStart]),
    slippageOf('end', [firstPlanned.end, planned.end, actualEnd]),
    ...milestones.map(({ milestone, firstDue, due, reached }) =>
      slippageOf(milestone, [firstDue, due, reached?.outcome === 'met' ? reached.occurredOn : null]),
    ),
  ]
  return all.filter(
    ({ firstPlanned: first, lastPlanned, actual }) => first !== null || lastPlanned !== null || actual !== null,
  )
}

function flagsOf(history: History): Flag[] {
  return acts.flatMap((act, index) =>
    acts.slice(0, index).flatMap((follows) => {
      const later = history[act]
      const earlier = history[follows]
      const wrong = later && earlier && certainlyBefore(later.occurredOn, earlier.occurredOn)
      return wrong ? [{ flag: 'acts-out-of-order' as const, act, follows }] : []
    }),
  )
}
