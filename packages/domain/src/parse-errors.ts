/** Turns schema errors into plain sentences. Errors in the parameters of a request are worded by http-kit. */
import type { z } from 'zod'
import { escaped } from './printable.ts'

/** One error of a request. `path` is the member, such as `data.parties.0.country`; empty for the whole. */
export interface ParseError {
  readonly path: string
  readonly message: string
}

export type Parsed<Value> = ({ readonly ok: true } & Value) | { readonly ok: false; readonly errors: ParseError[] }

/** A hostile body can have an error in each of its bytes; an answer needs no more than these. */
const maxErrors = 500

/** The most words of a list that are written out. */
const maxListed = 60

/** Parses a body by its schema. Every error is named, each with what would be accepted. */
export function parseBody<Body>(schema: z.ZodType<Body>, value: unknown): Parsed<{ readonly body: Body }> {
  const { success, data } = schema.safeParse(value)
  return success ? { ok: true, body: data } : { ok: false, errors: parseErrors(schema, value) }
}

/** Every error in a value that a schema refuses. Messages continue the sentence "<path> …" and say what would be accepted. */
export function parseErrors(schema: z.ZodType, value: unknown): ParseError[] {
  const result = schema.safeParse(value, { error: describe, reportInput: true })
  if (result.success) throw new Error('A schema refused a value and then accepted it')
  const errors = errorsOf(result.error.issues)
  if (errors.length <= maxErrors) return errors
  const left = errors.length - maxErrors
  return [...errors.slice(0, maxErrors), { path: '', message: `has ${left} more faults, which are not listed` }]
}

function placeOf({ path }: z.core.$ZodIssue): string {
  return path.join('.')
}

/** One error for each unknown member, with its name. Of a value of the wrong type, the size is not judged as well. */
function errorsOf(issues: readonly z.core.$ZodIssue[]): ParseError[] {
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(placeOf))
  const judged = issues.filter((issue) => !(isOfSize(issue) && mistyped.has(placeOf(issue))))
  return judged.flatMap((issue) => {
    const message = saysMissing(issue) ? `is missing; it ${issue.message}` : issue.message
    if (issue.code !== 'unrecognized_keys') return [{ path: placeOf(issue), message }]
    const messages = message.split(betweenMembers)
    return issue.keys.map((key, index) => ({
      path: [...issue.path, key.slice(0, 80)].join('.'),
      message: messages[index] ?? message,
    }))
  })
}

/** A schema gives one message for all unknown members of an object; none of our sentences has a line feed. */
const betweenMembers = '\n'

/** The message of an object with unknown members, each of which gets its own sentence. */
export function ofEachMember(sentences: readonly string[]): string {
  return sentences.slice(0, maxErrors).join(betweenMembers)
}

/** The message first says that the member is missing, and then what it must be. */
function saysMissing({ input, message }: z.core.$ZodIssue): boolean {
  return input === undefined && message.startsWith('must ')
}

/** Messages for schemas without their own: what is accepted, an example if it is a form, and the value received. */
function describe(issue: z.core.$ZodRawIssue): string {
  const accepted = acceptedBy(issue)
  if (isOfSize(issue) && typeof issue.input === 'object') return accepted
  return `${accepted}${wasGiven(issue.input)}`
}

/** The size is wrong, not the type. */
function isOfSize({ code }: Pick<z.core.$ZodRawIssue, 'code'>): boolean {
  return code === 'too_big' || code === 'too_small' || code === 'unrecognized_keys'
}

