import { z } from 'zod'
import { Condition, conditionOn, conditionSteps } from './condition.ts'
import { certainlyBefore, type Day } from './dates.ts'
import { amountStatuses, subtractTotals, Totals, totalOf } from './money.ts'
import { type FundingLine, type History, type Proposal, ProposalState } from './proposal.ts'
import { LocalId, object, oneOf } from './schema.ts'

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

export const UndisclosedLine = object({ line: LocalId, amountStatus: oneOf(amountStatuses) }).meta({
  id: 'UndisclosedLine',
  description: 'A funding line without a known amount: it counts as none in the totals.',
})

export const MoneyStatus = object({
  pledged: Totals,
  committed: Totals,
  disbursed: Totals,
  undisbursed: Totals.meta({ description: 'Committed and not yet disbursed, by currency.' }),
  undisclosed: z.array(UndisclosedLine),
}).meta({
  id: 'MoneyStatus',
  description:
    'Pledged, committed and disbursed are three things, each by currency. Amounts that are not known are listed as undisclosed.',
})

const { shape } = ProposalState

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
  delivery: shape.delivery,
  milestones: z.array(z.never()).max(0),
  history: shape.history,
  evidenceCount: shape.evidenceCount,
  contested: z.array(z.never()).max(0),
  version: shape.version,
  position: shape.position,
  lastEventAt: shape.recordedAt,
  lastConfirmedOn: shape.lastConfirmedOn,
  summary: shape.summary,
  agreement: shape.agreement,
  lines: shape.lines,
  agenda: shape.agenda,
  flags: z.array(Flag),
}).meta({ id: 'Status', description: 'How a proposal stands.' })
export type Status = z.infer<typeof Status>

/**
 * The status as design.md shows it, member by member in its order; members that it does not show come after.
 *
 * @param today the day for which the condition holds, in the ledger's time zone.
 * @param timeZone of the ledger (see {@link conditionSteps}).
 */
export function statusOf(proposal: Proposal, today: Day, timeZone: string): Status {
  return {
    proposalId: proposal.proposalId,
    title: proposal.title,
    kind: proposal.kind,
    stage: proposal.stage,
    ending: proposal.ending,
    suspended: proposal.suspended,
    condition: conditionOn(conditionSteps(proposal, timeZone), today),
    parties: proposal.parties,
    fields: proposal.fields,
    parent: proposal.parent,
    planned: proposal.planned,
    requested: proposal.requested,
    money: moneyOf(proposal),
    delivery: proposal.delivery,
    milestones: [],
    history: proposal.history,
    evidenceCount: proposal.evidenceCount,
    contested: [],
    version: proposal.version,
    position: proposal.position,
    lastEventAt: proposal.recordedAt,
    lastConfirmedOn: proposal.lastConfirmedOn,
    summary: proposal.summary,
    agreement: proposal.agreement,
    lines: proposal.lines,
    agenda: proposal.agenda,
    flags: flagsOf(proposal.history),
  }
}

/** No event of this release pledges or disburses, so that both are truly empty. */
function moneyOf({ lines }: Proposal): Status['money'] {
  const committed = totalOf(lines.flatMap(({ amount }) => amount ?? []))
  const disbursed: Totals = {}
  return {
    pledged: {},
    committed,
    disbursed,
    undisbursed: subtractTotals(committed, disbursed),
    undisclosed: undisclosedOf(lines),
  }
}

function undisclosedOf(lines: readonly FundingLine[]): Status['money']['undisclosed'] {
  return lines.flatMap(({ line, amountStatus }) => (amountStatus ? [{ line, amountStatus }] : []))
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
