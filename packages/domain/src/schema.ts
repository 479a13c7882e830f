import { z } from 'zod'

/** Longest texts and lists of one event. They keep a reader's memory bounded; the whole line has its own limit (`maxRestBytes`). */
export const limits = {
  /** Names, titles, places: one language's text, in UTF-16 units. */
  shortText: 1_000,
  /** Summaries, objectives, notes: one language's text, in UTF-16 units. */
  longText: 10_000,
  /** Languages of one text. */
  languages: 40,
  parties: 200,
  fields: 50,
  requests: 100,
  deliverables: 100,
  evidence: 100,
  agendaItems: 200,
  /** Events that one correction or retraction puts right. */
  rereadEvents: 100,
  /** Proposals that one agenda item leads to. */
  leadsTo: 20,
  url: 2_048,
  /** Numbers of agreements and instruments, correlation and causation ids. */
  reference: 200,
  /** `Idempotency-Key` (design.md). */
  idempotencyKey: 255,
} as const

/** An object that refuses members it does not know, and says which ones it knows. */
export function object<const Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `is not a member that is known here; known are ${known}` : undefined,
  })
}

/** One of a short written list of codes. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: (issue) => `must be one of ${values.join(', ')}${wasGiven(issue.input)}` })
}

/** A list without repetition; `by` says what makes two members the same. */
export function distinct<Item extends z.ZodType>(
  item: Item,
  bounds: { min?: number; max: number },
  by: (value: z.output<Item>) => unknown = (value) => value,
) {
  const { min = 0, max } = bounds
  const accepted = min > 0 ? `must be a list of ${min} to ${max}` : `must be a list of at most ${max}`
  return z
    .array(item, { error: () => accepted })
    .min(min, { error: () => accepted })
    .max(max, { error: () => accepted })
    .refine((values) => isDistinct(values, by), { error: 'must not name the same one twice' })
}

/**
 * Plain text as a source has it: kept as received, at least one visible character. One check and not three: every event has a dozen such
 * texts, and what a check costs is being called.
 */
export function plainText(max: number) {
  const error = `must be text with at least one visible character and at most ${max} characters`
  return z
    .string({ error: (issue) => `${error}${wasGiven(issue.input)}` })
    .refine((text) => text.length <= max && hasVisible(text), { error })
    .meta({ minLength: 1, maxLength: max })
}

const decimalError =
  'must be a decimal number as text, such as "3" or "-0.25": at most 18 digits, then at most 9 decimals'

/** A number that is measured: exact, as text. */
export function decimal() {
  return z
    .string({ error: decimalError })
    .max(29, { error: decimalError, abort: true })
    .regex(/^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?$/, { error: decimalError })
}

const versionError = 'must be the version of an event of this proposal: a whole number from 1'

/** Names an event of the same proposal. */
export function eventVersion() {
  return z.int({ error: versionError }).min(1, { error: versionError })
}

/** The accepted form of every id that people choose (design.md, The log). */
const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/

const slugError =
  'must be a slug: 1 to 80 characters of a–z, 0–9 and hyphens, beginning and ending with a letter or digit'

function slug() {
  return z.string({ error: slugError }).regex(slugPattern, { error: slugError })
}

/** The id of a proposal: chosen by its proposer, never re-used, never changed. */
export const ProposalId = slug().meta({
  id: 'ProposalId',
  description: 'A slug chosen by the proposer. Never re-used, never changed.',
  examples: ['vkist-phase-2'],
})
export type ProposalId = z.infer<typeof ProposalId>

/** The id of an organisation, or of an unnamed group of them. */
export const PartyId = slug().meta({
  id: 'PartyId',
  description: 'A slug for an organisation, the same in all proposals of a ledger.',
  examples: ['most-vn'],
})
export type PartyId = z.infer<typeof PartyId>

/** The id of something inside one proposal: a funding line, a pledge … */
export const LocalId = slug().meta({
  id: 'LocalId',
  description: 'A slug, unique within its proposal: the id of a funding line, a pledge …',
  examples: ['kr-grant'],
})
export type LocalId = z.infer<typeof LocalId>

/** A field of activity. The list is open: fields are words of the portfolio's keepers, not of this product. */
export const Field = slug().meta({
  id: 'Field',
  description: 'A field of activity, as a slug.',
  examples: ['artificial-intelligence'],
})

/** Long or structured input is not repeated: an answer should not carry a megabyte back. */
function wasGiven(input: unknown): string {
  if (input === undefined) return ''
  if (typeof input !== 'string')
    return `, not ${input === null ? 'null' : Array.isArray(input) ? 'a list' : typeof input}`
  return input.length <= 80 ? `, not ${JSON.stringify(input)}` : ''
}

function hasVisible(text: string): boolean {
  return /\S/u.test(text)
}

function isDistinct<T>(values: readonly T[], by: (value: T) => unknown): boolean {
  if (values.length < 2) return true
  return new Set(values.map(by)).size === values.length
}
