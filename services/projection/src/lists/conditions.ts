/** The filters as SQL conditions: on the statuses as they are now, or on the past at a point in time. */
import {
  type Condition as ConditionName,
  instantOf,
  isFound,
  nameInForce,
  type Renaming,
  type SearchWord,
  searchOf,
  searchWords,
} from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { firstRecordedFrom } from '../past/point-in-time.ts'
import { label } from '../status/row.ts'
import { type Filters, noParent } from './filters.ts'
import { allOf } from './question.ts'
import { readRenamings } from './renamings.ts'
import { conditionOn, type Source } from './source.ts'

/** What a proposal must match. */
export interface Conditions {
  /** Conditions on its row `p`. */
  readonly standing: readonly Condition[]
  /** Whether a filter asks for one of those; otherwise they only exclude what is left out by default. */
  readonly narrowed: boolean
  /** Conditions on the same row whose selectivity the planner cannot estimate. */
  readonly onTheDay: readonly Condition[]
  /** Whether there are conditions on labels or texts. */
  readonly facets: boolean
  /** Conditions on the table that has its labels, by that table's alias: an index serves them. */
  readonly labels: (alias: string) => readonly Condition[]
  /** Conditions on the same table that must look at each row. */
  readonly text: (alias: string) => readonly Condition[]
}

type Condition = RawBuilder<unknown>

/** The filters as conditions. Proposals recorded by mistake are left out unless they are asked for. */
export async function conditionsOf(filters: Filters, source: Source): Promise<Conditions> {
  const { q } = filters
  const { row, labels: named } = source.at === null ? standingByLabels(filters) : standingByColumns(filters)
  const standing = [
    ...row,
    ...inTree(filters, source),
    ...(await updated(filters, source)),
    ...(await whole(filters, source)),
  ]
  const labels = [...named, ...facetLabels(filters)]
  const renamings = q === undefined ? [] : await readRenamings(source)
  return {
    standing,
    narrowed: standing.length > 1 || filters.ending !== undefined,
    onTheDay: onTheDay(filters, source),
    facets: labels.length > 0 || q !== undefined,
    labels: (alias) => labels.map((some) => sql`${sql.ref(`${alias}.labels`)} && ${some}::text[]`),
    text: (alias) => (q === undefined ? [] : searched(q, { source, renamings, alias })),
  }
}

export interface Matching {
  /** Tables of a statement, whose rows are called `p`, with facets if they were requested. */
  readonly from: Condition
  /** The conditions that exactly the matching rows fulfil. */
  readonly where: readonly Condition[]
}

/** The proposals that match the filters, in one statement: the same rows for a list, its length, and every figure of a portfolio. */
export function matching(source: Source, conditions: Conditions, withFacets = false): Matching {
  const { standing, onTheDay, facets, labels, text } = conditions
  const alias = source.at === null ? 'p' : 'f'
  return {
    from: facets || withFacets ? source.faceted : source.table,
    where: [source.there, ...labels(alias), ...standing, ...onTheDay, ...text(alias)],
  }
}

interface Standing {
  readonly row: readonly Condition[]
  readonly labels: readonly string[][]
}

/** For statuses of now, all of these are among the labels, which have an index. */
function standingByLabels({ stage, ending, kind }: Filters): Standing {
  return {
    row: ending === undefined ? [sql`p.ending IS DISTINCT FROM 'void'`] : [],
    labels: asked(stage?.map(label.stage), ending?.map(label.ending), kind?.map(label.kind)),
  }
}

/** For the past, stage and ending are columns of each rectangle, with an index; the labels hold only what the rectangles share. */
function standingByColumns({ stage, ending, kind, condition }: Filters): Standing {
  const row = [endingIs(ending)]
  if (stage !== undefined) row.push(sql`p.stage = ANY(${stage}::text[])`)
  const [only, ...others] = condition ?? []
  const one = others.length === 0 ? only : undefined
  if (one !== undefined) row.push(...(implied[one] ?? []))
  return { row, labels: asked(kind?.map(label.kind), one === 'suspended' ? [label.suspended(true)] : undefined) }
}

/** Compares the column itself if only one ending is requested, so that an index is used. */
function endingIs(ending: Filters['ending']): Condition {
  if (ending === undefined) return sql`p.ending IS DISTINCT FROM 'void'`
  const named = ending.filter((name) => name !== 'none')
  if (named.length === 0) return sql`p.ending IS NULL`
  if (named.length === ending.length) return sql`p.ending = ANY(${named}::text[])`
  return sql`(p.ending IS NULL OR p.ending = ANY(${named}::text[]))`
}

/** Conditions that an index knows and that must hold for a condition on any day. */
const implied: Readonly<Partial<Record<ConditionName, readonly Condition[]>>> = {
  done: [sql`p.stage IN ('delivered', 'closed')`],
  ended: [sql`p.ending IS NOT NULL`],
  'at-risk': [sql`p.conditions @> '{at-risk}'`],
}

