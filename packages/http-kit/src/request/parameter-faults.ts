/** What is wrong with a parameter of the path, the query or the head: one sentence that says what came, what is accepted, and an example. */
import { z } from 'zod'
import type { InputFault } from '../problems/problem.ts'

/** Characters of what came that are repeated: an answer is no place for a URL of its own. */
const shownCharacters = 80

/** Every fault of some parameters: one for each that is not accepted, and of a list one for each of its values. */
export function parameterFaults(schema: z.ZodType, given: Record<string, unknown>, prefix: string): InputFault[] {
  // Messages that a schema brings along win over this one, so that an empty one is what nobody has worded.
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

/** @param known the names of the parameters that the call takes */
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

/** What we use of a JSON Schema. */
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

/** Of each parameter, made when it is first needed: a request may have a fault in each of a hundred values. */
const forms = new WeakMap<z.ZodType, Form>()

function formOf(parameter: z.ZodType): Form {
  const known = forms.get(parameter)
  if (known !== undefined) return known
  const form = readForm(parameter)
  forms.set(parameter, form)
  return form
}

/** The same that the OpenAPI document says, so that the two cannot differ. */
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
