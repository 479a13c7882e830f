/**
 * What others say of a proposal: who is linked to it, which are its parts, and what the parts come to.
 *
 * All of it is looked up when it is read: `proposal_links` says who may be linked to it, and their labels
 * (`link:<relation>:<other>`) whether they are. Nothing of it is in the proposal's own row, so that an event changes the
 * one row of its proposal and no other.
 */
import { type Ending, type Kind, relations, type Stage } from '@commitments/domain'
import { type FigureSums, figureColumns, figureTables, moneyOf, programmeTotals, type TreeMoney } from './tree-money.ts'

/** A proposal that is the `relation` of the one that is looked at. */
interface RelatedProposal {
  readonly relation: (typeof relations)[number]
  readonly proposalId: string
  readonly kind: Kind
  readonly stage: Stage
  readonly ending: Ending | null
}

/** Which amounts of a programme's own are not in the totals, because parts of it have the like. */
export const besideNames = [...programmeTotals, 'lapsed'] as const
type BesideName = (typeof besideNames)[number]

/** What a proposal and its parts come to. */
interface Programme {
  /** Leaves of the tree below it, each once, by however many ways it is reached. */
  readonly leaves: number
  readonly money: TreeMoney
  /** Of which of these it has amounts of its own beside those of its parts: they are not in the totals. */
  readonly ownMoneyBeside: readonly BesideName[]
}

export interface Related {
  /** Direct parts, the first of them by id. */
  readonly children: readonly Omit<RelatedProposal, 'relation'>[]
  readonly childrenTotal: number
  readonly linkedFrom: readonly RelatedProposal[]
  readonly linkedFromTotal: number
  readonly programme: Programme | null
}

export interface RelatedRow extends FigureSums {
  readonly links: readonly (RelatedProposal & { readonly total: number })[] | null
  readonly leaves: number
  /** Sums of its own that are beside the totals. */
  readonly beside: readonly string[] | null
}

/** Most of each that are named; the rest is in lists (`parent=`). */
export const namedAtMost = 500

/** Where proposals are looked up, as parts of a statement: as they stand now, or as they stood at a point in time. */
export interface LookUp {
  /**
   * Table of those that have one of the labels (an array of `link:<relation>:<other>`), which all name the same other
   * proposal: proposal_id, kind, stage, ending, labels, amounts. Without what has no status.
   */
  readonly linked: (other: string, labels: string) => string
  /** The amounts of one of those. */
  readonly amountsOf: (proposalId: string) => string
}

/** As they stand now, in a statement that knows `live` (generation). */
export const lookUpNow: LookUp = {
  linked: (other, labels) => `(SELECT s.proposal_id, s.kind, s.stage, s.ending, s.labels, s.amounts
    FROM live JOIN proposal_links k ON k.generation = live.generation AND k.other = ${other}
      JOIN proposal_status s ON s.generation = live.generation AND s.proposal_id = k.proposal_id
     WHERE s.labels && ${labels} AND s.state IS NOT NULL)`,
  amountsOf: (proposalId) => `(SELECT s.amounts FROM live JOIN proposal_status s
      ON s.generation = live.generation AND s.proposal_id = ${proposalId})`,
}

/**
 * Tables of a statement about the proposal `root`, $2 being all relations. The tree below it goes along child links; a
 * pair of parent and child is followed once, so that it ends whatever the links are. What was recorded by mistake is no
 * part and is shown nowhere, but the parts of it are parts of what is above it: their money must not count twice.
 */
