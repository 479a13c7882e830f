import { z } from 'zod'
import { currencies, isCurrency, minorUnits } from './currencies.ts'
import { accepts, decimalText, isAboveNothing, object, oneOf } from './schema.ts'
import { codesText } from './words/codes-text.ts'
import { amountStatusWords, financeTypeWords } from './words/money.ts'
import { codesOf } from './words/words.ts'

const valueError = accepts(
  'must be a positive decimal number as text, such as "1250000" or "1250.50": at most 18 digits, then at most 4 decimals',
)
const currencyError = accepts('must be a currency code of ISO 4217, such as USD, VND, KRW or EUR')

/** The code of an accepted currency. */
export const Currency = z
  .string({ error: currencyError })
  .max(3, { error: currencyError, abort: true })
  .refine(isCurrency, { error: currencyError })
  .meta({ pattern: '^[A-Z]{3}$' })

/** A positive amount: decimal text with an ISO 4217 code. The event gives the direction. */
export const Money = amount({ mayBeZero: false }).meta({
  id: 'Money',
  description:
    'An exact positive amount: a decimal number as text and an ISO 4217 code. It has at most as many decimals as the currency (VND and KRW: none).',
  examples: [{ value: '35000000', currency: 'USD' }],
})
export type Money = z.infer<typeof Money>

/** An absolute amount that can be zero: 0 withdraws an earlier amount. */
export const MoneyOrZero = amount({ mayBeZero: true }).meta({
  id: 'MoneyOrZero',
  description: 'Like Money, but it may be 0, which withdraws an earlier announcement or plan.',
  examples: [{ value: '0', currency: 'USD' }],
})

function amount({ mayBeZero }: { mayBeZero: boolean }) {
  const value = decimalText(23, /^(?:0|[1-9]\d{0,17})(?:\.\d{1,4})?$/, valueError)
  const positive = value.refine(isAboveNothing, {
    error: accepts('must be positive: the type of event gives the direction'),
  })
  return object({
    value: mayBeZero ? value : positive,
    currency: Currency,
  }).check((payload) => {
    const fault = decimalsFault(payload.value)
    if (fault) payload.issues.push({ code: 'custom', message: fault, path: ['value'], input: payload.value.value })
  })
}

/** Why an amount is missing. */
export const amountStatuses = codesOf(amountStatusWords)
export const AmountStatus = oneOf(amountStatuses).meta({
  id: 'AmountStatus',
  description: codesText('Why an amount is not given.', amountStatusWords),
})
export type AmountStatus = (typeof amountStatuses)[number]

export const financeTypes = codesOf(financeTypeWords)
export const FinanceType = oneOf(financeTypes).meta({
  id: 'FinanceType',
  description: codesText('What kind of money it is.', financeTypeWords),
})
export type FinanceType = (typeof financeTypes)[number]

/** Sums by currency, never across currencies. A currency without an amount is absent. */
export type Totals = Readonly<Record<string, string>>

export const Totals = z.partialRecord(z.string().regex(/^[A-Z]{3}$/), z.string().max(60)).meta({
  id: 'Totals',
  description:
    'Sums by currency (ISO 4217), as decimal text. Never added across currencies; a currency without an amount is absent.',
  examples: [{ USD: '35000000', KRW: '3000000000' }],
  maxProperties: currencies.length,
})

/** An amount for calculations, in minor units such as cents, or đồng. */
export interface MinorUnits {
  readonly units: bigint
  readonly currency: string
}

/** The amount in whole minor units: cents, or đồng. Throws for anything that is not a decimal number within the currency's decimals. */
export function toMinorUnits({ value, currency }: { value: string; currency: string }): bigint {
  const decimals = minorUnits(currency)
  const point = value.indexOf('.')
  const fraction = point < 0 ? '' : value.slice(point + 1)
  if (!decimalNumber.test(value) || fraction.length > decimals)
    throw new RangeError(`Not an amount in ${currency}: ${value}`)
  return BigInt((point < 0 ? value : value.slice(0, point)) + fraction.padEnd(decimals, '0'))
}

const decimalNumber = /^-?\d+(?:\.\d+)?$/

/**
 * Decimal text of an amount in minor units: whole amounts without decimals, others with all decimals of the currency.
 *
 * @example fromMinorUnits(125050n, 'USD') // '1250.50'|@example fromMinorUnits(125000n, 'USD') // '1250'
 */
export function fromMinorUnits(amount: bigint, currency: string): string {
  const decimals = minorUnits(currency)
  if (amount < 0n) return `-${fromMinorUnits(-amount, currency)}`
  const digits = String(amount).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(whole.length)
  return /[1-9]/.test(fraction) ? `${whole}.${fraction}` : whole
}

/** Negative, zero or positive if `a` is less than, equal to or more than `b`. Throws for different currencies, which are never compared. */
export function compareMoney(a: Money, b: Money): number {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} are not compared`)
  const difference = toMinorUnits(a) - toMinorUnits(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The sum of amounts, by currency. */
export function totalOf(amounts: Iterable<{ value: string; currency: string }>): Totals {
  return totalOfEach(amounts, (amount) => ({ units: toMinorUnits(amount), currency: amount.currency }))
}

/** The amounts of `items`, summed by currency; an item without an amount in `unitsOf` adds nothing. */
export function totalOfEach<Item>(items: Iterable<Item>, unitsOf: (item: Item) => MinorUnits | null): Totals {
  const sums = new Map<string, bigint>()
  for (const item of items) {
    const known = unitsOf(item)
    if (known) sums.set(known.currency, (sums.get(known.currency) ?? 0n) + known.units)
  }
  return asTotals(sums)
}

/** In the order of currencies, without zeros. */
function asTotals(sums: ReadonlyMap<string, bigint>): Totals {
  const totals: Record<string, string> = {}
  for (const currency of [...sums.keys()].toSorted()) {
    const sum = sums.get(currency) as bigint
    if (sum !== 0n) totals[currency] = fromMinorUnits(sum, currency)
  }
  return totals
}

/** The sum of totals, by currency: for a programme, or a whole portfolio. */
export function addTotals(...totals: Readonly<Partial<Record<string, string>>>[]): Totals {
  return totalOf(
    totals.flatMap((total) => Object.entries(total).map(([currency, value = '0']) => ({ value, currency }))),
  )
}

/** `from` minus `totals`, by currency; zero is absent. */
export function subtractTotals(from: Totals, totals: Totals): Totals {
  const negated = Object.entries(totals).map(([currency, value]): [string, string] => [currency, negate(value)])
  return addTotals(from, Object.fromEntries(negated))
}

function negate(value: string): string {
  return value.startsWith('-') ? value.slice(1) : `-${value}`
}

function decimalsFault({ value, currency }: { value: string; currency: string }): string | undefined {
  const point = value.indexOf('.')
  if (point < 0) return undefined
  const decimals = minorUnits(currency)
  if (value.length - point - 1 <= decimals) return undefined
  return decimals === 0
    ? `must have no decimals: ${currency} has none`
    : `must have at most ${decimals} decimals in ${currency}`
}