/** A proposal must have one label of each list. */
function facetLabels(filters: Filters): string[][] {
  const { field, parent, suspended, contested, formerParty } = filters
  return asked(
    field?.map(label.field),
    parent === undefined || parent === noParent ? undefined : [label.link('child', parent)],
    suspended === undefined ? undefined : [label.suspended(suspended === 'true')],
    contested === undefined ? undefined : [label.contested(contested === 'true')],
    formerParty?.map(label.formerParty),
    ...partyLabels(filters),
  )
}

function asked(...lists: (string[] | undefined)[]): string[][] {
  return lists.filter((list) => list !== undefined)
}

/** With a role, a party means this party in this role, and a country means a party of this country in this role. */
function partyLabels({ party, country, role }: Filters): (string[] | undefined)[] {
  if (role === undefined) return [party?.map(label.party), country?.map(label.country)]
  if (party === undefined && country === undefined) return [role.map(label.role)]
  return [
    party?.flatMap((one) => role.map((of) => label.partyInRole(one, of))),
    country?.flatMap((one) => role.map((of) => label.countryInRole(one, of))),
  ]
}

function onTheDay({ condition }: Filters, { day }: Source): Condition[] {
  return condition === undefined ? [] : [sql`${conditionOn(day)} = ANY(${condition}::text[])`]
}

function inTree({ ids, parent }: Filters, { isPart }: Source): Condition[] {
  return [
    ...(ids === undefined ? [] : [sql`p.proposal_id = ANY(${ids}::text[])`]),
    ...(parent === noParent ? [sql`NOT (${isPart})`] : []),
  ]
}

/** The proposals with parts are read beforehand: there are few, and finding them needs all parts. */
async function whole({ hasParts }: Filters, { snapshot, table, there, isPart, parents }: Source): Promise<Condition[]> {
  if (hasParts === undefined) return []
  const { rows } = await sql<{ id: string }>`SELECT DISTINCT unnest(${parents}) AS id FROM ${table}
    WHERE ${there} AND ${isPart} AND p.ending IS DISTINCT FROM 'void'`.execute(snapshot.db)
  const wholes = rows.map(({ id }) => id)
  return [
    hasParts === 'true' ? sql`p.proposal_id = ANY(${wholes}::text[])` : sql`p.proposal_id <> ALL(${wholes}::text[])`,
  ]
}

/** At a point in time, only what was known then counts. */
async function updated({ updatedSince }: Filters, { snapshot, at }: Source): Promise<Condition[]> {
  if (updatedSince === undefined) return []
  const instant = instantOf(updatedSince) as string
  if (at === null) return [sql`p.updated_at >= ${instant}::timestamptz`]
  const since = await firstRecordedFrom(snapshot, instant, at.known)
  return [
    sql`EXISTS (SELECT FROM events u WHERE u.proposal_id = p.proposal_id
      AND u.position BETWEEN ${since}::bigint AND ${at.known}::bigint)`,
  ]
}

interface Searching {
  readonly source: Source
  readonly renamings: readonly Renaming[]
  /** Alias of the table that has the labels, and for the past also the texts. */
  readonly alias: string
}

/** Each word must be in the texts that the proposal recorded, or in the name in force of one of its parties. */
function searched(q: string, { source, renamings, alias }: Searching): Condition[] {
  const words = searchWords(q)
  const named = words.map((word) => ({ word, parties: partiesNamed(word, renamings) }))
  const recorded = named.flatMap(({ word, parties }) => (parties.length === 0 ? [word] : []))
  return [
    ...(recorded.length === 0 ? [] : [inTexts(recorded, source, alias)]),
    ...named.flatMap(({ word, parties }) =>
      parties.length === 0 ? [] : [sql`(${inTexts([word], source, alias)} OR ${takesPart(parties, alias)})`],
    ),
  ]
}

function takesPart(parties: readonly string[], alias: string): Condition {
  return sql`${sql.ref(`${alias}.labels`)} && ${parties.map(label.party)}::text[]`
}

/** The parties whose name in force contains the word. */
function partiesNamed(word: SearchWord, renamings: readonly Renaming[]): string[] {
  const parties = [...new Set(renamings.map(({ party }) => party))]
  return parties.filter((party) => {
    const title = nameInForce({ party }, renamings)
    return isFound(searchOf({ proposalId: party, title, summary: null, parties: [], fields: [] }), [word])
  })
}

/** For statuses of now, search texts have their own table. */
function inTexts(words: readonly SearchWord[], { at, snapshot }: Source, alias: string): Condition {
  const on = (table: string) => words.flatMap((word) => found(sql.ref(`${table}.search`), word))
  if (at !== null) return allOf(on(alias))
  return sql`${sql.ref(`${alias}.proposal_id`)} IN (SELECT x.proposal_id FROM proposal_search x
    WHERE ${allOf([sql`x.generation = ${sql.lit(snapshot.generation)}`, ...on('x')])})`
}

/** The same as `isFound` of the domain. An index may find the word without marks; the marks are then checked in the rows found. */
function found(search: Condition, { bare, pattern }: SearchWord): Condition[] {
  const anyOf = bare.map((text) => sql`${search} LIKE ${`%${escapeLike(text)}%`}`)
  return [sql`(${sql.join(anyOf, sql` OR `)})`, ...(pattern === null ? [] : [sql`${search} ~ ${pattern}`])]
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
