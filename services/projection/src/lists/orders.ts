/** The orders of lists: the same now and at a point in time. Every row has a key, so a page can begin after any row. */
import { conditionsInOrder, Day, ProposalId, stages, type TitleLanguage } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { conditionOn } from './source.ts'

/** Without a `-`. A `-` reverses the order, but rows without a sort value come last in both directions. */
const sortKeys = ['proposalId', 'title', 'plannedEnd', 'updated', 'stage', 'condition', 'agreed', 'committed'] as const
type SortKey = (typeof sortKeys)[number]
type Sort = SortKey | `-${SortKey}`
export const sorts = sortKeys.flatMap((key): Sort[] => [key, `-${key}`])

export interface Order {
  readonly sort: Sort
  /** For a sort by amounts: their currency. */
  readonly currency?: string | undefined
  /** For a sort by titles: their language, if it is not English. */
  readonly language?: TitleLanguage | undefined
}

/** The sort key without its direction. */
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

/** The form of a key as text: the database is never asked to compare a text of another form. */
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

/** Whether a key is derived from events by rules, so that another generation of the read model may derive it differently. */
export function isDerived(by: SortKey): boolean {
  return by !== 'proposalId' && by !== 'updated'
}

/**
 * The key of a row, in the order of an index if {@link hasIndex}. (Ids and last positions are compared elsewhere.)
 *
 * @param row the alias of its row in the statement
 * @param facets the alias of the table that has its titles
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

/** The column of an unknown day holds the last possible day. */
function unknownLast(order: Order, day: RawBuilder<unknown>): RawBuilder<unknown> {
  return isReversed(order) ? sql`CASE WHEN ${day} = 'infinity' THEN '-infinity'::date ELSE ${day} END` : day
}

/** Whether an index, or the log itself, has this order. */
export function hasIndex(order: Order): boolean {
  const by = sortedBy(order)
  if (by === 'plannedEnd') return !isReversed(order)
  return by === 'proposalId' || by === 'updated' || (by === 'title' && order.language === undefined)
}

/** Compares two keys as text in the same way as the database. */
export function compareKeys(by: SortKey, a: string, b: string): number {
  const type = keyTypes[by]
  if (type === 'numeric') return compareAmounts(a, b)
  if (type === 'text' || type === 'date') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b)
}

/** Exact for any number of digits. */
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
