import type { z } from 'zod'

/** One mistake of a request. `path` is the member, such as `data.parties.0.country`; empty for the whole. */
export interface ParseError {
  readonly path: string
  readonly message: string
}

/** A hostile body can have a mistake in each of its bytes; an answer needs no more than these. */
const maxErrors = 500

/** Every mistake in a value that a schema refuses. Messages continue the sentence "<path> …" and say what would be accepted. */
export function parseErrors(schema: z.ZodType, value: unknown): ParseError[] {
  const result = schema.safeParse(value, { error: describe, reportInput: true })
  if (result.success) throw new Error('A schema refused a value and then accepted it')
  const errors = result.error.issues.flatMap(errorsOf)
  if (errors.length <= maxErrors) return errors
  const left = errors.length - maxErrors
  return [...errors.slice(0, maxErrors), { path: '', message: `has ${left} more mistakes that are not listed` }]
}

function errorsOf(issue: z.core.$ZodIssue): ParseError[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }]
  return issue.keys.map((key) => ({ path: [...issue.path, key.slice(0, 80)].join('.'), message: issue.message }))
}

/** Words for what schemas do not describe themselves. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    return `${issue.input === undefined ? 'is missing; it must be' : 'must be'} ${kindOf(issue.expected)}`
  }
  if (issue.code === 'too_big') return `must have at most ${issue.maximum}`
  return undefined
}

const kindNames: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
}

function kindOf(expected: string): string {
  return kindNames[expected] ?? expected
}
