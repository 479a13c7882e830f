/** Amounts, and a bar that shows how much of a commitment was disbursed. */
import { amountInWords, moneyInWords, thousandths } from '../money/amounts.ts'
import { language, say } from '../texts/reader.ts'

export function Money({ money }: { readonly money: { readonly value: string; readonly currency: string } }) {
  return <span class="money">{moneyInWords(money, language.value)}</span>
}

/** One figure in one currency; if there is none, a dash, with words for screen readers. */
export function Amount({ value }: { readonly value: string | undefined }) {
  if (value === undefined) {
    return (
      <span class="none">
        <span aria-hidden="true">–</span>
        <span class="spoken">{say.value.money.none}</span>
      </span>
    )
  }
  return <span class="money">{amountInWords(value, language.value)}</span>
}

/** Drawn only if both amounts are known: without a commitment there is no bar. */
export function DisbursedBar({
  committed,
  disbursed,
}: {
  readonly committed: string | undefined
  readonly disbursed: string | undefined
}) {
  if (committed === undefined) return null
  const share = thousandths(disbursed ?? '0', committed)
  if (share === null) return null
  const words = say.value.money.disbursedOf(
    amountInWords(disbursed ?? '0', language.value),
    amountInWords(committed, language.value),
  )
  return (
    <span class="disbursed-bar">
      <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="whole" width="1000" height="10" />
        <rect class="part" width={share} height="10" />
      </svg>
      <span class="bar-words">{words}</span>
    </span>
  )
}
