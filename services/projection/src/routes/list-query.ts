/** Which list is requested: by the parameters, or by the cursor of an earlier page. */
import { Currency, conditionsInOrder, Day, ProposalId, wordLanguages } from '@commitments/domain'
import { decodeCursor, encodeCursor, invalid, queryInteger } from '@commitments/http-kit'
import { z } from 'zod'
import { type Filters, FiltersSchema, filterQuery, filtersOf } from '../lists/filters.ts'
import { isDerived, isKey, type Order, sortedBy, sorts } from '../lists/orders.ts'
import type { PageKey } from '../lists/question.ts'
import type { Source } from '../lists/source.ts'
import type { PointInTime } from '../past/point-in-time.ts'
import type { Service } from '../service.ts'
import { asksForPast, pastQuery } from './as-of.ts'
import { atLeast } from './reading.ts'

export const usualLimit = 50
/** The longest cursor, in characters: with all filters that are accepted, and the longest key. */
export const cursorLength = 8_000

export const Query = z.strictObject({
  ...filterQuery,
  sort: z
    .enum(sorts)
    .optional()
    .meta({
      description:
        'The order: by id (the default), by title (without diacritics; with `lang`: the titles in that language, in the order of its alphabet), by planned end, by last update, by stage, by condition ' +
        `(what needs attention first: ${conditionsInOrder.join(', ')}), by the day of the agreement, or by its own committed money in one \`currency\`. ` +
        'A `-` in front reverses it. A proposal without such a date, or without money in that currency, comes last in both directions. Proposals with equal values are in the order of their ids.',
    }),
  currency: Currency.optional().meta({
    description: 'With `sort=committed` and `-committed`, which need it: the currency (ISO 4217). Never converted.',
    examples: ['USD'],
  }),
  lang: z.enum(wordLanguages).optional().meta({
    description:
      'The language of titles for `sort=title` and `-title`, and of names and labels in CSV; the default is `en`.',
  }),
  limit: queryInteger(1, 500)
    .optional()
    .meta({
      description: `The maximum number of proposals on a page of JSON; the default is ${usualLimit}. A page has fewer if it would be larger than some megabytes. CSV has no pages.`,
    }),
  cursor: z.string().min(1).max(cursorLength).optional().meta({
    description: 'The `next` of an earlier page. It contains the filters and the order; you need not repeat them.',
  }),
  ...pastQuery,
  ...atLeast,
})
type Query = z.output<typeof Query>

/**
 * Where a page ended, and the request: `l` log, `g` generation, `p` position, `d` day and `t` total of the first page, `k` the last row. In
 * a list at another point in time, `p` is the known position.
 */
const Cursor = z.strictObject({
  l: z.string().max(40),
  g: z.int().min(1),
  p: z.int().min(0),
  d: Day,
  f: FiltersSchema,
  /** The day of `asOf`; absent if none was requested. Then `p` is the known position. */
  a: Day.optional(),
  /** Whether the list is at another point in time than now. */
  m: z.literal(true).optional(),
  s: z.enum(sorts),
  /** Currency and language of the sort. */
  c: Currency.optional(),
  i: z.enum(['vi', 'ko']).optional(),
  /** How many proposals matched when the first page was read. */
  t: z.int().min(0).optional(),
  k: z.tuple([z.string().max(400), ProposalId]),
})
type Cursor = z.output<typeof Cursor>

export interface ListQuery {
  readonly filters: Filters
  readonly order: Order
  /** The day for the conditions, if the list has no `asOf`. */
  readonly day: Day
  /** Whether the list is at another point in time than now. */
  readonly past: boolean
  /** That point; null on its first page. */
  readonly at: PointInTime | null
  /** The position at which a list of now began; null on its first page. */
  readonly began: number | null
  /** How many proposals matched when the first page was read; null on that page. */
  readonly total: number | null
  /** The last row of the previous page; null on a first page. */
  readonly after: PageKey | null
}

export function parseListQuery(service: Service, query: Query): ListQuery {
  const { cursor } = query
  const filters = filtersOf(query)
  const past = asksForPast(query)
  if (cursor === undefined) {
    const day = service.today()
    return { filters, order: orderOf(query), day, past, at: null, began: null, total: null, after: null }
  }
  if (past) throw invalidCursor('holds its moment; omit `asOf`, `knownAt` and `knownAtPosition`')
  const decoded = decodeCursor(Cursor, cursor)
  checkCursor(service, decoded)
  const { sort, currency, lang } = query
  const asked = { ...(sort && { sort }), ...(currency && { currency }), ...(lang && decoded.i && { lang }) }
  const again = Object.entries({ ...filters, ...asked })
  const meant: Record<string, unknown> = { ...decoded.f, sort: decoded.s, currency: decoded.c, lang: decoded.i }
  const other = again.find(([name, value]) => JSON.stringify(value) !== JSON.stringify(meant[name]))
  if (other)
    throw invalidCursor(`is of a list with another \`${other[0]}\`; omit the filters, or begin again without a cursor`)
  return continued(decoded)
}

/** @throws the problem `invalid` for a sort by money without a currency, or a currency without such a sort */
function orderOf({ sort = 'proposalId', currency, lang }: Query): Order {
  const isMoney = sortedBy({ sort }) === 'committed'
  if (isMoney && currency === undefined)
    throw invalid([{ path: 'query.currency', message: `is missing; \`sort=${sort}\` needs a currency, such as USD` }])
  if (!isMoney && currency !== undefined)
    throw invalid([{ path: 'query.currency', message: 'must be omitted unless `sort` is `committed` or `-committed`' }])
  if (isMoney) return { sort, currency }
  return sortedBy({ sort }) === 'title' && lang !== undefined && lang !== 'en' ? { sort, language: lang } : { sort }
}

function continued({ a, c: currency, d: day, f: filters, i: language, k: after, m, p, s: sort, t }: Cursor): ListQuery {
  const order = { sort, ...(currency && { currency }), ...(language && { language }) }
  const asked = { filters, order, day, total: t ?? null, after }
  if (!m) return { ...asked, past: false, at: null, began: p }
  return { ...asked, past: true, at: { asOf: a ?? null, known: p, day }, began: null }
}

/** The cursor of the page that comes after the key. */
export function cursorOf({ filters: f, order, began }: ListQuery, source: Source, t: number, k: PageKey): string {
  const { sort: s, currency: c, language: i } = order
  const { day: d, at, snapshot } = source
  const { logId: l, generation: g, position } = snapshot
  if (at === null) return encodeCursor({ l, g, p: began ?? position, d, f, s, c, i, t, k })
  return encodeCursor({ l, g, p: at.known, d, f, m: true, s, c, i, t, ...(at.asOf === null ? {} : { a: at.asOf }), k })
}

function checkCursor({ view, moments }: Service, { c, l, g, m, s, k: [key] }: Cursor): void {
  const by = sortedBy({ sort: s })
  if (l !== view.logId) throw invalidCursor('is of another log; begin again without one')
  if (!isKey[by](key) || (by === 'committed') !== (c !== undefined))
    throw invalidCursor('must be a cursor of an earlier answer; begin again without one')
  // Ids and positions never change; keys that rules derive may differ in another generation.
  if (isDerived(by) && g !== (m ? moments : view).generation)
    throw invalidCursor('is of an earlier generation of the list; begin again without one')
}

function invalidCursor(message: string): Error {
  return invalid([{ path: 'query.cursor', message }])
}
