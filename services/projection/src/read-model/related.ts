/**
 * What others say of a proposal: who is linked to it, which are its parts, and what the parts come to.
 *
 * All of it is looked up when it is read: `proposal_links` says who may be linked to it, and their labels
 * (`link:<relation>:<other>`) whether they are. Nothing of it is in the proposal's own row, so that an event changes the
 * one row of its proposal and no other.
 */
import { type Ending, type Kind, relations, type Stage, type Status, type Totals, totalOf } from '@commitments/domain'
import { CompiledQuery, sql } from 'kysely'
import type { Snapshot } from './snapshot.ts'

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

/** Where proposals are looked up, as parts of a statement: as they stand now, or as they stood at a moment. */
export interface LookUp {
  /**
   * Table of those that have one of the labels (an array of `link:<relation>:<other>`), which all name the same other
   * proposal: proposal_id, kind, stage, ending, labels, amounts. Without what is left out wherever proposals are shown
   * unasked: what was recorded by mistake, and what has no status.
   */
  readonly linked: (other: string, labels: string) => string
  /** The amounts of one of those. */
  readonly amountsOf: (proposalId: string) => string
}

/** As they stand now, in a statement that knows `live` (generation). */
const lookUpNow: LookUp = {
  linked: (other, labels) => `(SELECT s.proposal_id, s.kind, s.stage, s.ending, s.labels, s.amounts
    FROM live JOIN proposal_links k ON k.generation = live.generation AND k.other = ${other}
      JOIN proposal_status s ON s.generation = live.generation AND s.proposal_id = k.proposal_id
     WHERE s.labels && ${labels} AND s.state IS NOT NULL AND s.ending IS DISTINCT FROM 'void')`,
  amountsOf: (proposalId) => `(SELECT s.amounts FROM live JOIN proposal_status s
      ON s.generation = live.generation AND s.proposal_id = ${proposalId})`,
}

/**
 * Tables of a statement about the proposal `root`, $2 being all relations. The tree below it goes along child links; a
 * pair of parent and child is followed once, so that it ends whatever the links are.
 */
function relatedTables(root: string, { linked, amountsOf }: LookUp): string {
  return `edges AS (
    SELECT NULL::text COLLATE "C" AS above, ${root} COLLATE "C" AS id
    UNION
    SELECT e.id, c.proposal_id FROM edges e CROSS JOIN LATERAL ${linked('e.id', `ARRAY['link:child:' || e.id]`)} c
  ), leaves AS (
    SELECT DISTINCT e.id FROM edges e
     WHERE e.above IS NOT NULL AND NOT EXISTS (SELECT FROM edges b WHERE b.above = e.id)
  ), leaf_rows AS (
    SELECT s.amounts FROM leaves l CROSS JOIN LATERAL ${amountsOf('l.id')} s
  ), wanted AS (
    SELECT array_agg('link:' || relation || ':' || ${root}) AS labels FROM unnest($2::text[]) AS relation
  ), incoming AS (
    SELECT s.proposal_id, s.kind, s.stage, s.ending, split_part(l.label, ':', 2) AS relation
      FROM wanted CROSS JOIN LATERAL ${linked(root, 'wanted.labels')} s
      CROSS JOIN LATERAL unnest(s.labels) AS l(label) WHERE l.label = ANY(wanted.labels)
  ), numbered AS (
    SELECT *, row_number() OVER w AS number, count(*) OVER (PARTITION BY relation = 'child') AS total
      FROM incoming WINDOW w AS (PARTITION BY relation = 'child' ORDER BY proposal_id, relation)
  )`
}

/** The same of the proposal $1, for a statement about it alone. */
export const relatedTablesNow = relatedTables('$1::text', lookUpNow)

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

/** Programmes that have such money of their own as well as of their parts, and so are not counted whole. */
export interface OwnMoneyBeside {
  readonly total: number
  /** Their ids, in order: the first of them. */
  readonly proposals: readonly string[]
}

/** Longest list of those. */
export const ownMoneyListed = 100

/**
 * Tables of a recursive statement that knows `leaf_rows` (proposal_id, amounts), `links` (id, parent) and a table of all
 * that is shown (proposal_id, amounts): what sums there are above each leaf, and who has such sums of its own beside.
 */
export const ownMoneyTables = (shown: string) => `sums_above (id, what) AS (
    SELECT DISTINCT k.parent, part.key FROM leaf_rows l JOIN links k ON k.id = l.proposal_id
      CROSS JOIN LATERAL jsonb_each(l.amounts) AS part
     WHERE part.key IN (${programmeTotals.map((name) => `'${name}'`).join(', ')}) AND part.value <> '{}'
    UNION
    SELECT k.parent, a.what FROM sums_above a JOIN links k ON k.id = a.id
  ), own_money AS (
    SELECT DISTINCT s.proposal_id FROM sums_above a JOIN ${shown} s ON s.proposal_id = a.id WHERE s.amounts -> a.what <> '{}'
  )`

/** The column of that statement, an {@link OwnMoneyBeside}. */
export const ownMoneyColumn = `(SELECT json_build_object('total', count(*), 'proposals',
    coalesce((array_agg(proposal_id ORDER BY proposal_id))[1:${ownMoneyListed}], '{}')) FROM own_money) AS "ownMoneyBeside"`

/** Columns of a statement that knows {@link relatedTables}. */
export const relatedColumns = `
  (SELECT json_agg(json_build_object('relation', relation, 'proposalId', proposal_id, 'kind', kind, 'stage', stage,
      'ending', ending, 'total', total) ORDER BY proposal_id, relation)
     FROM numbered WHERE number <= ${namedAtMost}) AS links,
  (SELECT count(*)::int FROM leaves) AS leaves,
  ${leafSums}`

/**
 * What others say of each of these, in one statement; $1 are their ids.
 *
 * @param withs further tables of the statement, each followed by a comma.
 */
export function relatedOfMany(lookUp: LookUp, withs = ''): string {
  return `WITH ${withs} asked AS (SELECT DISTINCT id FROM unnest($1::text[]) AS id)
    SELECT asked.id AS "proposalId", x.* FROM asked CROSS JOIN LATERAL (
      WITH RECURSIVE ${relatedTables('asked.id', lookUp)} SELECT ${relatedColumns}) x`
}

const manyNow = relatedOfMany(lookUpNow, 'live AS (SELECT $3::integer AS generation),')

/** What others say of proposals as they stand now; of most nobody says anything, and they are not in the answer. */
export async function readRelated(
  { db, generation }: Snapshot,
  proposalIds: readonly string[],
): Promise<ReadonlyMap<string, RelatedRow>> {
  const { rows: linked } = await sql<{ other: string }>`SELECT DISTINCT other FROM proposal_links
    WHERE generation = ${generation} AND other = ANY(${proposalIds}::text[])`.execute(db)
  if (linked.length === 0) return new Map()
  const values = [linked.map(({ other }) => other), relations, generation]
  return byProposal((await db.executeQuery<Found>(CompiledQuery.raw(manyNow, values))).rows)
}

/** A row of {@link relatedOfMany}. */
export type Found = RelatedRow & { readonly proposalId: string }

export function byProposal(rows: readonly Found[]): ReadonlyMap<string, RelatedRow> {
  return new Map(rows.map((row) => [row.proposalId, row]))
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
