/** The question that a list answers: filters, order and page. */
import { type RawBuilder, sql } from 'kysely'
import type { FoldMemory } from '../past/dense.ts'
import type { Filters } from './filters.ts'
import { isReversed, keyTypes, type Order, sortedBy } from './orders.ts'

/** A row's place in the order: its sort key as text, and its id, which makes the place unique. */
export type PageKey = readonly [key: string, proposalId: string]

export interface ListQuestion extends Order {
  readonly filters: Filters
  readonly limit: number
  /** The key of the previous page's last row. */
  readonly after: PageKey | null
  /** For a list of now: where the walk began. Rows that change later keep their old place, so that the walk meets them once. */
  readonly began: number
}

/** How the past is read. */
export interface PastReading {
  /** Time zone of the ledger. */
  readonly timeZone: string
  /** Folds its dense proposals. */
  readonly folds: FoldMemory
}

/**
 * Bytes of states or events on one page, unless the first one alone has more. Usual pages have all their rows, and large ones take no more
 * memory than this.
 */
export const pageBytes = 2 * 1024 * 1024

export function ordered(order: Order, key: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const direction = sql.raw(isReversed(order) ? 'DESC' : 'ASC')
  return sql`${key} ${direction}, ${id} ${direction}`
}

/** The condition that a row comes after a page. */
export function beyond(
  { after, ...order }: Order & { readonly after: PageKey | null },
  key: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> {
  if (after === null) return sql`true`
  const last = sql`(${after[0]}::${sql.raw(keyTypes[sortedBy(order)])}, ${after[1]})`
  return sql`(${key}, ${id}) ${sql.raw(isReversed(order) ? '<' : '>')} ${last}`
}

export function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join([...conditions], sql` AND `)
}
