/** The list of proposals: as a table, by programme, or along their dates. */
import { ask } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { FilterChips } from '../parts/filter-chips.tsx'
import { isBusy } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { query } from '../url/location.ts'
import { filtersOf, momentOf } from '../url/moment.ts'
import { DatesView } from './dates-view.tsx'
import { Facets } from './facets.tsx'
import { ProgrammesView } from './programmes-view.tsx'
import { TableView } from './table-view.tsx'
import { Toolbar } from './toolbar.tsx'

export function ProposalsPage() {
  const words = say.value.list
  useTitle(say.value.pages.proposals)
  const reading = useReading(ask('/v1/portfolio', { ...filtersOf(query.value), ...momentOf(query.value) }))
  const portfolio = shownOf(reading)
  const { view = 'table' } = query.value
  return (
    <>
      <h1 tabIndex={-1}>{say.value.pages.proposals}</h1>
      <FilterChips portfolio={portfolio} />
      <Facets portfolio={portfolio} />
      <Toolbar portfolio={portfolio} busy={isBusy(reading)} />
      <section aria-label={words.views[view]} class="panel list">
        {view === 'table' ? <TableView /> : view === 'programmes' ? <ProgrammesView /> : <DatesView />}
      </section>
    </>
  )
}
