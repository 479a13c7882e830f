/** What is late, and by how many days; the longest first. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { daysBetween } from '../dates/days.ts'
import { conditionName, lowered } from '../parts/chips.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'
import { rowsOnWall } from './rows.ts'

export function Late({ day, count }: { readonly day: string; readonly count: number }) {
  const { condition, ...filters } = filtersOf(query.value)
  const asked = condition === undefined || condition.includes('overdue')
  const rows = askRows(
    { ...filters, condition: ['overdue'], sort: 'plannedEnd', limit: 100 },
    'proposalId',
    'title',
    'due',
  )
  const reading = useReading(asked ? rows : null)
  const late = (reading.answer?.value.proposals ?? [])
    .map(({ proposalId, title, due }) => ({ proposalId, title, days: due === null ? 0 : daysBetween(due.day, day) }))
    .toSorted((one, other) => other.days - one.days)
  const more = count - Math.min(late.length, rowsOnWall)
  return (
    <section aria-labelledby="wall-late">
      <h2 id="wall-late" class={count === 0 ? undefined : 'critical'}>
        <span aria-hidden="true">{count === 0 ? '✓' : '◆'}</span> {count} {lowered(conditionName('overdue'))}
      </h2>
      <ol>
        {late.slice(0, rowsOnWall).map(({ proposalId, title, days }) => (
          <li key={proposalId}>
            <b class="wall-when">{say.value.wall.days(days)}</b>
            <span class="wall-what">
              <Translated text={title} />
            </span>
          </li>
        ))}
      </ol>
      {more > 0 ? <p class="quiet">{say.value.wall.more(more)}</p> : null}
    </section>
  )
}
