import { type Status, totalOf } from '@commitments/domain'

type Totals = Status['money']['committed']

/** What a proposal adds to the totals of a portfolio, by currency. */
export interface Amounts {
  readonly requested: Totals
  readonly pledged: Totals
  readonly committed: Totals
  readonly disbursed: Totals
  /** Requests and funding lines whose amount is undisclosed or unknown: in no total, but counted. */
  readonly undisclosed: { readonly requested: number; readonly committed: number }
}

export function amountsOf({ requested, money }: Status): Amounts {
  const { pledged, committed, disbursed } = money
  const known = requested.flatMap(({ amount }) => (amount ? [amount] : []))
  return {
    requested: totalOf(known),
    pledged,
    committed,
    disbursed,
    undisclosed: { requested: requested.length - known.length, committed: money.undisclosed.length },
  }
}
