/**
 * Totals of money over several proposals, some of which are parts of others: tables and columns of SQL statements, and the totals made from
 * their results.
 */
import {
  type FigureCount,
  type FigureSum,
  figureCounts,
  figureSums,
  figures,
  type Totals,
  totalOf,
} from '@commitments/domain'

export const programmeTotals = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const
type TotalName = (typeof programmeTotals)[number]

/** The totals of several proposals, by currency. Each figure counts at the lowest level that carries it (docs/domain.md, Totals). */
export interface TreeMoney extends Readonly<Record<TotalName, Totals>> {
  readonly undisclosed: { readonly requested: number; readonly committed: number }
  /** Requests and pledges of proposals that were declined, withdrawn, cancelled or terminated: no longer asked for or promised. */
  readonly lapsed: { readonly requested: Totals; readonly pledged: Totals; readonly undisclosed: number }
  /** Never added to money. */
  readonly inKind: { readonly items: number; readonly valued: Totals }
}

/** The sums in the form in which the database returns them. */
export interface FigureSums {
  readonly totals: readonly { readonly what: string; readonly currency: string; readonly value: string }[] | null
  readonly counts: Readonly<Record<string, number>> | null
}

/** Rows of a table of constants. */
function valuesOf(rows: readonly (readonly string[])[]): string {
  return `(VALUES ${rows.map((row) => `(${row.map((text) => `'${text}'`).join(', ')})`).join(', ')})`
}

const perFigure = Object.entries(figures)
/** One bit for each figure of which amounts have something: zeros are left out of them. */
const carriedBits = perFigure
  .map(([, { carriedBy }], bit) => `((amounts ?| '{${carriedBy.join(',')}}')::int << ${bit})`)
  .join(' | ')
const bitsOfFigures = `(VALUES ${perFigure.map(([name], bit) => `('${name}', ${1 << bit})`).join(', ')})`
const membersOfFigures = valuesOf(perFigure.flatMap(([name, { members }]) => members.map((member) => [name, member])))

const sumNames = figureSums.map((name) => `'${name}'`).join(', ')

/**
 * Tables of a recursive statement about money. Each figure counts at the lowest level of the tree that carries it (`figures` of the
 * domain). So nothing counts twice, and a part without money has no effect.
 *
 * `carried_below`: the figures for which some part of a proposal, at any depth, has an amount. Each pair is followed once, so the recursion
 * ends whatever the links are. `left_out`: the members of those figures, for each proposal. `counted`: the amounts of each proposal without
 * them.
 *
 * @param shown table of all proposals in question: proposal_id, amounts (`Figures` of the domain)
 * @param parts table of those of them that are parts of others, a row for each parent: parent, amounts
 * @param above table of the tree above those parents: id, parent; a pair may occur more than once
 */
export function figureTables(shown: string, parts: string, above: string): string {
  return `carried_below (id, figure) AS (
    SELECT b.parent, f.figure FROM (SELECT parent, bit_or(${carriedBits}) AS carried FROM ${parts} GROUP BY parent) b
      JOIN ${bitsOfFigures} AS f (figure, bit) ON b.carried & f.bit <> 0
    UNION
    SELECT k.parent, c.figure FROM carried_below c JOIN ${above} k ON k.id = c.id
  ), left_out AS (
    SELECT c.id, array_agg(m.member) AS members FROM carried_below c
      JOIN ${membersOfFigures} AS m (figure, member) ON m.figure = c.figure GROUP BY c.id
  ), counted AS (
    SELECT s.proposal_id, CASE WHEN o.members IS NULL THEN s.amounts ELSE s.amounts - o.members END AS amounts
      FROM ${shown} s LEFT JOIN left_out o ON o.id = s.proposal_id
  ), beside AS (
    SELECT s.proposal_id, m.member FROM left_out o JOIN ${shown} s ON s.proposal_id = o.id
      CROSS JOIN LATERAL unnest(o.members) AS m(member) WHERE s.amounts -> m.member <> '{}'
  )`
}

/**
 * The same for proposals that change along numbered places: tables of a recursive statement. Here, parts carry a figure over ranges of
 * places, and it is left out over those ranges.
 *
 * `amounts`: what counts, and over which places: key, name (the currency; empty for a plain number), value, lo, hi.
 *
 * @param shown table of all proposals in question: proposal_id, parents, amounts, lo, hi
 * @param links table of the tree: id, parent, span
 * (a multirange of places), each pair once
 */
