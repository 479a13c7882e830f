/** Checking what a request brings against the schemas of its route: everything that is wrong, at once. */
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { ParsedBody } from './body.ts'
import { type InputFault, invalid, problem } from './problem.ts'
import type { JsonBody, RouteDefinition } from './route.ts'
import type { Input } from './route-request.ts'

const nothing: Record<string, never> = Object.freeze({})

/**
 * The checked input of a request.
 * @throws Problem `malformed` for a body that is missing or cannot be read, `invalid` with all faults of all parts.
 */
export function readInput(route: RouteDefinition, raw: FastifyRequest): Input {
  checkEscapes(raw.url)
  const faults: InputFault[] = []
  const input: Input = {
    params: route.params === undefined ? nothing : check(route.params, raw.params, 'path.', faults),
    query: readQuery(route, raw.query as Record<string, unknown>, faults),
    headers: route.headers === undefined ? nothing : check(route.headers, raw.headers, 'header.', faults),
    body: readBody(route, raw.body, faults),
  }
  if (faults.length > 0) throw invalid(faults)
  return input
}

/** The parser of queries takes a broken escape for text; that of paths has refused them before. */
function checkEscapes(url: string): void {
  const mark = url.indexOf('?')
  if (mark < 0 || !url.includes('%', mark)) return
  try {
    decodeURIComponent(url.slice(mark))
  } catch {
    const detail =
      'The query has a percent escape that is none: send each `%` as %25, and text as UTF-8, such as %C4%91 for đ.'
    throw problem('malformed', detail)
  }
}

function readQuery(route: RouteDefinition, query: Record<string, unknown>, faults: InputFault[]): unknown {
  const found: InputFault[] = []
  let value: unknown = nothing
  if (route.query !== undefined) value = check(route.query, query, 'query.', found)
  else for (const name in query) found.push({ path: `query.${name}`, message: unknownName([]) })
  for (const fault of found) {
    const stranger = route.strangers?.[fault.path.slice('query.'.length)]
    faults.push(stranger === undefined ? fault : { path: fault.path, message: stranger })
  }
  return value
}

function readBody(route: RouteDefinition, body: unknown, faults: InputFault[]): unknown {
  if (route.body === undefined) return undefined
  if (body === undefined)
    throw problem('malformed', `The body is missing; send ${route.body.contentTypes.join(' or ')}.`)
  return route.body.parse === 'stream' ? body : checkBody(route.body, body as ParsedBody, faults)
}

function checkBody(rule: JsonBody, parsed: ParsedBody, faults: InputFault[]): unknown {
  if ('fault' in parsed) throw parsed.fault
  const { value } = parsed
  if (rule.read === undefined) return check(rule.schema, value, '', faults)
  const read = rule.read(value)
  if (read.ok) return read.body
  faults.push(...read.errors)
  return undefined
}

function check(schema: z.ZodType, value: unknown, prefix: string, faults: InputFault[]): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) faults.push(...describeIssue(issue, prefix, schema, value))
  return undefined
}

function describeIssue(issue: z.core.$ZodIssue, prefix: string, schema: z.ZodType, value: unknown): InputFault[] {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const message = unknownName(path === '' ? knownNames(schema) : null)
    return issue.keys.map((key) => ({ path: place(prefix, path === '' ? key : `${path}.${key}`), message }))
  }
  return [
    { path: place(prefix, path), message: isRepeated(issue, prefix, value) ? 'may be given only once' : issue.message },
  ]
}

/** A prefix alone, without its dot, stands for the whole part. */
function place(prefix: string, path: string): string {
  return path === '' ? prefix.slice(0, -1) : prefix + path
}

function knownNames(schema: z.ZodType): string[] | null {
  const { shape } = schema as { shape?: Record<string, unknown> }
  return shape === undefined ? null : Object.keys(shape)
}

/** @param known the names that are accepted in that place; null where that cannot be said */
function unknownName(known: readonly string[] | null): string {
  if (known === null) return 'is not known here; leave it out'
  if (known.length === 0) return 'is not known: this call takes no parameters'
  return `is not known; this call takes ${known.map((name) => `\`${name}\``).join(', ')}`
}

function isRepeated(issue: z.core.$ZodIssue, prefix: string, value: unknown): boolean {
  if (prefix !== 'query.' || issue.code !== 'invalid_type') return false
  return Array.isArray((value as Record<string, unknown>)[String(issue.path[0])])
}
