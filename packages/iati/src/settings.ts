/** How a ledger is published: who reports, for which country, and what the fields are called in IATI. */
import {
  Field,
  Kind,
  type Kind as KindCode,
  kinds,
  LanguageMap,
  PartyId,
  ProposalId,
  profiles,
} from '@commitments/domain'
import { z } from 'zod'
import { type Code, isCode } from './codes.ts'
import { codes } from './generated.ts'
import { languageCodeOf } from './languages.ts'

const code = <List extends keyof typeof codes>(list: List, example: string) =>
  z.custom<Code<List>>((value) => typeof value === 'string' && isCode(list, value), {
    error: `must be a code of the IATI list ${list} that is not withdrawn, such as "${example}"`,
  })

const reference = z
  .string()
  .min(3)
  .max(150)
  .regex(/^[^\s/&|?]+$/, 'must be an organisation identifier, without spaces and without / & | ? (rule 1.14.13)')

const Organisation = z
  .strictObject({ ref: reference.optional(), type: code('OrganisationType', '10').optional() })
  .refine(({ ref, type }) => ref !== undefined || type !== undefined, 'must have a ref, a type, or both')

/** A text of which at least one language can be written. */
const Name = LanguageMap.refine((map) => Object.keys(map).some((tag) => languageCodeOf(tag) !== null), {
  error: 'must have at least one language with a two-letter code, as the IATI list Language has no others',
})

const decimal = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d{1,6})?)$/

const percentage = 'must be a percentage as text, such as "33.5"'

const Shares = z
  .partialRecord(code('Country', 'VN'), z.string(percentage).regex(decimal, percentage))
  .refine((shares) => Object.keys(shares).length > 0, 'must name at least one country')
  .refine((shares) => total(Object.values(shares)) === 100_000_000n, 'must add up to 100 (rule 3.1.2)')

/** Exact, in millionths of a percent. */
function total(percentages: readonly string[]): bigint {
  return percentages.reduce((sum, text) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return decimal.test(text) ? sum + BigInt(whole + fraction.slice(0, 6).padEnd(6, '0')) : sum
  }, 0n)
}

const Override = z
  .strictObject({
    sector: code('Sector', '43082').nullable().optional(),
    region: code('Region', '798').nullable().optional(),
    countries: Shares.nullable().optional(),
  })
  .refine(({ region, countries }) => !(region && countries), 'must have a region or countries, not both')

const Settings = z.strictObject({
  reportingOrg: z.strictObject({
    ref: reference,
    type: code('OrganisationType', '10'),
    name: Name,
    secondaryReporter: z.boolean().default(true),
  }),
  reportingParty: PartyId.optional(),
  language: code('Language', 'en').default('en'),
  country: code('Country', 'VN').optional(),
  kinds: z
    .array(Kind)
    .min(1)
    .default(kinds.filter((kind) => takesMoney(kind))),
  files: z.int().min(1).max(1_000).default(1),
  sectors: z.record(Field, code('Sector', '43082')).default({}),
  organisations: z.record(PartyId, Organisation).default({}),
  contact: z
    .strictObject({
      organisation: Name.optional(),
      email: z.email().max(254).optional(),
      website: z.url().max(2_048).optional(),
    })
    .optional(),
  proposals: z.record(ProposalId, Override).default({}),
})

/** What a ledger's owner decides about its publication. Every code in it may be written. */
export type Settings = z.output<typeof Settings>

/** IATI wants activities with money; an owner may name other kinds as well. */
function takesMoney(kind: KindCode): boolean {
  return profiles[kind].funding !== 'none'
}

type Parsed = { readonly settings: Settings } | { readonly mistakes: readonly string[] }

/** Reads the settings from parsed JSON: either the settings, or every mistake in them, each with its place. */
export function parseSettings(value: unknown): Parsed {
  const parsed = Settings.safeParse(value)
  if (parsed.success) return { settings: parsed.data }
  return { mistakes: parsed.error.issues.flatMap(messagesOf) }
}

function messagesOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.length === 0 ? 'the whole' : issue.path.join('.')
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => `${place}: is not a known name: ${message}`)
  return [`${place}: ${issue.message}`]
}
