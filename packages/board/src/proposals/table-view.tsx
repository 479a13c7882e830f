/** One row for each proposal; on a narrow screen, a card with the same facts in the same order. */
import { ask } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { daysBetween } from '../dates/days.ts'
import { isFresh } from '../live/hear.ts'
import { ConditionChip, ContestedChip } from '../parts/chips.tsx'
import { RecordedOn, When } from '../parts/dates.tsx'
import type { Portfolio } from '../parts/figure.ts'
import { StageName } from '../parts/stage.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { go, hereWith, hrefOf, query } from '../url/location.ts'
import { filtersOf, momentOf } from '../url/moment.ts'
import type { SortKey } from '../url/query.ts'
import { MoneyOfRow } from './money-of-row.tsx'
import { PagesOfList, type Row } from './pages-of-list.tsx'

export function TableView() {
  const portfolio = useReading(ask('/v1/portfolio', { ...filtersOf(query.value), ...momentOf(query.value) }))
  const day = portfolio.answer?.value.day ?? null
  return (
    <PagesOfList
      frame={(rows) => (
        <table class="proposals">
          <thead>
            <Heads />
          </thead>
          <tbody>{rows}</tbody>
        </table>
      )}
      rows={(proposals) => <Rows proposals={proposals} day={day} />}
    />
  )
}

function Heads() {
  const words = say.value.list
  return (
    <tr>
      <SortedHead sort="title">{words.sorts.title}</SortedHead>
      <SortedHead sort="stage">{words.sorts.stage}</SortedHead>
      <SortedHead sort="condition">{words.sorts.condition}</SortedHead>
      <SortedHead sort="plannedEnd" title={words.plannedEndNote}>
        {words.sorts.plannedEnd}
      </SortedHead>
      <th scope="col">{words.money}</th>
      <SortedHead sort="updated">{words.sorts.updated}</SortedHead>
    </tr>
  )
}

interface SortedHeadProps {
  readonly sort: SortKey
  readonly title?: string
  readonly children: string
}

function SortedHead({ sort, title, children }: SortedHeadProps) {
  const { sort: current = 'title' } = query.value
  const descending = current === `-${sort}`
  const sorted = current === sort ? 'ascending' : descending ? 'descending' : undefined
  const next = hereWith({ sort: current === sort ? `-${sort}` : sort, currency: undefined })
  return (
    <th scope="col" aria-sort={sorted} title={title}>
      <button type="button" onClick={() => go(next)}>
        {children} <span aria-hidden="true">{sorted === undefined ? '' : descending ? '↓' : '↑'}</span>
      </button>
    </th>
  )
}

/** The titles of the programmes of all these rows are requested together. */
function Rows({ proposals, day }: { readonly proposals: readonly Row[]; readonly day: Portfolio['day'] | null }) {
  const parents = [...new Set(proposals.map(({ parent }) => parent).filter((parent) => parent !== null))].toSorted()
  const titles = useReading(
    parents.length === 0
      ? null
      : askRows({ ids: parents, ...momentOf(query.value), limit: 100 }, 'proposalId', 'title'),
  )
  const titleOf = new Map(titles.answer?.value.proposals.map(({ proposalId, title }) => [proposalId, title]))
  return (
    <>
      {proposals.map((row) => (
        <ProposalRow
          key={row.proposalId}
          row={row}
          day={day}
          parentTitle={row.parent === null ? undefined : titleOf.get(row.parent)}
        />
      ))}
    </>
  )
}

interface ProposalRowProps {
  readonly row: Row
  readonly day: Portfolio['day'] | null
  readonly parentTitle: Row['title'] | undefined
}

function ProposalRow({ row, day, parentTitle }: ProposalRowProps) {
  const words = say.value.list
  const { proposalId, title, kind, stage, ending, condition, planned, contested, parent, lastEventAt } = row
  return (
    <tr class={isFresh(proposalId) ? 'fresh' : undefined}>
      <th scope="row">
        <a href={hrefOf({ name: 'proposal', proposalId })}>
          <Translated text={title} />
        </a>
        {isFresh(proposalId) ? <span class="spoken"> {say.value.live.fresh}</span> : null}
        <span class="sub">
          {labelOf('kinds', kind)}
          {parent === null ? null : (
            <>
              {' · '}
              {words.partOf}{' '}
              <a href={hrefOf({ name: 'proposal', proposalId: parent })}>
                {parentTitle === undefined ? parent : <Translated text={parentTitle} />}
              </a>
            </>
          )}
        </span>
      </th>
      <td data-label={words.sorts.stage}>
        <StageName stage={stage} />
        {ending === null ? null : <span class="sub">⊘ {labelOf('endings', ending)}</span>}
      </td>
      <td data-label={words.sorts.condition}>
        <ConditionChip condition={condition} />
        {contested.some(({ resolved }) => resolved === null) ? <ContestedChip /> : null}
        <DaysLate row={row} day={day} />
      </td>
      <td data-label={words.sorts.plannedEnd}>
        <When date={planned.end} />
      </td>
      <td data-label={words.money}>
        <MoneyOfRow money={row.money} />
      </td>
      <td data-label={words.sorts.updated}>
        <RecordedOn instant={lastEventAt} />
      </td>
    </tr>
  )
}

/** Counted from the last possible day of the first due date. */
function DaysLate({ row: { condition, due }, day }: { readonly row: Row; readonly day: string | null }) {
  if (condition !== 'overdue' || due === null || day === null) return null
  return (
    <span class="sub">
      {say.value.daysLate(daysBetween(due.day, day))}
      {due.of === 'milestone' ? ` (${say.value.list.milestone})` : ''}
    </span>
  )
}
