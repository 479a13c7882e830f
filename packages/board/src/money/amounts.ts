/** Amounts as exact decimal text, grouped as in the reader's language. They are never numbers, because a number cannot hold 0.1 exactly. */
import { localeOf } from '../dates/words.ts'
import type { Language } from '../url/query.ts'

const formats = new Map<Language, Intl.NumberFormat>()

/** Such as `30,000,000`, with exactly the digits that were recorded. */
export function amountInWords(value: string, language: Language): string {
  let format = formats.get(language)
  if (format === undefined) {
    format = new Intl.NumberFormat(localeOf(language), { maximumFractionDigits: 20 })
    formats.set(language, format)
  }
  // Decimal text is formatted exactly (Intl.NumberFormat v3).
  return format.format(value as Intl.StringNumericLiteral)
}

const shortFormats = new Map<Language, Intl.NumberFormat>()

/** Such as `30 million` or `3 tỷ`, for figures that are read from afar: exact as well. The short form of a unit would be misread. */
export function shortAmount(value: string, language: Language): string {
  let format = shortFormats.get(language)
  if (format === undefined) {
    const options = { notation: 'compact', compactDisplay: 'long', maximumFractionDigits: 20 } as const
    format = new Intl.NumberFormat(localeOf(language), options)
    shortFormats.set(language, format)
  }
  return format.format(value as Intl.StringNumericLiteral)
}

/** Such as `USD 30,000,000`: the currency is always shown as its code, so that none is mistaken for another. */
export function moneyInWords(money: { readonly value: string; readonly currency: string }, language: Language): string {
  // A no-break space keeps an amount on one line.
  return `${money.currency}\u00a0${amountInWords(money.value, language)}`
}

/** The share of a part in a whole, in thousandths, for the length of a bar. Null if there is no whole: then there is no bar. */
export function thousandths(part: string, whole: string): number | null {
  const decimals = Math.max(decimalsOf(part), decimalsOf(whole))
  const all = scaled(whole, decimals)
  if (all <= 0n) return null
  const share = (scaled(part, decimals) * 1_000n) / all
  return Number(share > 1_000n ? 1_000n : share < 0n ? 0n : share)
}

export function isZero(value: string): boolean {
  return /^-?0*(\.0*)?$/.test(value)
}

function decimalsOf(value: string): number {
  return value.split('.')[1]?.length ?? 0
}

function scaled(value: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = value.split('.')
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

/** The currencies of several totals, each once, in alphabetical order. */
export function currenciesOf(...totals: readonly Readonly<Record<string, string>>[]): string[] {
  return [...new Set(totals.flatMap(Object.keys))].toSorted()
}
