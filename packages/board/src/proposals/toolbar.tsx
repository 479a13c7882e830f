/** The number of proposals and their money, the views, and the downloads. */
import { signal } from '@preact/signals'
import { apiKey, authorization } from '../data/api-key.ts'
import { addressOf } from '../data/ask.ts'
import { currenciesOf, moneyInWords } from '../money/amounts.ts'
import type { Portfolio } from '../parts/figure.ts'
import { NewProposalLink } from '../parts/new-proposal-link.tsx'
import { language, say } from '../texts/reader.ts'
import { go, hereWith, query } from '../url/location.ts'
import { filtersOf, isPast, momentOf } from '../url/moment.ts'
import { type Query, type Sort, sorts } from '../url/query.ts'
import { orderOf } from './pages-of-list.tsx'

interface ToolbarProps {
  readonly portfolio: Portfolio | null
  /** Whether the numbers are still those of the previous request. */
  readonly busy: boolean
}

export function Toolbar({ portfolio, busy }: ToolbarProps) {
  const words = say.value.list
  const { view = 'table' } = query.value
  return (
    <div class="toolbar">
      <p class="summary" aria-live="polite" aria-busy={busy}>
        {portfolio !== null ? <Summary portfolio={portfolio} /> : busy ? words.loading : null}
      </p>
      <nav class="choice" aria-label={words.view}>
        {(['table', 'programmes', 'dates'] as const).map((name) => (
          <a key={name} href={hereWith({ view: name === 'table' ? undefined : name })} aria-current={view === name}>
            {words.views[name]}
          </a>
        ))}
      </nav>
      {view === 'programmes' ? null : <SortChoice portfolio={portfolio} />}
      <p class="take">
        <NewProposalLink class="button" />
        <CopyLink />
        <CsvLink total={portfolio?.total ?? null} />
        {isPast(query.value) || apiKey.value !== null ? null : (
          <a class="button" href={addressOf('/v1/calendar.ics', { ...filtersOf(query.value), lang: language.value })}>
            {words.calendar}
          </a>
        )}
        <button type="button" onClick={() => print()}>
          {words.print}
        </button>
      </p>
    </div>
  )
}

function Summary({ portfolio: { total, money } }: { readonly portfolio: Portfolio }) {
  const words = say.value.list
  const committed = currenciesOf(money.committed).map((currency) =>
    moneyInWords({ value: money.committed[currency] ?? '0', currency }, language.value),
  )
  return (
    <>
      <b>{words.found(total)}</b>
      {committed.length === 0 ? null : ` · ${words.committed(committed.join(', '))}`}
      {money.undisclosed.committed === 0 ? null : ` · ${words.withoutAmount(money.undisclosed.committed)}`}
    </>
  )
}

/** The same request, in the same order and at the same moment, as a file with names in the reader's language. */
function csvHref(now: Query): string {
  const order = orderOf(now.view === 'dates' ? 'plannedEnd' : 'title')
  return addressOf('/v1/proposals', { ...filtersOf(now), ...momentOf(now), ...order, format: 'csv' })
}

/** A plain link, which can be copied; if reading needs a key, a button that sends it. */
function CsvLink({ total }: { readonly total: number | null }) {
  const words = say.value.list
  const href = csvHref(query.value)
  if (apiKey.value === null) {
    return (
      <a class="button" href={href} download>
        {words.csv(total)}
      </a>
    )
  }
  return (
    <button type="button" onClick={() => void download(href)}>
      {words.csv(total)}
    </button>
  )
}

async function download(href: string): Promise<void> {
  const response = await fetch(href, { headers: authorization() })
  if (!response.ok) return
  const address = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: address, download: 'proposals.csv' })
  link.click()
  URL.revokeObjectURL(address)
}

function sortBy(value: string, down: boolean): void {
  const [name = 'title', unit] = value.split(' ')
  go(hereWith({ sort: `${down ? '-' : ''}${name}` as Sort, currency: unit }))
}

interface SortOption {
  /** The sort key, and for money the currency. */
  readonly value: string
  readonly name: string
}

/** The list can be sorted by money in each currency that occurs. */
function choicesOf(portfolio: Portfolio | null): SortOption[] {
  const words = say.value.list
  const { currency } = query.value
  const there = portfolio === null ? [] : currenciesOf(portfolio.money.committed)
  const currencies = [...new Set([...there, ...(currency === undefined ? [] : [currency])])]
  return sorts.flatMap((key) =>
    key === 'committed'
      ? currencies.map((one) => ({ value: `committed ${one}`, name: `${words.sorts.committed} (${one})` }))
      : [{ value: key, name: words.sorts[key] }],
  )
}

function SortChoice({ portfolio }: { readonly portfolio: Portfolio | null }) {
  const words = say.value.list
  const { view, currency, sort = view === 'dates' ? 'plannedEnd' : 'title' } = query.value
  const choices = choicesOf(portfolio)
  const descending = sort.startsWith('-')
  const key = sort.replace(/^-/, '')
  const selected = key === 'committed' ? `committed ${currency ?? ''}` : key
  return (
    <div class="sort">
      <label>
        {words.sort}{' '}
        <select value={selected} onChange={({ currentTarget }) => sortBy(currentTarget.value, descending)}>
          {choices.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        title={words.turn}
        aria-label={words.turn}
        aria-pressed={descending}
        onClick={() => sortBy(selected, !descending)}
      >
        {descending ? '↓' : '↑'}
      </button>
    </div>
  )
}

const copied = signal(false)

async function copyLink(): Promise<void> {
  await navigator.clipboard.writeText(location.href)
  copied.value = true
  setTimeout(() => (copied.value = false), 2_000)
}

function CopyLink() {
  const words = say.value.list
  return (
    <button type="button" onClick={() => void copyLink()}>
      <span aria-live="polite">{copied.value ? words.copied : words.copyLink}</span>
    </button>
  )
}
