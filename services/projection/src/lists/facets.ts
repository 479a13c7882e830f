/**
 * How many of the matching proposals have each field, country, party and programme. One proposal can have several of these.
 *
 * Each figure is the length of the list in which the filter of that figure replaces the one of the same name, with all other filters
 * unchanged. So each figure leads to exactly its list. Hence, if the request names parties, only those are counted; and with `role`, a
 * party or a country counts only in these roles.
 */
import { roles } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { label } from '../status/row.ts'
import type { Matching } from './conditions.ts'
import { type Filters, noParent } from './filters.ts'
import { readPartyNames, readTitles } from './names.ts'
import { allOf } from './question.ts'
import type { Source } from './source.ts'

type Counts = Record<string, number>
type Name = Readonly<Record<string, string>>

export interface FacetCounts {
  /** Proposals with a claim that nobody has resolved. */
  contested: number
  byField: Counts
  byCountry: Counts
  /** The most frequent first. */
  byParty: { party: string; name: Name | null; total: number; roles: Counts }[]
  /** Programmes, those with the most parts first. */
  byParent: { proposalId: string; title: Name | null; total: number }[]
}

/** The most parties, and the most programmes, in one answer. */
export const facetsListed = 100

/** @param matched the matching proposals, with facets */
export async function readFacets(
  source: Source,
  filters: Filters,
  matched: Matching,
  timeZone: string,
): Promise<FacetCounts> {
  const { rows } = await counting(source, filters, matched).execute(source.snapshot.db)
  const of = (what: string) => rows.filter((row) => row.what === what)
  const [parties, parents, partyRoles] = [of('party'), of('parent'), of('party-role')]
  const names = await readPartyNames(source, new Map(parties.map(({ name, first }) => [name, first])), timeZone)
  const titles = await readTitles(
    source,
    parents.map(({ name }) => name),
  )
  return {
    contested: of('contested')[0]?.count ?? 0,
    byField: countsOf(of('field'), filters.field),
    byCountry: countsOf(of('country'), filters.country),
    byParty: parties.map(({ name: party, count: total }) => ({
      party,
      name: names.get(party) ?? null,
      total,
      roles: rolesOf(party, partyRoles),
    })),
    byParent: parents.map(({ name, count: total }) => ({ proposalId: name, title: titles.get(name) ?? null, total })),
  }
}

function countsOf(rows: readonly Count[], only?: readonly string[]): Counts {
  const asked = rows.filter(({ name }) => only === undefined || only.includes(name))
  return Object.fromEntries(asked.map(({ name, count }) => [name, count]))
}

function rolesOf(party: string, rows: readonly Count[]): Counts {
  const own = rows.filter(({ name }) => name.startsWith(`${party}:`))
  return Object.fromEntries(own.map(({ name, count }) => [name.slice(party.length + 1), count]))
}

/** How many proposals have this value of `what`. */
interface Count {
  readonly what: string
  readonly name: string
  readonly count: number
  /** The first of these proposals by id. */
  readonly first: string
}

const childOf = label.link('child', '')
const partyInRole = label.partyInRole('', '').slice(0, -1)

function counting(source: Source, filters: Filters, { from, where }: Matching) {
  const { party, parent } = filters
  // `IS TRUE` makes a hash of the parties: the planner, who expects one row, would compare each pair.
  return sql<Count>`
    WITH counted AS MATERIALIZED (
      SELECT k.key, count(*)::int AS count, min(p.proposal_id) AS first
        FROM ${from} CROSS JOIN LATERAL (${keysOf(filters, source.labels)}) k
       WHERE ${allOf(where)} GROUP BY k.key
    ), parties AS (${mostFrequent(label.party(''), party)}),
    parents AS (${mostFrequent(childOf, parent === undefined ? undefined : parent === noParent ? [] : [parent])})
    SELECT 'party' AS what, parties.* FROM parties
    UNION ALL SELECT 'parent', parents.* FROM parents
    UNION ALL (SELECT 'party-role', substr(key, ${partyInRole.length + 1}::int) AS name, count, first FROM counted
      WHERE key LIKE ${`${partyInRole}%`} AND (split_part(key, ':', 2) IN (SELECT name FROM parties)) IS TRUE ORDER BY name)
    UNION ALL (SELECT split_part(key, ':', 1), split_part(key, ':', 2) AS name, count, first FROM counted
      WHERE key LIKE ANY (${['field:%', 'country:%', 'contested:true']}::text[]) ORDER BY name)`
}

function mostFrequent(prefix: string, only: readonly string[] | undefined): RawBuilder<unknown> {
  const asked = only === undefined ? sql`` : sql`AND key = ANY(${only.map((name) => prefix + name)}::text[])`
  return sql`SELECT substr(key, ${prefix.length + 1}::int) AS name, count, first FROM counted
    WHERE key LIKE ${`${prefix}%`} ${asked} ORDER BY count DESC, name LIMIT ${sql.lit(facetsListed)}`
}

/** The labels of a row that are counted: a table `key`. */
function keysOf(filters: Filters, labels: RawBuilder<unknown>): RawBuilder<unknown> {
  const { role } = filters
  const always = ['field:%', `${childOf}%`, label.contested(true)]
  const prefixes = role === undefined ? [...always, 'party:%', 'country:%'] : always
  const inRole = sql`l.key LIKE 'party-role:%' AND ${ofCountries(filters, labels)}`
  if (role === undefined)
    return sql`SELECT l.key FROM unnest(${labels}) AS l(key) WHERE l.key LIKE ANY (${prefixes}::text[]) OR ${inRole}`
  // A party in two of the roles counts once.
  const asked = sql`split_part(l.key, ':', 3) = ANY(${role}::text[])`
  return sql`SELECT l.key FROM unnest(${labels}) AS l(key) WHERE l.key LIKE ANY (${prefixes}::text[]) OR ${asked} AND ${inRole}
    UNION SELECT replace(split_part(l.key, ':', 1), '-role', '') || ':' || split_part(l.key, ':', 2)
      FROM unnest(${labels}) AS l(key) WHERE l.key LIKE ANY ('{party-role:%,country-role:%}') AND ${asked}`
}

/** With a role, one of the countries must have it as well. So a party in a role counts only if that holds. */
function ofCountries({ country }: Filters, labels: RawBuilder<unknown>): RawBuilder<unknown> {
  if (country === undefined) return sql`true`
  const cases = roles.map((role) => {
    const inRole = country.map((one) => label.countryInRole(one, role))
    return sql`WHEN ${role} THEN ${labels} && ${inRole}::text[]`
  })
  return sql`CASE split_part(l.key, ':', 3) ${sql.join(cases, sql` `)} END`
}
