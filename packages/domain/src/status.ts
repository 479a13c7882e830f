import { z } from 'zod'
import { committedFrom, exceeds } from './accounts.ts'
import { Condition, conditionOn, conditionSteps, Due, dueOf } from './condition.ts'
import { certainlyBefore, type Day } from './dates.ts'
import { acts } from './kinds.ts'
import { MoneyOrZero } from './money.ts'
import { LineStatus, lineStatus, MoneyStatus, moneyOf } from './money-status.ts'
import { type History, type Proposal, ProposalState } from './proposal.ts'
import { PartyRenaming } from './relations.ts'
import { Slippage, slippageOf } from './schedule.ts'
import { LocalId, object, oneOf } from './schema.ts'

/** Two acts whose dates are certainly in the wrong order. Sources err: it is shown, not refused. */
const ActsOutOfOrder = object({
  flag: z.literal('acts-out-of-order'),
  act: oneOf(acts).meta({ description: 'The act whose date is before that of its predecessor.' }),
  follows: oneOf(acts),
}).meta({
  id: 'ActsOutOfOrder',
  description: 'An act has an earlier date than the act that it follows: one of the dates must be wrong.',
  examples: [{ flag: 'acts-out-of-order', act: 'agreed', follows: 'proposed' }],
})

/** Providers commit more than they announced, and announce less than they committed: it is shown, not refused. */
const OverPledge = object({
  flag: z.literal('over-pledge'),
  pledge: LocalId,
  pledged: MoneyOrZero.meta({ description: 'The current amount of the pledge.' }),
  committed: object({ value: z.string().max(60), currency: z.string().max(3) }).meta({
    description: 'The amount now committed from it.',
  }),
}).meta({
  id: 'OverPledge',
  description: 'More is committed from a pledge than was pledged.',
  examples: [
    {
      flag: 'over-pledge',
      pledge: 'kr-pledge',
      pledged: { value: '30000000', currency: 'USD' },
      committed: { value: '35000000', currency: 'USD' },
    },
  ],
})

export const Flag = z.discriminatedUnion('flag', [ActsOutOfOrder, OverPledge]).meta({
  id: 'Flag',
  description: 'Something in the record that a reader should check. It is shown, not refused.',
})
export type Flag = z.infer<typeof Flag>

const { shape } = ProposalState

export const DeliveryStatus = object({ ...shape.delivery.shape, slippage: z.array(Slippage) }).meta({
  id: 'DeliveryStatus',
  description: 'Deliveries, and the slippage of the start, the end and the milestones.',
})

/** The status of a proposal, as a dashboard shows it. */
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
  due: Due.nullable().meta({
    description: 'What is due next; null where no date is known, and once it is delivered, closed or ended.',
  }),
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
  renamings: z.array(PartyRenaming),
}).meta({ id: 'Status', description: 'The status of a proposal.' })
export type Status = z.infer<typeof Status>

/**
 * The status, member by member, in the order in which it is served.
 *
 * @param today the day for which the condition is computed, in the ledger's time zone.
 * @param timeZone of the ledger (see {@link
 * conditionSteps}).
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
    due: dueOf(proposal),
    summary: proposal.summary,
    agreement: proposal.agreement,
    lines: lines.map(lineStatus),
    agenda: proposal.agenda,
    flags: [...actsOutOfOrder(proposal.history), ...overPledges(proposal)],
    ...detailsOf(proposal),
  }
}

function headlineOf({ proposalId, title, kind, stage, ending, suspended }: Proposal) {
  return { proposalId, title, kind, stage, ending, suspended }
}

/** Further members of the state that readers of the whole status need. */
function detailsOf(proposal: Proposal) {
  const { stageHistory, end, suspension, risks, reschedulings, indicators, consents } = proposal
  const { amendments, assessments, attachedEvidence, links, formerParties, renamings = [] } = proposal
  const course = { stageHistory, end, suspension, risks, reschedulings, indicators, consents }
  return { ...course, amendments, assessments, attachedEvidence, links, formerParties, renamings }
}

/** The start, the end and every milestone with a known plan or a known fact. */
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

function actsOutOfOrder(history: History): Flag[] {
  return acts.flatMap((act, index) =>
    acts.slice(0, index).flatMap((follows) => {
      const later = history[act]
      const earlier = history[follows]
      const wrong = later && earlier && certainlyBefore(later.occurredOn, earlier.occurredOn)
      return wrong ? [{ flag: 'acts-out-of-order' as const, act, follows }] : []
    }),
  )
}

function overPledges({ pledges, lines }: Proposal): Flag[] {
  return pledges.flatMap(({ pledge, amount }) => {
    const { currency } = amount
    const committed = { value: committedFrom(lines, pledge)[currency] ?? '0', currency }
    if (!exceeds(committed, amount)) return []
    return [{ flag: 'over-pledge' as const, pledge, pledged: amount, committed }]
  })
}
