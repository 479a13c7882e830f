/**
 * What others say about a proposal: the proposals that are linked to it, its parts, and the totals of the parts.
 *
 * All of this is looked up at each read. `proposal_links` says which proposals may be linked to it, and their labels
 * (`link:<relation>:<other>`) say whether they are. None of it is in the proposal's own row, so an event changes only the row of its own
 * proposal.
 */
import { type Ending, type Kind, relations, type Stage } from '@commitments/domain'
import { type FigureSums, figureColumns, figureTables, moneyOf, programmeTotals, type TreeMoney } from './tree-money.ts'

/** A proposal that is the `relation` of the requested one. */
interface RelatedProposal {
  readonly relation: (typeof relations)[number]
  readonly proposalId: string
  readonly kind: Kind
  readonly stage: Stage
  readonly ending: Ending | null
}

/** The amounts of a programme's own that are not in the totals because its parts have the same figure. */
export const besideNames = [...programmeTotals, 'lapsed'] as const
type BesideName = (typeof besideNames)[number]

/** The totals of a proposal and its parts. */
interface Programme {
  /** Leaves of the tree below it, each counted once, however many paths lead to it. */
  readonly leaves: number
  readonly money: TreeMoney
  /** Figures of its own amounts that are in no total, because its parts carry them. */
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
  /** Its own sums that are in no total. */
  readonly beside: readonly string[] | null
}

/** At most so many of each are named; lists have the rest (`parent=`). */
export const namedAtMost = 500

/** Where proposals are looked up, as parts of a statement: as they are now, or as they were at a point in time. */
export interface LookUp {
  /**
   * A table of the proposals that have one of the labels (an array of `link:<relation>:<other>`), which all name the same other proposal:
   * proposal_id, kind, stage, ending, labels, amounts. Proposals without a status are left out.
   */
  readonly linked: (other: string, labels: string) => string
  /** The amounts of one of those proposals. */
  readonly amountsOf: (proposalId: string) => string
}

/** As they are now, in a statement that has `live` (generation). */
export const lookUpNow: LookUp = {
  linked: (other, labels) => `(SELECT s.proposal_id, s.kind, s.stage, s.ending, s.labels, s.amounts
    FROM live JOIN proposal_links k ON k.generation = live.generation AND k.other = ${other}
      CROSS JOIN LATERAL (SELECT s.* FROM proposal_status s
        WHERE s.generation = live.generation AND s.proposal_id = k.proposal_id OFFSET 0) s
     WHERE s.labels && ${labels} AND s.state IS NOT NULL)`,
  amountsOf: (proposalId) => `(SELECT s.amounts FROM live JOIN proposal_status s
      ON s.generation = live.generation AND s.proposal_id = ${proposalId} OFFSET 0)`,
}

/**
 * Tables of a statement about the proposal `root`; $2 is all relations. The tree below it follows child links. Each pair of parent and
 * child is followed once, so the recursion ends whatever the links are. A void proposal is not a part and is not shown, but its parts count
 * as parts of the proposal above it; their money must not count twice.
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
  ), parts AS (
    SELECT k.parent, s.amounts FROM parents k JOIN tree s ON s.proposal_id = k.id
  ), ${figureTables('tree', 'parts', 'parents')}, wanted AS (
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

/** The same for the proposal $1, in a statement about it alone. */
export const relatedTablesNow = relatedTables('$1::text', lookUpNow)

/** Columns of a statement that has the {@link relatedTables} of `root`. */
function relatedColumns(root: string): string {
  return `
  (SELECT json_agg(json_build_object('relation', relation, 'proposalId', proposal_id, 'kind', kind, 'stage', stage,
      'ending', ending, 'total', total) ORDER BY proposal_id, relation)
     FROM numbered WHERE number <= ${namedAtMost}) AS links,
  (SELECT count(*)::int FROM leaves) AS leaves,
  (SELECT json_agg(member) FROM beside WHERE proposal_id = ${root}) AS beside,
  ${figureColumns}`
}

/** The same for the proposal $1, in a statement about it alone. */
export const relatedColumnsNow = relatedColumns('$1::text')

/**
 * What others say about each of these proposals, in one statement; $1 is their ids.
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

/** The same for one of many. If it has no row, nobody says anything about it. */
export function relatedIn(rows: ReadonlyMap<string, RelatedRow>, proposalId: string): Related {
  return relatedOf(rows.get(proposalId) ?? unrelated)
}

/** For a proposal that nothing was ever linked to. */
export const unrelated: RelatedRow = { links: null, leaves: 0, beside: null, totals: null, counts: null }

/** Whether a proposal stands alone. Then only its own events, and new links to it, change its answer. */
export function standsAlone({ links, leaves }: RelatedRow): boolean {
  return links === null && leaves === 0
}

function programmeOf(row: RelatedRow): Programme {
  const beside = new Set(row.beside)
  const isBeside = (name: BesideName) =>
    name === 'lapsed' ? beside.has('lapsedRequested') || beside.has('lapsedPledged') : beside.has(name)
  return { leaves: row.leaves, money: moneyOf(row), ownMoneyBeside: besideNames.filter(isBeside) }
}
