/** The filters of lists: the same now and at a point in time, where they mean what they would have meant then. */
import {
  conditions,
  endings,
  Field,
  kinds,
  PartyId,
  ProposalId,
  roles,
  searchedOfSummary,
  searchWords,
  stages,
} from '@commitments/domain'
import { invalid, queryList } from '@commitments/http-kit'
import { z } from 'zod'
import { Instant } from '../past/instant.ts'

/** Alternatives of one filter. A query holds each of them once (`queryList`), and so does a cursor. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .min(1)
    .max(valuesOfFilter)
    .refine((values) => new Set(values).size === values.length, 'must name each of its values once')
}

/** The most values of one filter. */
const valuesOfFilter = 100
/** The most bytes of all filters together in a cursor: a link to the next page then stays below 8 KB, which proxies accept. */
const filterBytes = 4_000
/** The most pairs of a party or country and a role in one request. */
const pairsAtMost = 400

/** As a value of `parent`: proposals that are part of nothing. (A programme with this very id cannot be found by its parts.) */
export const noParent = 'none'

const yesOrNo = z.enum(['true', 'false'])

const Shape = z.strictObject({
  ids: listOf(ProposalId).optional(),
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
  hasParts: yesOrNo.optional(),
  suspended: yesOrNo.optional(),
  contested: yesOrNo.optional(),
  formerParty: listOf(PartyId).optional(),
  q: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\0'), 'must be without U+0000')
    .refine((text) => text.isWellFormed(), 'must be Unicode text, without halves of a surrogate pair')
    .refine(
      (text) => searchWords(text).length > 0,
      'must have a letter, a digit or another sign that can be searched for; spaces and marks alone find nothing',
    )
    .optional(),
  updatedSince: Instant.optional(),
})
export type Filters = z.output<typeof Shape>

/** Values of one filter are alternatives; different filters narrow each other. */
export const FiltersSchema = Shape.superRefine((filters, context) => {
  const message = tooMuch(filters)
  if (message !== null) context.addIssue({ code: 'custom', message })
})

const { shape } = Shape

/** Every filter as it comes in a URL: query members of each read that can be filtered. */
export const filterQuery = {
  ids: listed(shape.ids, 'The proposal has one of these ids. Ids that no proposal has are ignored.'),
  stage: listed(
    shape.stage,
    'The highest act reached. Repeatable, here and in every list below; matches any of the values.',
  ),
  ending: listed(
    shape.ending,
    'How the proposal ended; `none`: it has not ended. Proposals that were recorded by mistake (`void`) are omitted unless you ask for them here.',
  ),
  kind: listed(shape.kind, 'The kind of commitment.'),
  condition: listed(shape.condition, 'The condition today, or on the day of `asOf`.'),
  party: listed(shape.party, 'This party takes part in the proposal; with `role`: in that role.'),
  role: listed(shape.role, 'At least one party has this role.'),
  field: listed(shape.field, 'The proposal has this field.'),
  country: listed(shape.country, 'At least one party is from this country (ISO 3166-1); with `role`: in that role.'),
  parent: shape.parent.meta({
    description: 'The proposal is a direct part of this programme; `none`: it is part of no programme.',
  }),
  hasParts: shape.hasParts.meta({
    description: 'Whether the proposal has parts. Parts that were recorded by mistake do not count.',
  }),
  suspended: shape.suspended.meta({ description: 'Whether the proposal is suspended.' }),
  contested: shape.contested.meta({
    description: 'Whether a claim against a recorded fact of the proposal is unresolved.',
  }),
  formerParty: listed(shape.formerParty, 'This party took part and left.'),
  q: shape.q.meta({
    description:
      `Each of these words must be in the id, titles, summary (the first ${searchedOfSummary.toLocaleString('en')} characters), parties (ids and names) or fields of the proposal. The order of the words, case and width do not matter. ` +
      'A letter without marks also finds the letter with any marks: `vien khoa hoc` finds "Viện Khoa học", `ban dan` finds "bán dẫn". A letter with marks finds only letters with those marks: `bán` does not find "bản". ' +
      'Parts of a Korean syllable find it (`베ㅌ` finds "베트남"), and so do two or more initial consonants (`ㄱㅎ` finds "과학").',
    examples: ['vien khoa hoc'],
  }),
  updatedSince: shape.updatedSince.meta({
    description:
      'An event of the proposal was recorded at or after this time (RFC 3339). Digits beyond microseconds are ignored.',
  }),
}

/** A filter with several values. */
function listed<Item extends z.ZodType>(filter: z.ZodOptional<z.ZodArray<Item>>, description: string) {
  return queryList(filter.unwrap().element, valuesOfFilter).optional().meta({ description })
}

/**
 * The filters in a query that has the members of {@link filterQuery}.
 * @throws the problem `invalid` if they are too many for one request
 */
export function filtersOf(query: Filters): Filters {
  const given = filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]))
  const filters: Filters = Object.fromEntries(given)
  const message = tooMuch(filters)
  if (message !== null) throw invalid([{ path: 'query', message }])
  return filters
}

const filterNames = Object.keys(shape) as (keyof Filters)[]

/** Why these filters are too many for one request; null if they are not. */
function tooMuch(filters: Filters): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(filters))
  if (bytes > filterBytes) {
    return `has ${bytes} bytes of filters, and at most ${filterBytes} are accepted; ask for a part of them at a time, such as 20 parties`
  }
  const pairs = Math.max(filters.party?.length ?? 0, filters.country?.length ?? 0) * (filters.role?.length ?? 0)
  if (pairs <= pairsAtMost) return null
  return `asks for ${pairs} pairs of \`party\` or \`country\` with \`role\`, and at most ${pairsAtMost} are accepted; ask for a part of them at a time, such as one role`
}
