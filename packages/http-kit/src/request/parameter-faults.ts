/**
 * Words an error in a parameter of the path, the query or the headers as one sentence: the value received, what is accepted, and an
 * example.
 */
import { z } from 'zod'
import type { InputFault } from '../problems/problem.ts'

/** The most characters of the value that are repeated; an answer is no place for a whole URL. */
const shownCharacters = 80

/** Every error in some parameters: one for each refused parameter, and one for each value of a list. */
export function parameterFaults(schema: z.ZodType, given: Record<string, unknown>, prefix: string): InputFault[] {
  // A schema's own messages take precedence over this one, so an empty message means that the schema has none.
  const { error } = schema.safeParse(given, { reportInput: true, error: () => '' })
  const faults = new Map<string, InputFault>()
  for (const issue of error?.issues ?? []) {
    for (const fault of faultsOf(issue, { schema, given, prefix })) {
      const key = `${fault.path} ${String(issue.path[1] ?? '')}`
      if (!faults.has(key)) faults.set(key, fault)
    }
  }
  return [...faults.values()]
}

interface Parameters {
  readonly schema: z.ZodType
  readonly given: Record<string, unknown>
  readonly prefix: string
}

function faultsOf(issue: z.core.$ZodIssue, { schema, given, prefix }: Parameters): InputFault[] {
  const parameters = (schema as Partial<z.ZodObject>).shape ?? {}
  if (issue.code === 'unrecognized_keys') {
    const message = unknownName(Object.keys(parameters))
    return issue.keys.map((key) => ({ path: prefix + key, message }))
  }
  const [name] = issue.path
  if (name === undefined) return [{ path: prefix.slice(0, -1), message: issue.message }]
  const parameter = parameters[String(name)] as z.ZodType | undefined
  const message = wordsFor(issue, parameter ?? schema, given[String(name)])
  return [{ path: prefix + String(name), message }]
}

/** @param known the names of the parameters of the call */
export function unknownName(known: readonly string[]): string {
  if (known.length === 0) return 'is not known: this call takes no parameters'
  return `is not known; this call takes ${known.map((name) => `\`${name}\``).join(', ')}`
}

function wordsFor(issue: z.core.$ZodIssue, parameter: z.ZodType, given: unknown): string {
  const form = formOf(parameter)
  const isList = form.items !== undefined
  if (given === undefined) return `is missing; it must be ${accepted(form)}`
  if (Array.isArray(given) && !isList) return 'may be given only once'
  if (isList && issue.path.length === 1) return `must have at most ${form.maxItems} values`
  const came = `is ${shown(issue.input ?? given)}`
  const own = issue.message
  if (own === '') return `${came}; it must be ${accepted(form.items ?? form)}`
  return own.startsWith('must ') && !own.includes(', not "') ? `${came}; it ${own}` : own
}

function shown(value: unknown): string {
  const text = String(value)
  return JSON.stringify(text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text)
}

/** The parts of a JSON Schema that we use. */
interface Form {
  readonly type?: string
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly items?: Form
  readonly default?: string | number
  readonly examples?: readonly (string | number)[]
}

/** For each parameter, made when first needed: a request can have an error in each of a hundred values. */
const forms = new WeakMap<z.ZodType, Form>()

function formOf(parameter: z.ZodType): Form {
  const known = forms.get(parameter)
  if (known !== undefined) return known
  const form = readForm(parameter)
  forms.set(parameter, form)
  return form
}

/** Read from the JSON Schema of the OpenAPI document, so that the two cannot differ. */
function readForm(parameter: z.ZodType): Form {
  const found = z.toJSONSchema(parameter, { io: 'output', unrepresentable: 'any', reused: 'inline' }) as Form & {
    $ref?: string
    $defs?: Record<string, Form>
  }
  const { $defs = {}, ...form } = found
  const resolve = (one: Form & { $ref?: string }): Form =>
    one.$ref === undefined ? one : { ...$defs[one.$ref.replace('#/$defs/', '')], ...one }
  return form.items === undefined ? resolve(form) : { ...form, items: resolve(form.items) }
}

/** With an example, unless the words are listed. */
function accepted(form: Form): string {
  if (form.enum !== undefined) return oneOf(form.enum.map((value) => `\`${value}\``))
  const example = form.examples?.[0] ?? form.default ?? form.minimum
  return example === undefined ? kindOf(form) : `${kindOf(form)}, such as ${example}`
}

function oneOf(values: readonly string[]): string {
  return values.length === 2 ? values.join(' or ') : `one of ${values.join(', ')}`
}

function kindOf({ type, minimum, maximum, minLength = 0, maxLength }: Form): string {
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`
  return maxLength === undefined ? 'text' : `text of ${minLength} to ${maxLength} characters`
}
