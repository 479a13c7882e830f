/**
 * What others say of a proposal: who is linked to it, which are its parts, and what the parts come to.
 *
 * All of it is looked up when it is read: `proposal_links` says who may be linked to it, and their labels
 * (`link:<relation>:<other>`) whether they are. Nothing of it is in the proposal's own row, so that an event changes the
 * one row of its proposal and no other.
 */
import { type Ending, type Kind, relations, type Stage, type Status, type Totals, totalOf } from '@commitments/domain'
import { label } from '../projector/row.ts'

/** A proposal that is the `relation` of the one that is looked at. */
export interface RelatedProposal {
  readonly relation: (typeof relations)[number]
  readonly proposalId: string
  readonly kind: Kind
  readonly stage: Stage
  readonly ending: Ending | null
}

export const programmeTotals = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const
type TotalName = (typeof programmeTotals)[number]

/** What the leaves of a tree come to, by currency. */
export interface LeafMoney extends Readonly<Record<TotalName, Totals>> {
  readonly undisclosed: { readonly requested: number; readonly committed: number }
  /** Never added to money. */
  readonly inKind: { readonly items: number; readonly valued: Totals }
}

/** What the parts of a proposal come to. */
export interface Programme {
  /** Leaves of the tree below it, each once, by however many ways it is reached. */
  readonly leaves: number
  readonly money: LeafMoney
  /** Of which of these it has amounts of its own beside those of its parts: they are not in the totals. */
  readonly ownMoneyBeside: readonly TotalName[]
}

/** The proposal's own money, to be compared with that of its parts. */
export type OwnMoney = Readonly<Record<TotalName, Status['money']['committed']>>

export interface Related {
  /** Direct parts, the first of them by id. */
  readonly children: readonly Omit<RelatedProposal, 'relation'>[]
  readonly childrenTotal: number
  readonly linkedFrom: readonly RelatedProposal[]
  readonly linkedFromTotal: number
  readonly programme: Programme | null
}

/** As the database gives them. */
export interface LeafSums {
  readonly totals: readonly { readonly what: string; readonly currency: string; readonly value: string }[] | null
  readonly counts: { readonly requested: number; readonly committed: number; readonly items: number } | null
}

export interface RelatedRow extends LeafSums {
  readonly links: readonly (RelatedProposal & { readonly total: number })[] | null
  readonly leaves: number
}

/** Most of each that are named; the rest is in lists (`parent=`). */
export const namedAtMost = 500

/** Left out wherever proposals are shown unasked: what was recorded by mistake, and what has no status. */
const shown = (row: string) => `${row}.state IS NOT NULL AND ${row}.ending IS DISTINCT FROM 'void'`

/**
 * Parts of a statement that knows `live` (generation) and the id as $1. The tree below it goes along child links; a
 * pair of parent and child is followed once, so that it ends whatever the links are.
 */
export const relatedTables = `edges AS (
    SELECT NULL::text COLLATE "C" AS above, $1::text COLLATE "C" AS id
    UNION
    SELECT e.id, c.proposal_id FROM edges e CROSS JOIN live
      JOIN proposal_links k ON k.generation = live.generation AND k.other = e.id
      JOIN proposal_status c ON c.generation = live.generation AND c.proposal_id = k.proposal_id
       AND 'link:child:' || e.id = ANY(c.labels) AND ${shown('c')}
  ), leaves AS (
    SELECT DISTINCT e.id FROM edges e
     WHERE e.above IS NOT NULL AND NOT EXISTS (SELECT FROM edges b WHERE b.above = e.id)
  ), leaf_rows AS (
    SELECT s.amounts FROM leaves l CROSS JOIN live JOIN proposal_status s
      ON s.generation = live.generation AND s.proposal_id = l.id
  ), incoming AS (
    SELECT s.proposal_id, s.kind, s.stage, s.ending, split_part(l.label, ':', 2) AS relation
      FROM live JOIN proposal_links k ON k.generation = live.generation AND k.other = $1
      JOIN proposal_status s ON s.generation = live.generation AND s.proposal_id = k.proposal_id AND ${shown('s')}
      CROSS JOIN LATERAL unnest(s.labels) AS l(label) WHERE l.label = ANY($2)
  ), numbered AS (
    SELECT *, row_number() OVER w AS number, count(*) OVER (PARTITION BY relation = 'child') AS total
      FROM incoming WINDOW w AS (PARTITION BY relation = 'child' ORDER BY proposal_id, relation)
  )`

