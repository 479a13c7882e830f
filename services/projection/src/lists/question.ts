/** What is asked of a list: filters, order and page. */
import { type RawBuilder, sql } from 'kysely'
import type { FoldMemory } from '../past/dense.ts'
import type { Filters } from './filters.ts'

export const sorts = [
  'proposalId',
  '-proposalId',
  'title',
  '-title',
  'plannedEnd',
  '-plannedEnd',
  'updated',
  '-updated',
] as const
export type Sort = (typeof sorts)[number]

/** A row's place in the order: what it is sorted by, as text, and its id, which makes the place unique. */
export type PageKey = readonly [key: string, proposalId: string]

export interface ListQuestion {
  readonly filters: Filters
  readonly sort: Sort
  readonly limit: number
  /** Of the last row of the page before. */
  readonly after: PageKey | null
  /** Of a list of now, where it began: what changes from here on keeps the place that it had, so that a walk meets it once. */
  readonly began: number
}

/** How the past is read. */
export interface PastReading {
  /** Of the ledger. */
  readonly timeZone: string
  /** By what its dense proposals are folded. */
  readonly folds: FoldMemory
}

/** Bytes of states or events that one page brings, unless its first alone has more: as many rows as are usual, and no more memory than that. */
export const pageBytes = 2 * 1024 * 1024

/** What a list is sorted by, whichever way round. */
export function sortedBy(sort: Sort): string {
  return sort.replace('-', '')
}

/** Of what a list is sorted by, where it is no text. */
export const keyTypes: Readonly<Record<string, string>> = { plannedEnd: 'date', updated: 'bigint' }

export function ordered(sort: Sort, key: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const direction = sql.raw(sort.startsWith('-') ? 'DESC' : 'ASC')
  return sql`${key} ${direction}, ${id} ${direction}`
}

/** The condition that a row comes after a page. */
export function beyond(
  { sort, after }: { readonly sort: Sort; readonly after: PageKey | null },
  key: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> {
  if (after === null) return sql`true`
  const last = sql`(${after[0]}::${sql.raw(keyTypes[sortedBy(sort)] ?? 'text')}, ${after[1]})`
  return sql`(${key}, ${id}) ${sql.raw(sort.startsWith('-') ? '<' : '>')} ${last}`
}

export function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join([...conditions], sql` AND `)
}
