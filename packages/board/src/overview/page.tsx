/** The state of the portfolio, what needs attention, what is new, and the money. Every figure is a link to exactly its list. */
import { ask } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { FilterChips } from '../parts/filter-chips.tsx'
import { Panel } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { query } from '../url/location.ts'
import { filtersOf, momentOf } from '../url/moment.ts'
import { Attention } from './attention.tsx'
import { DatesAhead } from './dates-ahead.tsx'
import { MoneyByCurrency } from './money-by-currency.tsx'
import { Pipeline } from './pipeline.tsx'
import { RecordedLately } from './recorded-lately.tsx'
import { SinceLastVisit } from './since-last-visit.tsx'
import { StagesOverTime } from './stages-over-time.tsx'

export function OverviewPage() {
  const words = say.value.overview
  useTitle(say.value.pages.overview)
  const portfolio = useReading(ask('/v1/portfolio', { ...filtersOf(query.value), ...momentOf(query.value) }))
  return (
    <>
      <h1 tabIndex={-1} class="spoken">
        {say.value.pages.overview}
      </h1>
      <FilterChips portfolio={portfolio.answer?.value ?? null} />
      <SinceLastVisit />
      <Panel id="stages" title={words.where} reading={portfolio}>
        {(value) => <Pipeline portfolio={value} />}
      </Panel>
      <div class="columns">
        <Panel id="attention" title={words.attention} reading={portfolio}>
          {(value) => <Attention portfolio={value} />}
        </Panel>
        <DatesAhead />
      </div>
      <Panel id="money" title={words.money} reading={portfolio}>
        {(value) => <MoneyByCurrency portfolio={value} />}
      </Panel>
      <StagesOverTime />
      <RecordedLately />
    </>
  )
}
