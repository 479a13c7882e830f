/** The filters of the list, with the number of matching proposals for each value. */
import { signal } from '@preact/signals'
import type { Portfolio } from '../parts/figure.ts'
import { filterValue } from '../parts/filter-chips.tsx'
import { best } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { conditions, endings, kinds, roles, stages } from '../url/codes.ts'
import { hereWith, query } from '../url/location.ts'
import type { FilterName } from '../url/moment.ts'

const opened = signal(false)

/** The number of values that a facet shows at first. */
const offered = 8

interface Choice {
  readonly value: string
  readonly name: string
  readonly count: number | null
}

export function Facets({ portfolio }: { readonly portfolio: Portfolio | null }) {
  const words = say.value.filters
  return (
    <details
      class="facets"
      open={opened.value}
      onToggle={({ currentTarget }) => {
        opened.value = currentTarget.open
      }}
    >
      <summary>{words.add}</summary>
      {portfolio === null || !opened.value ? null : (
        <div class="facet-groups">
          {facetsOf(portfolio).map(({ name, choices }) => (
            <Facet key={name} name={name} choices={choices} />
          ))}
        </div>
      )}
    </details>
  )
}

interface FacetProps {
  readonly name: FilterName
  readonly choices: readonly Choice[]
}

function facetsOf(portfolio: Portfolio): FacetProps[] {
  const { byStage, byCondition, byEnding, byKind, byCountry, byField, byParty, byParent } = portfolio
  const counted = (
    name: FilterName,
    codes: readonly string[],
    counts: Readonly<Record<string, number | undefined>>,
  ) => ({
    name,
    choices: codes.map((value) => ({ value, name: filterValue(name, value, portfolio), count: counts[value] ?? 0 })),
  })
  const words = say.value.filters
  const parties = byParty.map(({ party, name, total }) => ({
    value: party,
    name: name ? best(name).text : party,
    count: total,
  }))
  const parents = byParent.map(({ proposalId, title, total }) => ({
    value: proposalId,
    name: title ? best(title).text : proposalId,
    count: total,
  }))
  return [
    counted('stage', stages, byStage),
    counted('condition', conditions, byCondition),
    counted('kind', bySize(kinds, byKind), byKind),
    { name: 'party', choices: parties },
    {
      name: 'role',
      choices: roles.map((value) => ({ value, name: filterValue('role', value, portfolio), count: null })),
    },
    counted('country', bySize(Object.keys(byCountry), byCountry), byCountry),
    counted('field', bySize(Object.keys(byField), byField), byField),
    {
      name: 'parent',
      choices: [{ value: 'none', name: words.noParent, count: portfolio.byParentNone }, ...parents],
    },
    counted('ending', ['none', ...endings], byEnding),
    {
      name: 'contested',
      choices: [
        { value: 'true', name: words.yes, count: portfolio.contested },
        { value: 'false', name: words.no, count: portfolio.total - portfolio.contested },
      ],
    },
  ]
}

function bySize(codes: readonly string[], counts: Readonly<Record<string, number | undefined>>): string[] {
  return codes.toSorted((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0) || (one < other ? -1 : 1))
}

const lists: readonly string[] = ['stage', 'condition', 'kind', 'party', 'role', 'country', 'field', 'ending']

function Facet({ name, choices }: FacetProps) {
  const words = say.value.filters
  const given = query.value[name]
  const chosen: readonly string[] = given === undefined ? [] : typeof given === 'string' ? [given] : given
  const relevant = choices.filter(({ value, count }) => count !== 0 || chosen.includes(value))
  if (relevant.length === 0) return null
  const first = relevant.slice(0, offered)
  const more = relevant.slice(offered)
  const items = (some: readonly Choice[]) => (
    <ul>
      {some.map((choice) => (
        <FacetChoice key={choice.value} name={name} choice={choice} chosen={chosen} />
      ))}
    </ul>
  )
  return (
    <section class="facet">
      <h2>{words.names[name]}</h2>
      {items(first)}
      {more.length === 0 ? null : (
        <details>
          <summary>{words.more(more.length)}</summary>
          {items(more)}
        </details>
      )}
    </section>
  )
}

interface FacetChoiceProps {
  readonly name: FilterName
  readonly choice: Choice
  readonly chosen: readonly string[]
}

function FacetChoice({ name, choice: { value, name: label, count }, chosen }: FacetChoiceProps) {
  const on = chosen.includes(value)
  const others = on ? chosen.filter((one) => one !== value) : lists.includes(name) ? [...chosen, value] : [value]
  const next = others.length === 0 ? undefined : lists.includes(name) ? others : others[0]
  return (
    <li>
      <a href={hereWith({ [name]: next })} aria-current={on ? 'true' : undefined}>
        <span class="box" aria-hidden="true">
          {on ? '☑' : '☐'}
        </span>{' '}
        {label} {count === null ? null : <b>{count}</b>}
      </a>
    </li>
  )
}
