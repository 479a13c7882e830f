/**
 * An error for the caller. Any code below a route can return or throw it. Only `problemDocument` turns it into `application/problem+json`
 * (RFC 9457).
 */
import type { KitProblemCode, ProblemTypes } from './problem-types.ts'

/** A code of http-kit's catalogue, or one that a service adds in `buildApp({ problemTypes })`. */
export type ProblemCode = KitProblemCode | (string & {})

/** Extra members of the document; `headers` become headers of the answer instead. */
export type ProblemExtra = Record<string, unknown> & { headers?: Record<string, string> }

export class Problem extends Error {
  readonly code: ProblemCode
  readonly extra: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(code: ProblemCode, detail: string, extra: ProblemExtra = {}) {
    // An expected answer needs no stack, and capturing one costs more than all the checks of a request.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = limit
    const { headers = {}, ...members } = extra
    this.name = 'Problem'
    this.code = code
    this.extra = members
    this.headers = headers
  }

  /** What went wrong in this case, for the caller. */
  get detail(): string {
    return this.message
  }
}

/**
 * Makes a problem. `detail` is a whole sentence for the caller: what was wrong, and what would be accepted. It never has internal text
 * (SQL, stack, file names).
 * @example throw problem('version-conflict', 'The proposal is at version 3.', { actual: 3 })
 */
export function problem(code: ProblemCode, detail: string, extra?: ProblemExtra): Problem {
  return new Problem(code, detail, extra)
}

export interface InputFault {
  /** Where: `data.amount.value` in the body, `query.limit`, `path.proposalId`, `header.if-match`. */
  path: string
  /** What would be accepted there. Continues the sentence that the path begins: "must be …", "is missing; …". */
  message: string
}

/** A 400 `invalid` that lists every error of the input. */
export function invalid(errors: readonly InputFault[]): Problem {
  const [first] = errors
  if (first === undefined) return problem('invalid', 'The request does not fit the schema.', { errors })
  const place = first.path === '' ? 'The request' : `\`${first.path}\``
  return problem('invalid', `${place} ${sentence(first.message)}${othersOf(errors.length - 1)}`, { errors })
}

function othersOf(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ' `errors` lists one more fault.' : ` \`errors\` lists ${count} more faults.`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

export interface ProblemContext {
  /** Path of the request; absent if the request could not be read far enough. */
  instance?: string | undefined
  requestId?: string | undefined
  /** Makes `type` absolute. */
  publicUrl?: string | undefined
}

/** The members of RFC 9457, our `code` and `requestId`, and the extra members of the case. */
export interface ProblemDocument extends Record<string, unknown> {
  type: string
  title: string
  status: number
  detail: string
  code: string
}

/**
 * The document of a problem, as sent with `application/problem+json` and in the answers of a bulk import. A code that is not in the
 * catalogue is an internal error and throws.
 */
export function problemDocument(types: ProblemTypes, from: Problem, context: ProblemContext = {}): ProblemDocument {
  const type = types[from.code]
  if (type === undefined) throw new Error(`No problem type is catalogued under the code ${from.code}.`, { cause: from })
  return {
    type: `${context.publicUrl ?? ''}/problems/${from.code}`,
    title: type.title,
    status: type.status,
    detail: from.message,
    ...(context.instance === undefined ? {} : { instance: context.instance }),
    code: from.code,
    ...(context.requestId === undefined ? {} : { requestId: context.requestId }),
    ...from.extra,
  }
}