export function figureTablesAlong(shown: string, links: string): string {
  return `carried_below (id, figure, span) AS (
    SELECT b.id, f.figure, range_agg(b.span) FROM (
      SELECT id, carried, range_agg(int4range(lo, hi)) AS span
        FROM (SELECT unnest(parents) AS id, ${carriedBits} AS carried, lo, hi FROM ${shown}) s WHERE carried <> 0 GROUP BY id, carried) b
      JOIN ${bitsOfFigures} AS f (figure, bit) ON b.carried & f.bit <> 0 GROUP BY b.id, f.figure
    UNION
    SELECT k.parent, c.figure, c.span * k.span FROM carried_below c JOIN ${links} k ON k.id = c.id AND k.span && c.span
  ), left_out AS (
    SELECT c.id, m.member, range_agg(c.span) AS span FROM carried_below c
      JOIN ${membersOfFigures} AS m (figure, member) ON m.figure = c.figure GROUP BY c.id, m.member
  ), counted AS (
    SELECT part.key, part.value, lo, hi, 1 AS sign FROM ${shown} CROSS JOIN jsonb_each(amounts) AS part
    UNION ALL
    SELECT o.member, s.amounts -> o.member, lower(r), upper(r), -1 FROM left_out o
      JOIN ${shown} s ON s.proposal_id = o.id AND s.amounts ? o.member
      CROSS JOIN unnest(int4multirange(int4range(s.lo, s.hi)) * o.span) AS r
  ), amounts AS (
    SELECT counted.key, amount.key AS name, sum(sign * amount.value::numeric) AS value, lo, hi
      FROM counted CROSS JOIN jsonb_each_text(CASE jsonb_typeof(counted.value) WHEN 'object' THEN counted.value
        ELSE jsonb_build_object('', counted.value) END) AS amount
     GROUP BY counted.key, amount.key, lo, hi
  )`
}

/** Columns of a statement that has {@link figureTables}: {@link FigureSums}. */
export const figureColumns = `
  (SELECT json_agg(t) FROM (
    SELECT part.key AS what, amount.key AS currency, sum(amount.value::numeric)::text AS value
      FROM counted, jsonb_each(counted.amounts) AS part,
           jsonb_each_text(CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value ELSE '{}' END) AS amount
     GROUP BY part.key, amount.key) t) AS totals,
  (SELECT json_object_agg(key, count) FROM (
    SELECT name AS key, sum((counted.amounts ->> name)::int)::int AS count FROM counted, unnest('{${figureCounts.join(',')}}'::text[]) AS name
     WHERE counted.amounts ? name GROUP BY name) t) AS counts`

/** Programmes with money of their own that is in no total because their parts carry the same figure. */
export interface OwnMoneyBeside {
  readonly total: number
  /** The ids of the first of them, in order. */
  readonly proposals: readonly string[]
  /** The sums of all of them. */
  readonly money: BesideMoney
}

/** Sums that are in no total. */
type BesideMoney = Pick<TreeMoney, TotalName> & {
  readonly lapsed: Pick<TreeMoney['lapsed'], 'requested' | 'pledged'>
}

/** The most such programmes in one answer. */
export const ownMoneyListed = 100

/** The sums in the form in which the database returns them. */
export interface BesideSums {
  readonly beside: {
    readonly total: number
    readonly proposals: readonly string[]
    readonly totals: FigureSums['totals']
  }
}

/** The column of a statement that has {@link figureTables}, for {@link besideOf}. `shown` is the same table as there. */
export function besideColumn(shown: string): string {
  return `(SELECT json_build_object(
    'total', (SELECT count(DISTINCT proposal_id) FROM beside WHERE member IN (${sumNames})),
    'proposals', (SELECT coalesce(json_agg(proposal_id ORDER BY proposal_id), '[]') FROM (
      SELECT DISTINCT proposal_id FROM beside WHERE member IN (${sumNames}) ORDER BY proposal_id LIMIT ${ownMoneyListed}) t),
    'totals', (SELECT json_agg(t) FROM (
      SELECT b.member AS what, amount.key AS currency, sum(amount.value::numeric)::text AS value
        FROM beside b JOIN ${shown} s ON s.proposal_id = b.proposal_id,
             jsonb_each_text(CASE WHEN b.member IN (${sumNames}) THEN s.amounts -> b.member ELSE '{}' END) AS amount
       GROUP BY b.member, amount.key) t))) AS beside`
}

export function besideOf({ total, proposals, totals }: BesideSums['beside']): OwnMoneyBeside {
  const { lapsed, undisclosed: _undisclosed, inKind: _inKind, ...money } = moneyOf({ totals, counts: null })
  const { requested, pledged } = lapsed
  return { total, proposals, money: { ...money, lapsed: { requested, pledged } } }
}

export function moneyOf({ totals, counts }: FigureSums): TreeMoney {
  const of = (what: FigureSum) => totalOf((totals ?? []).filter((total) => total.what === what))
  const count = (what: FigureCount) => counts?.[what] ?? 0
  return {
    requested: of('requested'),
    pledged: of('pledged'),
    committed: of('committed'),
    disbursed: of('disbursed'),
    undisbursed: of('undisbursed'),
    undisclosed: { requested: count('undisclosedRequested'), committed: count('undisclosedCommitted') },
    lapsed: {
      requested: of('lapsedRequested'),
      pledged: of('lapsedPledged'),
      undisclosed: count('undisclosedLapsed'),
    },
    inKind: { items: count('inKindItems'), valued: of('inKindValued') },
  }
}
