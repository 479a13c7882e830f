/** What lists can be narrowed by, and in which order they come. */
import { conditions, endings, Field, kinds, PartyId, ProposalId, roles, searchText, stages } from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import { label } from '../projector/row.ts'

const timeError = 'must be a time of the years 1 to 9999 in UTC, at most 14 hours away from UTC'

/** The schema lets in offsets of up to a day, and years that an offset moves out of the calendar. */
function isTimeOfDatabase(time: string): boolean {
  const offset = /[+-](\d\d):?(\d\d)$/.exec(time)
  if (offset !== null && Number(offset[1]) * 60 + Number(offset[2]) > 14 * 60) return false
  const instant = Date.parse(time)
  return instant >= Date.parse('0001-01-01T00:00:00Z') && instant <= Date.parse('9999-12-31T23:59:59.999Z')
}

/** Members of one list are alternatives; different members narrow each other. */
export const Filters = z.strictObject({
  stage: z.array(z.enum(stages)).optional(),
  ending: z.array(z.enum([...endings, 'none'])).optional(),
  kind: z.array(z.enum(kinds)).optional(),
  condition: z.array(z.enum(conditions)).optional(),
  party: z.array(PartyId).optional(),
  role: z.array(z.enum(roles)).optional(),
  field: z.array(Field).optional(),
  country: z.array(z.string().regex(/^[A-Z]{2}$/, 'a country code of ISO 3166-1, such as VN')).optional(),
  parent: ProposalId.optional(),
  suspended: z.enum(['true', 'false']).optional(),
  formerParty: z.array(PartyId).optional(),
  q: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\0'), 'must be without U+0000')
    .optional(),
  updatedSince: z.iso.datetime({ offset: true }).max(40).refine(isTimeOfDatabase, timeError).optional(),
})
export type Filters = z.output<typeof Filters>

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
  const { field, country, parent, suspended, formerParty } = filters
  return [
    field?.map(label.field),
    country?.map(label.country),
    parent === undefined ? undefined : [label.link('child', parent)],
    suspended === undefined ? undefined : [label.suspended(suspended === 'true')],
    formerParty?.map(label.formerParty),
    partyLabels(filters),
  ].filter((labels) => labels !== undefined)
}

/** Party and role together mean: this party in this role. */
export function partyLabels({ party, role }: Filters): string[] | undefined {
  if (party === undefined) return role?.map(label.role)
  if (role === undefined) return party.map(label.party)
  return party.flatMap((one) => role.map((of) => label.partyInRole(one, of)))
}

function anyOf(labels: string[] | undefined): Expression<SqlBool> | null {
  return labels === undefined ? null : sql<SqlBool>`labels && ${labels}::text[]`
}

function otherConditions({ condition, q, updatedSince }: Filters, day: string): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = []
  if (condition !== undefined) found.push(sql<SqlBool>`${conditionAt(day)} = ANY(${condition}::text[])`)
  if (q !== undefined) found.push(sql<SqlBool>`search LIKE ${`%${escapeLike(searchText(q))}%`}`)
  if (updatedSince !== undefined) found.push(sql<SqlBool>`updated_at >= ${updatedSince}::timestamptz`)
  return found
}

/** The condition of a row on a day: the stretch between two days of change that the day falls into. */
export function conditionAt(day: string) {
  return sql<string>`conditions[1 + width_bucket(${day}::date, condition_days)]`
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
