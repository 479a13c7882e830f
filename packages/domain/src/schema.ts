import { z } from 'zod'
import { didYouMean, ofEachMember, oneOfWords, wasGiven } from './parse-errors.ts'

/**
 * What becomes of a member when its event is erased (erasure.ts): a text is replaced by a mark, what only leads to texts elsewhere is left
 * out. All other members are codes, ids, dates, numbers and amounts: they are kept, and the fold needs no others.
 */
export const onErasure = z.registry<{ readonly becomes: 'mark' | 'nothing' }>()

/** The longest texts and lists of one event. They limit a reader's memory; the whole line has its own limit (`maxRestBytes`). */
export const limits = {
  /** Names, titles, places: one language's text, in characters (code points, as JSON Schema counts). */
  shortText: 1_000,
  /** Summaries, objectives, notes: one language's text, in characters (code points, as JSON Schema counts). */
  longText: 10_000,
  /** Languages of one text. */
  languages: 40,
  parties: 200,
  fields: 50,
  requests: 100,
  deliverables: 100,
  evidence: 100,
  agendaItems: 200,
  /** Events that one correction or retraction can name. */
  rereadEvents: 100,
  /** Events of one proposal that one erasure can name. */
  erasedEvents: 100,
  /** Things of one kind (lines, links, milestones …) that one wish names. */
  wished: 200,
  /** Events that bring a proposal to a wish: they are recorded in one piece. */
  planned: 500,
  /** Proposals that one agenda item leads to. */
  leadsTo: 20,
  url: 2_048,
  /** Numbers of agreements and instruments, correlation and causation ids. */
  reference: 200,
  /** `Idempotency-Key`. */
  idempotencyKey: 255,
} as const

/**
 * An object that refuses unknown members, and names the known ones.
 *
 * @param elsewhere for unknown members whose meaning is clear: the clause that names the right one, in parentheses and without a full stop.
 */
export function object<const Shape extends z.core.$ZodShape>(
  shape: Shape,
  elsewhere: Readonly<Record<string, string>> = {},
) {
  const names = Object.keys(shape)
  const known = names.join(', ')
  const members = names.length === 0 ? 'without members' : `with ${known}`
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'invalid_type') return `must be an object ${members}${wasGiven(issue.input)}`
      if (issue.code !== 'unrecognized_keys') return undefined
      return ofEachMember(
        issue.keys.map((key, index) => {
          const hint = Object.hasOwn(elsewhere, key)
            ? ` (${elsewhere[key]})`
            : didYouMean(index < mostGuessed ? key : null, names)
          return `is not a known member${hint}; ${known === '' ? 'none is' : `known are ${known}`}`
        }),
      )
    },
  })
}

/** A hostile object can have many unknown members, and each guess at what was meant takes time. */
const mostGuessed = 20

/**
 * One of a short list of codes.
 *
 * @param elsewhere for words whose meaning is clear: the clause that names the right one, in parentheses and without a full stop.
 */
export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  elsewhere: Readonly<Record<string, string>> = {},
) {
  return z.enum(values, {
    error: ({ input }) => `must be ${oneOfWords(values)}${hintFor(input, values, elsewhere)}${wasGiven(input)}`,
  })
}

function hintFor(input: unknown, values: readonly string[], elsewhere: Readonly<Record<string, string>>): string {
  if (typeof input === 'string' && Object.hasOwn(elsewhere, input)) return ` (${elsewhere[input]})`
  return didYouMean(input, values)
}

/** An `error` of a schema that says what is accepted, and what was received. */
export function accepts(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => `${what}${wasGiven(input)}`
}

/** How many members a list can have, and what they are, in words: `parties`. */
interface Bounds {
  readonly of: string
  readonly min?: number
  readonly max: number
}

function listWords({ of, min = 0, max }: Bounds): string {
  return min > 0 ? `must be a list of ${min} to ${max} ${of}` : `must be a list of at most ${max} ${of}`
}

/** A list that can have repeated members. */
export function boundedList<Item extends z.ZodType>(item: Item, bounds: Bounds) {
  const accepted = listWords(bounds)
  return z.array(item, { error: accepts(accepted) }).max(bounds.max, { error: () => accepted })
}

/** A list without repetition; `by` says when two members are the same. */
export function distinct<Item extends z.ZodType>(
  item: Item,
  bounds: Bounds,
  by: (value: z.output<Item>) => unknown = (value) => value,
) {
  return boundedList(item, bounds)
    .min(bounds.min ?? 0, { error: () => listWords(bounds) })
    .refine((values) => isDistinct(values, by), { error: 'must not name the same one twice' })
}

/**
 * Plain text as in the source: kept as received, with at least one visible character. It is one check instead of three: every event has a
 * dozen such texts, and the cost of a check is the call.
 */
export function plainText(max: number) {
  const error = accepts(readableText(max))
  return z
    .string({ error })
    .refine((text) => isReadable(text, max), { error })
    .meta({ minLength: 1, maxLength: max })
    .register(onErasure, { becomes: 'mark' })
}

/** The requirements for a text for people, in words. */
export function readableText(max: number): string {
  return `must be text with at least one visible character (a letter, digit, mark of punctuation or symbol) and at most ${max} characters`
}

/** Whether a text is short enough, and has something that a reader can see. */
export function isReadable(text: string, max: number): boolean {
  return hasAtMost(text, max) && visible.test(text)
}

/** Letters, digits, punctuation and symbols, without fillers that show nothing: of Hangul, of Braille, of music. */
const visible = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]]/v

/** Characters are code points, as in JSON Schema: one may be two units of a string. */
export function hasAtMost(text: string, max: number): boolean {
  if (text.length <= max) return true
  if (text.length > 2 * max) return false
  const pairs = text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0
  return text.length - pairs <= max
}

/** Exact decimal text. The length is checked first, so that no pattern runs on a long text. */
export function decimalText(longest: number, pattern: RegExp, error: ReturnType<typeof accepts>) {
  return z.string({ error }).max(longest, { error, abort: true }).regex(pattern, { error, abort: true })
}

export function isAboveNothing(decimalNumber: string): boolean {
  return /[1-9]/.test(decimalNumber)
}

const decimalError = accepts(
  'must be a decimal number as text, such as "3" or "-0.25": at most 18 digits, then at most 9 decimals, and no "-0"',
)

/** A measured number: exact, as text. Zero is "0", without a sign. */
export function decimal() {
  return decimalText(29, /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?$/, decimalError).refine(
    (text) => !text.startsWith('-') || isAboveNothing(text),
    { error: decimalError },
  )
}

const quantityError = accepts(
  'must be a decimal number above 0 as text, such as "3" or "0.25": at most 18 digits, then at most 9 decimals',
)

/** A quantity that was given: above zero. */
export function quantity() {
  return decimalText(28, /^(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?$/, quantityError).refine(isAboveNothing, {
    error: quantityError,
  })
}

const versionError = accepts('must be the version of an event of this proposal: a whole number from 1')

/** Refers to an event of the same proposal. */
export function eventVersion() {
  return z.int({ error: versionError }).min(1, { error: versionError })
}

/** The accepted form of every id that people choose (docs/architecture.md, The line). */
const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/

const slugError = accepts(
  'must be a slug, such as most-vn: 1 to 80 characters of a–z, 0–9 and hyphens, beginning and ending with a letter or digit',
)

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

function isDistinct<T>(values: readonly T[], by: (value: T) => unknown): boolean {
  if (values.length < 2) return true
  return new Set(values.map(by)).size === values.length
}