/** Columns of a statement that knows `leaf_rows`, the amounts of the leaves. */
export const leafSums = `
  (SELECT json_agg(t) FROM (
    SELECT part.key AS what, amount.key AS currency, sum(amount.value::numeric)::text AS value
      FROM leaf_rows, jsonb_each(leaf_rows.amounts - '{undisclosed,inKind}'::text[]
             || jsonb_build_object('inKind', coalesce(leaf_rows.amounts #> '{inKind,valued}', '{}'))) AS part,
           jsonb_each_text(part.value) AS amount GROUP BY part.key, amount.key) t) AS totals,
  (SELECT json_build_object('requested', coalesce(sum((amounts #>> '{undisclosed,requested}')::int), 0),
      'committed', coalesce(sum((amounts #>> '{undisclosed,committed}')::int), 0),
      'items', coalesce(sum((amounts #>> '{inKind,items}')::int), 0)) FROM leaf_rows) AS counts`

/** Columns of the same statement. */
export const relatedColumns = `
  (SELECT json_agg(json_build_object('relation', relation, 'proposalId', proposal_id, 'kind', kind, 'stage', stage,
      'ending', ending, 'total', total) ORDER BY proposal_id, relation)
     FROM numbered WHERE number <= ${namedAtMost}) AS links,
  (SELECT count(*)::int FROM leaves) AS leaves,
  ${leafSums}`

/** The labels of all who are linked to a proposal: $2 of that statement. */
export function incomingLabels(proposalId: string): string[] {
  return relations.map((relation) => label.link(relation, proposalId))
}

export function relatedOf(row: RelatedRow, own: OwnMoney): Related {
  const links = row.links ?? []
  const children = links.filter(({ relation }) => relation === 'child')
  const others = links.filter(({ relation }) => relation !== 'child')
  return {
    children: children.map(({ relation: _child, total: _total, ...child }) => child),
    childrenTotal: children[0]?.total ?? 0,
    linkedFrom: others.map(({ total: _total, ...other }) => other),
    linkedFromTotal: others[0]?.total ?? 0,
    programme: row.leaves === 0 ? null : programmeOf(row, own),
  }
}

/** Of a proposal that nobody ever linked to. */
export const unrelated: RelatedRow = { links: null, leaves: 0, totals: null, counts: null }

/** Whether a proposal stands alone: then only its own events, and links that begin, change its answer. */
export function standsAlone({ links, leaves }: RelatedRow): boolean {
  return links === null && leaves === 0
}

function programmeOf(row: RelatedRow, own: OwnMoney): Programme {
  const money = moneyOf(row)
  const ownMoneyBeside = programmeTotals.filter((name) => !isEmpty(own[name]) && !isEmpty(money[name]))
  return { leaves: row.leaves, money, ownMoneyBeside }
}

export function moneyOf({ totals, counts }: LeafSums): LeafMoney {
  const of = (what: string) => totalOf((totals ?? []).filter((total) => total.what === what))
  const { requested = 0, committed = 0, items = 0 } = counts ?? {}
  return {
    requested: of('requested'),
    pledged: of('pledged'),
    committed: of('committed'),
    disbursed: of('disbursed'),
    undisbursed: of('undisbursed'),
    undisclosed: { requested, committed },
    inKind: { items, valued: of('inKind') },
  }
}

function isEmpty(totals: object): boolean {
  return Object.keys(totals).length === 0
}
