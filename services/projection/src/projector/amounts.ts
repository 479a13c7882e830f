import { type Accounts, moneyOf, type Status, totalOf } from '@commitments/domain'

type Totals = Status['money']['committed']

/** What a proposal adds to the totals of a portfolio, by currency. */
export interface Amounts {
  readonly requested: Totals
  readonly pledged: Totals
  readonly committed: Totals
  readonly disbursed: Totals
  /** Committed and not yet disbursed, over the lines of known amount. */
  readonly undisbursed: Totals
  /** Requests and funding lines whose amount is undisclosed or unknown: in no total, but counted. */
  readonly undisclosed: { readonly requested: number; readonly committed: number }
  /** Never added to money: how many contributions, and what those are worth whose worth was found by a method. */
  readonly inKind: { readonly items: number; readonly valued: Totals }
}

export function amountsOf(proposal: Accounts): Amounts {
  const { requested } = proposal
  const money = moneyOf(proposal)
  const { pledged, committed, disbursed, undisbursed, undisclosed, inKind } = money
  return {
    requested: money.requested,
    pledged,
    committed,
    disbursed,
    undisbursed,
    undisclosed: { requested: requested.filter(({ amount }) => !amount).length, committed: undisclosed.length },
    inKind: {
      items: inKind.length,
      valued: totalOf(inKind.flatMap(({ valuation }) => (valuation ? [valuation.amount] : []))),
    },
  }
}
