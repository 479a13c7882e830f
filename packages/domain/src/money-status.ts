import { z } from 'zod'
import {
  committedOf,
  committedUnits,
  disbursedUnits,
  FundingLine,
  InKindContribution,
  Pledge,
  Tranche,
  Transaction,
  undisbursedOf,
  undisbursedUnits,
} from './accounts.ts'
import { AmountStatus, Totals, totalOf, totalOfEach } from './money.ts'
import type { Proposal } from './proposal.ts'
import { LocalId, object } from './schema.ts'

export const UndisclosedLine = object({ line: LocalId, amountStatus: AmountStatus }).meta({
  id: 'UndisclosedLine',
  description: 'A funding line without a known amount: it adds nothing to the totals.',
})

const amountText = z.string().max(60).nullable()

export const LineStatus = object({
  ...FundingLine.shape,
  committed: amountText.meta({ description: 'The amount minus what was decommitted; null if it is not known.' }),
  undisbursed: amountText.meta({ description: 'Committed and not yet disbursed; null if the amount is not known.' }),
}).meta({
  id: 'LineStatus',
  description: 'A funding line, with its committed, disbursed and undisbursed amounts.',
})
export type LineStatus = z.infer<typeof LineStatus>

export const MoneyStatus = object({
  pledged: Totals,
  committed: Totals,
  disbursed: Totals,
  undisbursed: Totals.meta({
    description:
      'Still to come, by currency: committed and not yet disbursed, over the lines of known amount. Empty once the proposal has ended or is closed: money refunded after that is not to be paid again.',
  }),
  undisclosed: z.array(UndisclosedLine),
  requested: Totals,
  pledges: z.array(Pledge),
  tranches: z.array(Tranche),
  transactions: z.array(Transaction),
  inKind: z.array(InKindContribution),
}).meta({
  id: 'MoneyStatus',
  description:
    'Requested, pledged, committed and disbursed are four separate figures, each by currency. Unknown amounts are listed as undisclosed, contributions in kind separately.',
})
export type MoneyStatus = z.infer<typeof MoneyStatus>

/** A line with its derived amounts. */
export function lineStatus(line: FundingLine): LineStatus {
  return { ...line, committed: committedOf(line)?.value ?? null, undisbursed: undisbursedOf(line)?.value ?? null }
}

/** The parts of the state that the money axis is computed from. */
export type Accounts = Pick<
  Proposal,
  'requested' | 'pledges' | 'lines' | 'tranches' | 'transactions' | 'inKind' | 'ending' | 'stage'
>

/** The money axis of a status. An amount that was disbursed on a line of unknown amount is not subtracted from other lines. */
export function moneyOf(accounts: Accounts): MoneyStatus {
  const { requested, pledges, lines, tranches, transactions, inKind, ending, stage } = accounts
  const isOver = ending !== null || stage === 'closed'
  return {
    pledged: totalOf(pledges.map(({ amount }) => amount)),
    committed: totalOfEach(lines, committedUnits),
    disbursed: totalOfEach(lines, disbursedUnits),
    undisbursed: isOver ? {} : totalOfEach(lines, undisbursedUnits),
    undisclosed: lines.flatMap(({ line, amountStatus }) => (amountStatus ? [{ line, amountStatus }] : [])),
    requested: totalOf(requested.flatMap(({ amount }) => amount ?? [])),
    pledges,
    tranches,
    transactions,
    inKind,
  }
}
