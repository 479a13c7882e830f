import { z } from 'zod'
import { When } from './dates.ts'
import { Funding } from './funding.ts'
import { fromMinorUnits, type MinorUnits, Money, MoneyOrZero, type Totals, toMinorUnits, totalOfEach } from './money.ts'
import { origin } from './origin.ts'
import { LocalId, object, PartyId, quantity } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'

/** Running sums of one line, in its currency: plain decimal text, never negative. */
const sum = z.string().max(60)

export const FundingLine = object({
  ...Funding.shape,
  currency: z.string().max(3).nullable().meta({
    description:
      'The currency of the amount; if that is not known, of the first amount that names the line (tranche or payment).',
  }),
  decommitted: sum,
  disbursed: sum.meta({ description: 'Disbursed and not refunded.' }),
  ...origin,
}).meta({
  id: 'FundingLine',
  description: 'A firm written obligation for an amount, or for one that is undisclosed or unknown.',
})
export type FundingLine = z.infer<typeof FundingLine>

export const Pledge = object({ pledge: LocalId, provider: PartyId, amount: MoneyOrZero, ...origin }).meta({
  id: 'Pledge',
  description: 'A non-binding announcement: the latest absolute amount; 0 means withdrawn.',
})
export type Pledge = z.infer<typeof Pledge>

export const Tranche = object({
  tranche: LocalId,
  line: LocalId,
  amount: MoneyOrZero,
  when: When.nullable(),
  disbursed: sum,
  ...origin,
}).meta({ id: 'Tranche', description: 'The current plan of a transfer; amount 0 means cancelled.' })
export type Tranche = z.infer<typeof Tranche>

export const Transaction = object({
  transaction: LocalId,
  line: LocalId,
  tranche: LocalId.nullable(),
  amount: Money,
  valueDate: When.nullable(),
  refunded: sum,
  ...origin,
}).meta({
  id: 'Transaction',
  description: 'Money placed at the recipient\u2019s disposal, and the amount refunded.',
})
export type Transaction = z.infer<typeof Transaction>

/** The value of something, and how it was determined. */
export const Valuation = object({ amount: Money, method: LongLanguageMap }).meta({
  id: 'Valuation',
  description: 'The value of a contribution in kind, and the valuation method. Never added to money.',
  examples: [
    { amount: { value: '120000', currency: 'USD' }, method: { en: 'Purchase price of comparable equipment' } },
  ],
})

/** Something given that is not money. */
export const InKind = object({
  item: LanguageMap,
  quantity: quantity().optional(),
  unit: LanguageMap.optional(),
  provider: PartyId,
  valuation: Valuation.optional(),
})

export const InKindContribution = object({ ...InKind.shape, ...origin }).meta({
  id: 'InKindContribution',
  description: 'A contribution other than money: listed separately, never added to money.',
})

type Amount = z.infer<typeof MoneyOrZero>

/** What a line commits now: its amount without what was decommitted. Null if the amount is unknown. */
export function committedOf(line: FundingLine): Amount | null {
  return inText(committedUnits(line))
}

/** What is committed on a line and neither decommitted nor disbursed. Null if the amount is unknown: then there is no bound. */
export function undisbursedOf(line: FundingLine): Amount | null {
  return inText(undisbursedUnits(line))
}

function inText(sum: MinorUnits | null): Amount | null {
  return sum && { value: fromMinorUnits(sum.units, sum.currency), currency: sum.currency }
}

/** Like {@link committedOf}, to calculate with. */
export function committedUnits({ amount, decommitted }: FundingLine): MinorUnits | null {
  if (amount === null) return null
  const { currency } = amount
  return { units: toMinorUnits(amount) - toMinorUnits({ value: decommitted, currency }), currency }
}

/** Like {@link undisbursedOf}, to calculate with. */
export function undisbursedUnits(line: FundingLine): MinorUnits | null {
  const committed = committedUnits(line)
  if (committed === null) return null
  const { units, currency } = committed
  return { units: units - toMinorUnits({ value: line.disbursed, currency }), currency }
}

/** What was disbursed on a line and not refunded. Null if its currency is unknown: then nothing was. */
export function disbursedUnits({ currency, disbursed }: FundingLine): MinorUnits | null {
  return currency === null ? null : { units: toMinorUnits({ value: disbursed, currency }), currency }
}

/** True if money of a line is still to come; a line of unknown amount counts as open (docs/domain.md, `ended`). */
export function isOpenLine(line: FundingLine): boolean {
  const left = undisbursedUnits(line)
  return left === null || left.units > 0n
}

/** True if an amount exceeds a bound of the same currency; nothing exceeds an unknown bound. */
export function exceeds(amount: Amount, bound: Amount | null): boolean {
  return bound !== null && toMinorUnits(amount) > toMinorUnits(bound)
}

/** The sum of two amounts in one currency, as text. */
export function plus(a: string, b: string, currency: string): string {
  return fromMinorUnits(toMinorUnits({ value: a, currency }) + toMinorUnits({ value: b, currency }), currency)
}

export function difference(a: string, b: string, currency: string): string {
  return fromMinorUnits(toMinorUnits({ value: a, currency }) - toMinorUnits({ value: b, currency }), currency)
}

/** What is now committed from a pledge, by currency. Lines of unknown amount add nothing. */
export function committedFrom(lines: readonly FundingLine[], pledge: string): Totals {
  return totalOfEach(lines, (line) => (line.pledge === pledge ? committedUnits(line) : null))
}

/** An amount as people write it. */
export function written({ value, currency }: Amount): string {
  return `${value} ${currency}`
}