function acceptedBy(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kindNames[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return literalWords(issue)
    case 'too_big':
      return bounded(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'too_small':
      return bounded(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'invalid_format':
      return (
        formats[issue.format] ?? (issue.pattern ? `must have the form ${issue.pattern}` : `must be ${issue.format}`)
      )
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'unrecognized_keys':
      return 'is not known here'
    case 'invalid_union':
      return unionWords(issue)
    case 'invalid_key':
      return 'has a member whose name is not accepted'
    case 'invalid_element':
      return 'has a member that is not accepted'
    case 'custom':
      return 'is not accepted'
    default:
      return issue satisfies never
  }
}

/** A code of a list, or the only accepted value; text is quoted if it could be taken for something else. */
function literalWords({ values, input }: { readonly values: readonly unknown[]; readonly input?: unknown }): string {
  const [only] = values
  if (values.length === 1) return `must be ${typeof only === 'string' ? JSON.stringify(only) : String(only)}`
  const words = values.map(String)
  return `must be ${oneOfWords(words)}${didYouMean(input, words)}`
}

/** If the union has a discriminator, by its options; otherwise by the types of its members. */
function unionWords({ options, errors }: { readonly options?: unknown; readonly errors?: unknown }): string {
  if (Array.isArray(options)) return `must be ${oneOfWords(options.map(String))}`
  const issues = (errors as readonly (readonly z.core.$ZodIssue[])[] | undefined)?.flat() ?? []
  const kinds = issues.flatMap((issue) =>
    issue.code === 'invalid_type' ? [kindNames[issue.expected] ?? issue.expected] : [],
  )
  return kinds.length > 0 ? `must be ${[...new Set(kinds)].join(' or ')}` : 'has none of the accepted forms'
}

const kindNames: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  null: 'null',
  never: 'left out',
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'must be an instant of RFC 3339, such as 2026-11-22T08:00:00Z',
  date: 'must be a day, such as 2026-11-22',
  url: 'must be a whole address, such as https://example.org/document',
  uuid: 'must be a UUID, such as 01935000-0000-7000-8000-000000000017',
  guid: 'must be a UUID, such as 01935000-0000-7000-8000-000000000017',
  base64: 'must be base64 text, such as aGVsbG8=',
  base64url: 'must be base64url text, such as aGVsbG8',
}

function bounded({ origin }: { readonly origin: string }, how: string, bound: number | bigint): string {
  if (origin === 'string') return `must have ${how} ${bound} ${bound === 1 ? 'character' : 'characters'}`
  if (origin === 'array' || origin === 'set') return `must have ${how} ${bound} ${bound === 1 ? 'member' : 'members'}`
  return `must be ${how} ${bound}`
}

/** "one of a, b, c", or the only one. */
export function oneOfWords(words: readonly string[]): string {
  if (words.length === 1) return JSON.stringify(words[0])
  const listed = words.slice(0, maxListed).join(', ')
  return `one of ${listed}${words.length > maxListed ? ` or ${words.length - maxListed} others` : ''}`
}

/**
 * The value received, to be added to what is accepted. Long or structured input is not repeated, so that an answer does not carry a
 * megabyte back.
 */
export function wasGiven(input: unknown): string {
  if (input === undefined || Number.isNaN(input)) return ''
  if (typeof input === 'number' || typeof input === 'boolean') return `, not ${input}`
  if (typeof input !== 'string')
    return `, not ${input === null ? 'null' : Array.isArray(input) ? 'a list' : `an ${typeof input}`}`
  return input.length <= 80 ? `, not ${inSight(JSON.stringify(input))}` : ''
}

/** Invisible characters, such as a zero-width space, are escaped; otherwise the answer would seem to refuse what it accepts. */
function inSight(text: string): string {
  return text.replaceAll(outOfSight, (character) => escaped(character))
}

const outOfSight = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** A hint for a misspelt word: `: did you mean "x"?`, to be appended to what is accepted. Empty if no word is similar. */
export function didYouMean(input: unknown, words: readonly string[]): string {
  const near = typeof input === 'string' ? nearest(input, words) : undefined
  return near === undefined ? '' : ` (did you mean "${near}"?)`
}

/**
 * The most likely intended word: the same except for case and separators, or with at most a third of its letters different. Undefined if
 * none is that similar, and for input too long to be a typo.
 */
export function nearest(input: string, words: readonly string[]): string | undefined {
  if (input.length === 0 || input.length > longestSlip) return undefined
  const asked = plain(input)
  let found: { readonly word: string; readonly distance: number } | undefined
  for (const word of words) {
    const distance = editDistance(asked, plain(word))
    const most = Math.max(1, Math.floor(Math.min(asked.length, word.length) / 3))
    if (distance <= most && distance < (found?.distance ?? Infinity)) found = { word, distance }
  }
  return found?.word
}

const longestSlip = 40

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** The number of letters that are added, left out, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let rows: number[][] = [Array.from({ length: b.length + 1 }, (_none, index) => index)]
  for (let row = 1; row <= a.length; row += 1) rows = [rowBelow(rows, row, a, b), ...rows].slice(0, 2)
  return at(rows[0], b.length)
}

/** The next row of the distance table, from the two rows above it, the nearer first. */
function rowBelow([above, beforeThat]: readonly number[][], row: number, a: string, b: string): number[] {
  const current = [row]
  for (let column = 1; column <= b.length; column += 1) {
    const replaced = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
    const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
    const swap = swapped && beforeThat ? at(beforeThat, column - 2) + 1 : Infinity
    current.push(Math.min(replaced, swap, at(above, column) + 1, at(current, column - 1) + 1))
  }
  return current
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Infinity
}
