/** What lists can be sorted by: the same now and at a point in time. Every key is something, so that a page can begin after it. */
import { type Condition, Day, ProposalId, stages } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import type { TitleLanguage } from '../status/row.ts'
import { conditionOn } from './source.ts'

/** Without a `-`; with one the order is reversed, but for what has nothing to be sorted by: that is last in both directions. */
const sortKeys = ['proposalId', 'title', 'plannedEnd', 'updated', 'stage', 'condition', 'agreed', 'committed'] as const
type SortKey = (typeof sortKeys)[number]
type Sort = SortKey | `-${SortKey}`
export const sorts = sortKeys.flatMap((key): Sort[] => [key, `-${key}`])

export interface Order {
  readonly sort: Sort
  /** Of amounts, where it is by those. */
  readonly currency?: string | undefined
  /** Of titles, where that is not English. */
  readonly language?: TitleLanguage | undefined
}

/** What somebody has to look after comes first. */
export const conditionsInOrder: readonly Condition[] = [
  'overdue',
  'at-risk',
  'due-soon',
  'stale',
  'suspended',
  'on-track',
  'unknown',
  'done',
  'ended',
]

/** What a list is sorted by, whichever way round. */
export function sortedBy({ sort }: Order): SortKey {
  return (sort.startsWith('-') ? sort.slice(1) : sort) as SortKey
}

export function isReversed({ sort }: Order): boolean {
  return sort.startsWith('-')
}

/** The type of a key in the database. */
export const keyTypes: Readonly<Record<SortKey, string>> = {
  proposalId: 'text',
  title: 'text',
  plannedEnd: 'date',
  updated: 'bigint',
  stage: 'integer',
  condition: 'integer',
  agreed: 'date',
  committed: 'numeric',
}

const isDay = (key: string) => /^-?infinity$/.test(key) || Day.safeParse(key).success
const isNumber = (key: string) => /^\d{1,15}$/.test(key)

/** What a key can look like as text, so that the database is never asked to compare with something else. */
export const isKey: Readonly<Record<SortKey, (key: string) => boolean>> = {
  proposalId: (key) => ProposalId.safeParse(key).success,
  title: (key) => !key.includes('\0'),
  plannedEnd: isDay,
  updated: isNumber,
  stage: isNumber,
  condition: isNumber,
  agreed: isDay,
  committed: (key) => /^(?:-?Infinity|\d{1,100}(?:\.\d{1,10})?)$/.test(key),
}

/** Whether a key is worked out of what was recorded, by rules that another generation of the read model may have made otherwise. */
export function isDerived(by: SortKey): boolean {
  return by !== 'proposalId' && by !== 'updated'
}

/**
 * The key of a row, which stands in the order of an index where {@link hasIndex}. (Ids and last positions are told elsewhere.)
 *
 * @param row what its row is called in the statement, @param facets and what the table that has its titles.
 */
export function keyOf(order: Order, day: Day, row: string, facets: string): RawBuilder<unknown> {
  const column = (name: string) => sql.ref(`${row}.${name}`)
  const title = sql.ref(`${facets}.title_key`)
  const { currency = '', language } = order
  switch (sortedBy(order)) {
    case 'title':
      return language === undefined
        ? title
        : sql`coalesce(${sql.ref(`${facets}.title_keys`)} ->> ${language}, ${title})`
    case 'plannedEnd':
      return unknownLast(order, column('planned_end'))
    case 'agreed':
      return unknownLast(order, column('agreed_on'))
    case 'stage':
      return sql`array_position(${sql.lit(`{${stages.join(',')}}`)}::text[], ${column('stage')})`
    case 'condition':
      return sql`array_position(${sql.lit(`{${conditionsInOrder.join(',')}}`)}::text[], ${conditionOn(day, row)})`
    case 'committed': {
      const none = sql.lit(isReversed(order) ? '-Infinity' : 'Infinity')
      return sql`coalesce((${column('amounts')} -> 'committed' ->> ${currency})::numeric, ${none}::numeric)`
    }
    case 'proposalId':
    case 'updated':
      break
  }
  return column('proposal_id')
}

/** A day that is not known stands in its column as the last one there is. */
function unknownLast(order: Order, day: RawBuilder<unknown>): RawBuilder<unknown> {
  return isReversed(order) ? sql`CASE WHEN ${day} = 'infinity' THEN '-infinity'::date ELSE ${day} END` : day
}

/** Whether there is an index in this order, or the log is. */
export function hasIndex(order: Order): boolean {
  const by = sortedBy(order)
  if (by === 'plannedEnd') return !isReversed(order)
  return by === 'proposalId' || by === 'updated' || (by === 'title' && order.language === undefined)
}

/** Of two keys as text, as the database compares them. */
export function compareKeys(by: SortKey, a: string, b: string): number {
  const type = keyTypes[by]
  if (type === 'numeric') return compareAmounts(a, b)
  if (type === 'text' || type === 'date') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b)
}

/** Exactly, however many digits they have. */
function compareAmounts(a: string, b: string): number {
  if (a === b) return 0
  if (a.endsWith('Infinity') || b.endsWith('Infinity')) return a === '-Infinity' || b === 'Infinity' ? -1 : 1
  const decimals = Math.max(decimalsOf(a), decimalsOf(b))
  const [left, right] = [unitsOf(a, decimals), unitsOf(b, decimals)]
  return left < right ? -1 : left > right ? 1 : 0
}

function decimalsOf(amount: string): number {
  return amount.split('.')[1]?.length ?? 0
}

function unitsOf(amount: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}