function relatedTables(root: string, { linked, amountsOf }: LookUp): string {
  return `edges AS (
    SELECT NULL::text COLLATE "C" AS above, ${root} COLLATE "C" AS id, false AS mistake
    UNION
    SELECT CASE WHEN e.mistake THEN e.above ELSE e.id END, c.proposal_id, c.ending IS NOT DISTINCT FROM 'void'
      FROM edges e CROSS JOIN LATERAL ${linked('e.id', `ARRAY['link:child:' || e.id]`)} c
  ), parents AS MATERIALIZED (
    SELECT DISTINCT id, above AS parent FROM edges WHERE above IS NOT NULL AND NOT mistake
  ), leaves AS (
    SELECT DISTINCT p.id FROM parents p WHERE NOT EXISTS (SELECT FROM parents b WHERE b.parent = p.id)
  ), tree AS MATERIALIZED (
    SELECT t.id AS proposal_id, s.amounts FROM (SELECT DISTINCT id FROM edges WHERE NOT mistake) t
      CROSS JOIN LATERAL ${amountsOf('t.id')} s
  ), ${figureTables('tree', 'parents')}, wanted AS (
    SELECT array_agg('link:' || relation || ':' || ${root}) AS labels FROM unnest($2::text[]) AS relation
  ), incoming AS (
    SELECT s.proposal_id, s.kind, s.stage, s.ending, split_part(l.label, ':', 2) AS relation
      FROM wanted CROSS JOIN LATERAL ${linked(root, 'wanted.labels')} s
      CROSS JOIN LATERAL unnest(s.labels) AS l(label)
     WHERE l.label = ANY(wanted.labels) AND s.ending IS DISTINCT FROM 'void'
  ), numbered AS (
    SELECT *, row_number() OVER w AS number, count(*) OVER (PARTITION BY relation = 'child') AS total
      FROM incoming WINDOW w AS (PARTITION BY relation = 'child' ORDER BY proposal_id, relation)
  )`
}

/** The same of the proposal $1, for a statement about it alone. */
export const relatedTablesNow = relatedTables('$1::text', lookUpNow)

/** Columns of a statement that knows {@link relatedTables} of `root`. */
function relatedColumns(root: string): string {
  return `
  (SELECT json_agg(json_build_object('relation', relation, 'proposalId', proposal_id, 'kind', kind, 'stage', stage,
      'ending', ending, 'total', total) ORDER BY proposal_id, relation)
     FROM numbered WHERE number <= ${namedAtMost}) AS links,
  (SELECT count(*)::int FROM leaves) AS leaves,
  (SELECT json_agg(member) FROM beside WHERE proposal_id = ${root}) AS beside,
  ${figureColumns}`
}

/** The same of the proposal $1, for a statement about it alone. */
export const relatedColumnsNow = relatedColumns('$1::text')

/**
 * What others say of each of these, in one statement; $1 are their ids.
 *
 * @param withs further tables of the statement, each followed by a comma.
 */
export function relatedOfMany(lookUp: LookUp, withs = ''): string {
  return `WITH ${withs} asked AS (SELECT DISTINCT id FROM unnest($1::text[]) AS id)
    SELECT asked.id AS "proposalId", x.* FROM asked CROSS JOIN LATERAL (
      WITH RECURSIVE ${relatedTables('asked.id', lookUp)} SELECT ${relatedColumns('asked.id')}) x`
}

export function relatedOf(row: RelatedRow): Related {
  const links = row.links ?? []
  const children = links.filter(({ relation }) => relation === 'child')
  const others = links.filter(({ relation }) => relation !== 'child')
  return {
    children: children.map(({ relation: _child, total: _total, ...child }) => child),
    childrenTotal: children[0]?.total ?? 0,
    linkedFrom: others.map(({ total: _total, ...other }) => other),
    linkedFromTotal: others[0]?.total ?? 0,
    programme: row.leaves === 0 ? null : programmeOf(row),
  }
}

/** The same of one of many: where there is no row of it, nobody says anything. */
export function relatedIn(rows: ReadonlyMap<string, RelatedRow>, proposalId: string): Related {
  return relatedOf(rows.get(proposalId) ?? unrelated)
}

/** Of a proposal that nobody ever linked to. */
export const unrelated: RelatedRow = { links: null, leaves: 0, beside: null, totals: null, counts: null }

/** Whether a proposal stands alone: then only its own events, and links that begin, change its answer. */
export function standsAlone({ links, leaves }: RelatedRow): boolean {
  return links === null && leaves === 0
}

function programmeOf(row: RelatedRow): Programme {
  const beside = new Set(row.beside)
  const isBeside = (name: BesideName) =>
    name === 'lapsed' ? beside.has('lapsedRequested') || beside.has('lapsedPledged') : beside.has(name)
  return { leaves: row.leaves, money: moneyOf(row), ownMoneyBeside: besideNames.filter(isBeside) }
}
