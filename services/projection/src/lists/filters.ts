/** What lists can be narrowed by, and in which order they come. */
import {
  conditions,
  endings,
  Field,
  instantOf,
  kinds,
  PartyId,
  ProposalId,
  roles,
  searchText,
  stages,
} from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import { Instant } from '../past/instant.ts'
import { label } from '../status/row.ts'

/** Alternatives of one filter. A query names each of them once (`queryList`), and so does a cursor. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .min(1)
    .max(valuesOfFilter)
    .refine((values) => new Set(values).size === values.length, 'must name each of its values once')
}

/** Values of one filter, at most. */
export const valuesOfFilter = 100
/** Bytes of all filters together, at most, as a cursor holds them: with it a link to the next page stays below 8 KB, which proxies take. */
const filterBytes = 4_000
/** Pairs of a party, or a country, and a role that a list can be asked for at once. */
const pairsAtMost = 400

const Shape = z.strictObject({
  stage: listOf(z.enum(stages)).optional(),
  ending: listOf(z.enum([...endings, 'none'])).optional(),
  kind: listOf(z.enum(kinds)).optional(),
  condition: listOf(z.enum(conditions)).optional(),
  party: listOf(PartyId).optional(),
  role: listOf(z.enum(roles)).optional(),
  field: listOf(Field).optional(),
  country: listOf(
    z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be a country code of ISO 3166-1, such as VN')
      .meta({ examples: ['VN'] }),
  ).optional(),
  parent: ProposalId.optional(),
  suspended: z.enum(['true', 'false']).optional(),
  formerParty: listOf(PartyId).optional(),
  q: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\0'), 'must be without U+0000')
    .optional(),
  updatedSince: Instant.optional(),
})
export type Filters = z.output<typeof Shape>

/** By its name. */
export const filterShape = Shape.shape

/** Members of one list are alternatives; different members narrow each other. */
export const Filters = Shape.superRefine((filters, context) => {
  const message = tooMuch(filters)
  if (message !== null) context.addIssue({ code: 'custom', message })
})

/** Why these filters are too many to be asked for at once; null where they are not. */
export function tooMuch(filters: Filters): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(filters))
  if (bytes > filterBytes) {
    return `has ${bytes} bytes of filters, and at most ${filterBytes} are accepted; ask for a part of them at a time, such as 20 parties`
  }
  const pairs = Math.max(filters.party?.length ?? 0, filters.country?.length ?? 0) * (filters.role?.length ?? 0)
  if (pairs <= pairsAtMost) return null
  return `asks for ${pairs} pairs of \`party\` or \`country\` with \`role\`, and at most ${pairsAtMost} are accepted; ask for a part of them at a time, such as one role`
}

type Builder = ExpressionBuilder<Database, 'proposal_status'>

/**
 * The filters as one condition on `proposal_status`, for a given day. Proposals recorded by mistake are left out unless
 * asked for.
 */
export function whereFilters(filters: Filters, day: string) {
  return (query: Builder): Expression<SqlBool> =>
    query.and([sql<SqlBool>`state IS NOT NULL`, ...labelConditions(filters), ...otherConditions(filters, day)])
}

function labelConditions(filters: Filters): Expression<SqlBool>[] {
  const { stage, ending, kind } = filters
  return [
    anyOf(stage?.map(label.stage)),
    ending === undefined ? sql<SqlBool>`ending IS DISTINCT FROM 'void'` : anyOf(ending.map(label.ending)),
    anyOf(kind?.map(label.kind)),
    ...facetLabels(filters).map(anyOf),
  ].filter((condition) => condition !== null)
}

/** What is asked for beside stage, ending and kind: of each list of labels, a proposal must have one. */
export function facetLabels(filters: Filters): string[][] {
  const { field, parent, suspended, formerParty } = filters
  return [
    field?.map(label.field),
    parent === undefined ? undefined : [label.link('child', parent)],
    suspended === undefined ? undefined : [label.suspended(suspended === 'true')],
    formerParty?.map(label.formerParty),
    ...partyLabels(filters),
  ].filter((labels) => labels !== undefined)
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

function anyOf(labels: string[] | undefined): Expression<SqlBool> | null {
  return labels === undefined ? null : sql<SqlBool>`labels && ${labels}::text[]`
}

function otherConditions({ condition, q, updatedSince }: Filters, day: string): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = []
  if (condition !== undefined) found.push(sql<SqlBool>`${conditionAt(day)} = ANY(${condition}::text[])`)
  if (q !== undefined) found.push(sql<SqlBool>`search LIKE ${`%${escapeLike(searchText(q))}%`}`)
  if (updatedSince !== undefined) found.push(sql<SqlBool>`updated_at >= ${instantOf(updatedSince)}::timestamptz`)
  return found
}

/** The condition of a row on a day: the stretch between two days of change that the day falls into. */
export function conditionAt(day: string) {
  return sql<string>`conditions[1 + width_bucket(${day}::date, condition_days)]`
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
