/** The money of one proposal in one cell: the firmest known figure, separately for each currency. */
import { currenciesOf } from '../money/amounts.ts'
import { Money } from '../parts/money.tsx'
import { say } from '../texts/reader.ts'
import type { Row } from './pages-of-list.tsx'

const figures = ['committed', 'pledged', 'requested'] as const

export function MoneyOfRow({ money }: { readonly money: Row['money'] }) {
  const words = say.value.money
  const figure = figures.find((name) => currenciesOf(money[name]).length > 0)
  const hidden = money.undisclosed.length
  return (
    <>
      {figure === undefined ? null : (
        <span class="sub-figure">
          {words[figure]}{' '}
          {currenciesOf(money[figure]).map((currency) => (
            <span key={currency} class="amount-line">
              <Money money={{ value: money[figure][currency] ?? '0', currency }} />
            </span>
          ))}
        </span>
      )}
      {hidden === 0 ? null : <span class="sub">{words.undisclosedLines(hidden)}</span>}
      {figure === undefined && hidden === 0 ? <span class="none">–</span> : null}
    </>
  )
}
