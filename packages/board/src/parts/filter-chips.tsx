/** The filters of the page: each is visible and can be removed. */
import { type CodeGroup, labelOf } from '../data/vocabulary.ts'
import { language, say } from '../texts/reader.ts'
import { regionName } from '../texts/regions.ts'
import type { Condition } from '../url/codes.ts'
import { hereWith, query } from '../url/location.ts'
import { type FilterName, filterNames, filtersOf } from '../url/moment.ts'
import { conditionName } from './chips.tsx'
import type { Portfolio } from './figure.ts'
import { best } from './translated.tsx'

export function FilterChips({ portfolio }: { readonly portfolio: Portfolio | null }) {
  const filters = filtersOf(query.value)
  const named = filterNames.filter((name) => filters[name] !== undefined)
  if (named.length === 0) return null
  const words = say.value.filters
  return (
    <ul class="filter-chips" aria-label={words.label}>
      {named.map((name) => {
        const value = filters[name]
        const values: readonly string[] = typeof value === 'string' ? [value] : (value ?? [])
        if (name === 'ids') {
          return (
            <FilterChip
              key={name}
              name={words.names.ids}
              value={String(values.length)}
              href={hereWith({ ids: undefined })}
            />
          )
        }
        return values.map((one) => {
          const rest = values.filter((other) => other !== one)
          const href = hereWith({ [name]: rest.length === 0 ? undefined : rest })
          return (
            <FilterChip
              key={`${name} ${one}`}
              name={words.names[name]}
              value={filterValue(name, one, portfolio)}
              href={href}
            />
          )
        })
      })}
      {named.length > 1 ? (
        <li>
          <a href={hereWith(Object.fromEntries(filterNames.map((name) => [name, undefined])))}>{words.clear}</a>
        </li>
      ) : null}
    </ul>
  )
}

function FilterChip({ name, value, href }: { readonly name: string; readonly value: string; readonly href: string }) {
  return (
    <li>
      <a class="filter-chip" href={href}>
        {name}: <b>{value}</b> <span aria-hidden="true">✕</span>
        <span class="spoken">, {say.value.filters.remove}</span>
      </a>
    </li>
  )
}

const groups: Partial<Record<FilterName, CodeGroup>> = {
  stage: 'stages',
  ending: 'endings',
  kind: 'kinds',
  role: 'roles',
  field: 'fields',
}

/** A value of a filter, in words. */
export function filterValue(name: FilterName, value: string, portfolio: Portfolio | null): string {
  const words = say.value.filters
  const group = groups[name]
  if (name === 'condition') return conditionName(value as Condition)
  if (name === 'ending' && value === 'none') return words.notEnded
  if (group !== undefined) return labelOf(group, value)
  if (name === 'country') return regionName(value, language.value)
  if (name === 'party' || name === 'formerParty') {
    const party = portfolio?.byParty.find((one) => one.party === value)
    return party?.name ? best(party.name).text : value
  }
  if (name === 'parent') {
    if (value === 'none') return words.noParent
    const parent = portfolio?.byParent.find(({ proposalId }) => proposalId === value)
    return parent?.title ? best(parent.title).text : value
  }
  if (name === 'contested' || name === 'suspended' || name === 'hasParts')
    return value === 'true' ? words.yes : words.no
  return value
}
