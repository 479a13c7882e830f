/** The filters as conditions of a statement: of the statuses as they are now, or of the past as it was at a point in time. */
import { type Condition as ConditionName, instantOf, type SearchWord, searchWords } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { label } from '../status/row.ts'
import type { Filters } from './filters.ts'
import { allOf } from './question.ts'
import { conditionOn, type Source } from './source.ts'

/** What a proposal must be. */
export interface Conditions {
  /** On its row `p`. */
  readonly standing: readonly Condition[]
  /** Whether one of those was asked for, and is not only what is left out unasked. */
  readonly narrowed: boolean
  /** On the same; the planner cannot estimate how many they let through. */
  readonly onTheDay: readonly Condition[]
  /** Whether there is one of those below. */
  readonly facets: boolean
  /** On the table that has its labels, by the name that this has in a query: an index leads there. */
  readonly labels: (alias: string) => readonly Condition[]
  /** On the same: each row has to be looked at. */
  readonly text: (alias: string) => readonly Condition[]
}

type Condition = RawBuilder<unknown>

/**
 * The filters as conditions. Proposals recorded by mistake are left out unless they are asked for.
 *
 * @param since at a point in time the first position that counts for `updatedSince`; null where that is not asked for.
 */
export function conditionsOf(filters: Filters, source: Source, since: number | null = null): Conditions {
  const { q } = filters
  const { row, labels: named } = source.at === null ? standingByLabels(filters) : standingByColumns(filters)
  const standing = [...row, ...updated(filters, source, since)]
  const labels = [...named, ...facetLabels(filters)]
  return {
    standing,
    narrowed: standing.length > 1 || filters.ending !== undefined,
    onTheDay: onTheDay(filters, source),
    facets: labels.length > 0 || q !== undefined,
    labels: (alias) => labels.map((some) => sql`${sql.ref(`${alias}.labels`)} && ${some}::text[]`),
    text: (alias) => (q === undefined ? [] : searched(q, source, alias)),
  }
}

interface Standing {
  readonly row: readonly Condition[]
  readonly labels: readonly string[][]
}

/** Of what holds now, all is among the labels, which have an index. */
function standingByLabels({ stage, ending, kind }: Filters): Standing {
  return {
    row: ending === undefined ? [sql`p.ending IS DISTINCT FROM 'void'`] : [],
    labels: asked(stage?.map(label.stage), ending?.map(label.ending), kind?.map(label.kind)),
  }
}

/** Of what held, stage and ending are at each rectangle, with an index, and labels only what they have in common. */
function standingByColumns({ stage, ending, kind, condition }: Filters): Standing {
  const row = [endingIs(ending)]
  if (stage !== undefined) row.push(sql`p.stage = ANY(${stage}::text[])`)
  const [only, ...others] = condition ?? []
  const one = others.length === 0 ? only : undefined
  if (one !== undefined) row.push(...(implied[one] ?? []))
  return { row, labels: asked(kind?.map(label.kind), one === 'suspended' ? [label.suspended(true)] : undefined) }
}

/** By the column itself where no other is asked for: so an index leads there. */
function endingIs(ending: Filters['ending']): Condition {
  if (ending === undefined) return sql`p.ending IS DISTINCT FROM 'void'`
  const named = ending.filter((name) => name !== 'none')
  if (named.length === 0) return sql`p.ending IS NULL`
  if (named.length === ending.length) return sql`p.ending = ANY(${named}::text[])`
  return sql`(p.ending IS NULL OR p.ending = ANY(${named}::text[]))`
}

/** What has to hold for a condition on whatever day, where an index knows it. */
const implied: Readonly<Partial<Record<ConditionName, readonly Condition[]>>> = {
  done: [sql`p.stage IN ('delivered', 'closed')`],
  ended: [sql`p.ending IS NOT NULL`],
  'at-risk': [sql`p.conditions @> '{at-risk}'`],
}

/** Of each list of labels, a proposal must have one. */
function facetLabels(filters: Filters): string[][] {
  const { field, parent, suspended, formerParty } = filters
  return asked(
    field?.map(label.field),
    parent === undefined ? undefined : [label.link('child', parent)],
    suspended === undefined ? undefined : [label.suspended(suspended === 'true')],
    formerParty?.map(label.formerParty),
    ...partyLabels(filters),
  )
}

function asked(...lists: (string[] | undefined)[]): string[][] {
  return lists.filter((list) => list !== undefined)
}

/** With a role, a party or a country means: this party, or one of this country, in this role. */
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

/** Of what was known then. */
function updated({ updatedSince }: Filters, { at }: Source, since: number | null): Condition[] {
  if (updatedSince === undefined) return []
  if (at === null) return [sql`p.updated_at >= ${instantOf(updatedSince)}::timestamptz`]
  return [
    sql`EXISTS (SELECT FROM events u WHERE u.proposal_id = p.proposal_id
      AND u.position BETWEEN ${since}::bigint AND ${at.known}::bigint)`,
  ]
}

/** Of what holds now, what is searched has a table of its own. */
function searched(q: string, { at, snapshot }: Source, alias: string): Condition[] {
  const on = (table: string) => searchWords(q).flatMap((word) => found(sql.ref(`${table}.search`), word))
  if (at !== null) return on(alias)
  return [
    sql`${sql.ref(`${alias}.proposal_id`)} IN (SELECT x.proposal_id FROM proposal_search x
      WHERE ${allOf([sql`x.generation = ${sql.lit(snapshot.generation)}`, ...on('x')])})`,
  ]
}

/** As `isFound` of the domain. What has no marks an index may know; what has them is looked at in the rows that are left. */
function found(search: Condition, { bare, pattern }: SearchWord): Condition[] {
  const anyOf = bare.map((text) => sql`${search} LIKE ${`%${escapeLike(text)}%`}`)
  return [sql`(${sql.join(anyOf, sql` OR `)})`, ...(pattern === null ? [] : [sql`${search} ~ ${pattern}`])]
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
