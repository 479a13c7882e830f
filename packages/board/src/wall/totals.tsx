/** The last line: the next date, what is contested or has no date, and the money of each currency. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { currenciesOf, shortAmount } from '../money/amounts.ts'
import { When } from '../parts/dates.tsx'
import type { Portfolio } from '../parts/figure.ts'
import { Translated } from '../parts/translated.tsx'
import { language, say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'

/** Currencies that fit into the line. */
const shown = 3

export function Totals({ portfolio }: { readonly portfolio: Portfolio }) {
  const { money, contested, byCondition } = portfolio
  const words = say.value.wall
  return (
    <footer class="wall-totals">
      <Next />
      <span>
        <span aria-hidden="true">≠</span> {contested} {say.value.contestedOf}
      </span>
      <span>
        <span aria-hidden="true">?</span> {words.noDate(byCondition['unknown'] ?? 0)}
      </span>
      {currenciesOf(money.committed)
        .slice(0, shown)
        .map((currency) => (
          <span key={currency} class="money">
            {currency}{' '}
            {words.disbursed(
              shortAmount(money.disbursed[currency] ?? '0', language.value),
              shortAmount(money.committed[currency] ?? '0', language.value),
            )}
          </span>
        ))}
    </footer>
  )
}

function Next() {
  const { condition: _, ...filters } = filtersOf(query.value)
  const condition = ['due-soon', 'on-track', 'at-risk'] as const
  const reading = useReading(
    askRows({ ...filters, condition, sort: 'plannedEnd', limit: 1 }, 'proposalId', 'title', 'planned'),
  )
  const [next] = reading.answer?.value.proposals ?? []
  if (next === undefined || next.planned.end === null) return null
  return (
    <span class="wall-next">
      {say.value.wall.next} <When date={next.planned.end} />: <Translated text={next.title} />
    </span>
  )
}
