/** A list page by page: the first hundred, and a hundred more on each request. */
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { keyOf } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { useHeld } from '../live/held.ts'
import { FailureNote, isBusy, NoAnswer } from '../parts/panel.tsx'
import { language, say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { type FilterQuery, filtersOf, momentOf } from '../url/moment.ts'
import type { Sort } from '../url/query.ts'

/** The columns of a list. */
function rowsOf(query: Parameters<typeof askRows>[0]) {
  return askRows(
    query,
    'proposalId',
    'title',
    'kind',
    'stage',
    'ending',
    'condition',
    'planned',
    'due',
    'money',
    'milestones',
    'contested',
    'parent',
    'lastEventAt',
  )
}

type List = NonNullable<ReturnType<typeof rowsOf>['answer']>
export type Row = List['proposals'][number]

const pageSize = 100

/** How many pages of a list were opened, so that Back shows the same number. */
const openedPages = signal<Readonly<Record<string, number>>>({})

interface PagesProps {
  readonly narrower?: FilterQuery
  /** The sort if the URL has none. */
  readonly usualSort?: Sort
  /** What surrounds all rows, such as a table. */
  readonly frame: (rows: ComponentChildren, first: List) => ComponentChildren
  readonly rows: (proposals: readonly Row[], first: List) => ComponentChildren
}

export function PagesOfList({ narrower = {}, usualSort = 'title', frame, rows }: PagesProps) {
  const order = orderOf(usualSort)
  const asked = { ...filtersOf(query.value), ...narrower, ...momentOf(query.value), ...order }
  const question = rowsOf({ ...asked, limit: pageSize })
  const key = keyOf(question)
  const first = useReading(question)
  const pages = openedPages.value[key] ?? 1
  const { failure, retry } = first
  const list = shownOf(first)
  const proposals = useHeld({
    part: 'list',
    question: `${key} ${first.answer?.logId ?? ''}`,
    current: first.current,
    rows: list?.proposals ?? [],
    idOf: ({ proposalId }) => proposalId,
  })
  if (list === null) return <NoAnswer reading={first} />
  const { next, total } = list
  if (total === 0) return <p class="empty">{say.value.list.empty}</p>
  const open = () => {
    openedPages.value = { ...openedPages.value, [key]: pages + 1 }
  }
  const shown = Math.min(total, pages * pageSize)
  return (
    <div aria-busy={isBusy(first)}>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {frame(
        <>
          {rows(proposals, list)}
          {next === null || pages === 1 ? null : (
            <NextPage cursor={next} number={2} upTo={pages} rows={(some) => rows(some, list)} />
          )}
        </>,
        list,
      )}
      <p class="more">
        {shown < total ? (
          <button type="button" onClick={open}>
            {say.value.list.more(Math.min(pageSize, total - shown))}
          </button>
        ) : null}{' '}
        <span class="quiet">{say.value.list.shown(shown, total)}</span>
      </p>
    </div>
  )
}

/** A sort by money needs a currency; without one, the usual order applies. Titles are sorted as in the reader's language. */
export function orderOf(usual: Sort) {
  const { sort = usual, currency } = query.value
  if (sort !== 'committed' && sort !== '-committed') return { sort, lang: language.value }
  return currency === undefined ? { sort: usual, lang: language.value } : { sort, currency, lang: language.value }
}

interface NextPageProps {
  readonly cursor: string
  readonly number: number
  readonly upTo: number
  readonly rows: (proposals: readonly Row[]) => ComponentChildren
}

function NextPage({ cursor, number, upTo, rows }: NextPageProps) {
  const { answer, current } = useReading(rowsOf({ cursor, limit: pageSize }))
  const proposals = useHeld({
    part: `list, page ${number}`,
    question: `${cursor} ${answer?.logId ?? ''}`,
    current,
    rows: answer?.value.proposals ?? [],
    idOf: ({ proposalId }) => proposalId,
  })
  if (answer === null) return null
  const { next } = answer.value
  return (
    <>
      {rows(proposals)}
      {next === null || number === upTo ? null : <NextPage cursor={next} number={number + 1} upTo={upTo} rows={rows} />}
    </>
  )
}
