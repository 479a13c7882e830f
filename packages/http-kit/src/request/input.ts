/** Checks the input of a request against the schemas of its route, and reports all errors at once. */
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { type InputFault, invalid, problem } from '../problems/problem.ts'
import type { JsonBody, RouteDefinition } from '../route/route.ts'
import type { Input } from '../route/route-request.ts'
import type { ParsedBody } from './body.ts'
import { parameterFaults, unknownName } from './parameter-faults.ts'

const nothing: Record<string, never> = Object.freeze({})

/**
 * The checked input of a request.
 * @throws Problem `malformed` for a body that is missing or cannot be read, `invalid` with all errors in all parts
 */
export function readInput(route: RouteDefinition, raw: FastifyRequest): Input {
  checkEscapes(raw.url)
  const faults: InputFault[] = []
  const input: Input = {
    params: route.params === undefined ? nothing : checkParameters(route.params, raw.params, 'path.', faults),
    query: readQuery(route, raw.query as Record<string, unknown>, faults),
    headers: route.headers === undefined ? nothing : checkParameters(route.headers, raw.headers, 'header.', faults),
    body: readBody(route, raw.body, faults),
  }
  if (faults.length > 0) throw invalid(faults)
  return input
}

/** The query parser accepts a broken escape as text; the path parser has already refused broken escapes. */
function checkEscapes(url: string): void {
  const mark = url.indexOf('?')
  if (mark < 0 || !url.includes('%', mark)) return
  try {
    decodeURIComponent(url.slice(mark))
  } catch {
    const detail =
      'The query has an invalid percent escape: send each `%` as %25, and text as UTF-8, such as %C4%91 for đ.'
    throw problem('malformed', detail)
  }
}

function readQuery(route: RouteDefinition, query: Record<string, unknown>, faults: InputFault[]): unknown {
  const found: InputFault[] = []
  let value: unknown = nothing
  if (route.query !== undefined) value = checkParameters(route.query, query, 'query.', found)
  else for (const name in query) found.push({ path: `query.${name}`, message: unknownName([]) })
  for (const fault of found) {
    const reason = route.refusedQuery?.[fault.path.slice('query.'.length)]
    faults.push(reason === undefined ? fault : { path: fault.path, message: reason })
  }
  return value
}

function checkParameters(schema: z.ZodType, value: unknown, prefix: string, faults: InputFault[]): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  faults.push(...parameterFaults(schema, value as Record<string, unknown>, prefix))
  return undefined
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
  if (rule.read === undefined) return checkWhole(rule.schema, value, faults)
  const read = rule.read(value)
  if (read.ok) return read.body
  faults.push(...read.errors)
  return undefined
}

/** A body whose schema words its own errors. */
function checkWhole(schema: z.ZodType, value: unknown, faults: InputFault[]): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) faults.push(...describeIssue(issue))
  return undefined
}

function describeIssue(issue: z.core.$ZodIssue): InputFault[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }]
  return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not known here; omit it' }))
}
