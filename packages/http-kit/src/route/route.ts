/**
 * Routes are values: the input and output of a call, who can make it, and the function that answers it. Router, checks and OpenAPI are
 * derived from them.
 */
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Caller, Scope } from '../keys/key-entries.ts'
import type { Work } from '../limits/gate.ts'
import type { InputFault, ProblemCode } from '../problems/problem.ts'
import { type HandlerResult, type ResponseDefinition, responseTypesOf } from './responses.ts'
import type { RouteRequest } from './route-request.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who can call: everybody, or a key or token with the scope. `read` and `audit` are enforced only with `READ_ACCESS=key`; `record`, `admin`
 * and `webhooks` always are.
 */
export type Access = 'public' | { readonly scope: Scope }

/** A reader of a parsed JSON value that reports every error in it. */
export type ReadBody<Body> = (value: unknown) => { ok: true; body: Body } | { ok: false; errors: InputFault[] }

/** Bodies by name; "Try it out" offers the first one. */
type NamedExamples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>

export interface JsonBody<Body = unknown> {
  parse: 'json'
  /** Describes the body in the OpenAPI document, and checks it unless `read` does. */
  schema: z.ZodType<Body>
  /** Checks instead of the schema, with better messages. It must accept the same values. */
  read?: ReadBody<Body>
  contentTypes: readonly string[]
  /** Bytes; a longer body is 413. */
  limit: number
  description?: string
  examples?: NamedExamples
}

export interface StreamBody {
  parse: 'stream'
  /** Describes one line or the whole, for the OpenAPI document only. */
  schema?: z.ZodType
  contentTypes: readonly string[]
  /** Bytes, as decoded; `Infinity` if the handler limits what it reads. A longer body ends the stream with a 413 problem. */
  limit: number
  /** Codings of `Content-Encoding` that are decoded. Absent: none. */
  codings?: readonly 'gzip'[]
  description?: string
  examples?: NamedExamples
}

export type BodyDefinition = JsonBody | StreamBody

export interface RouteDefinition {
  method: Method
  /** With `:name` parts; the last part may be `*`. */
  url: string
  operationId: string
  tag: string
  summary: string
  description?: string
  access: Access
  /** For a call that everybody can make: if reading needs a key, a known one is noticed (`caller`), and the answer can say more. */
  noticesKey?: boolean | undefined
  params?: z.ZodType | undefined
  /** A `z.strictObject`: unknown parameters are refused. Absent: the call takes no parameters. `ignoredQuery`: any, for static resources. */
  query?: z.ZodType | undefined
  /** Parameters of other calls that callers may try here, and the answer: "is not accepted here: …". */
  refusedQuery?: Readonly<Record<string, string>> | undefined
  /** The media type that a query parameter chooses, with priority over `Accept`; undefined if no parameter does. */
  chosenType?: ((query: unknown) => string | undefined) | undefined
  /** By lower-case name of the header. */
  headers?: z.ZodType | undefined
  body?: BodyDefinition | undefined
  responses: Readonly<Record<number, ResponseDefinition>>
  /** In addition to those that http-kit answers by itself (malformed, invalid, unauthenticated …). */
  problems: readonly ProblemCode[]
  /** Requests do not count against the caller's share, because monitoring must work when the service is busy. */
  uncounted?: true | undefined
  /** If reading is public: pages of every origin may read it, whatever ALLOWED_ORIGINS says. */
  openToPages?: true | undefined
  /** Its bytes are text for the most part, though their media type does not say so: they are compressed too. */
  compressible?: true | undefined
  /** A page for people, or a part of one: it is not a call of the API and not in its document. */
  undocumented?: true | undefined
  /** The work of an answer: the handler runs in a turn for it. The default is `page`, the most. */
  work?: Work | ((request: RouteRequest) => Work)
  handler: (request: RouteRequest) => HandlerResult | Promise<HandlerResult>
}

/** Whether requests count against the caller's share. */
export function isCounted({ access, uncounted }: RouteDefinition): boolean {
  return access !== 'public' && !uncounted
}

/** The problems of a route: its own, and those that http-kit finds by itself. */
export function problemCodesOf(route: RouteDefinition): ProblemCode[] {
  const { access, body, problems } = route
  const codes: ProblemCode[] = [...problems, 'internal', 'malformed']
  if (canBeInvalid(route)) codes.push('invalid')
  // The last two: the issuer of a token cannot be asked; many wrong keys came, also to a route whose requests are not counted.
  if (access !== 'public') codes.push('unauthenticated', 'forbidden', 'unavailable', 'too-many-requests')
  if (responseTypesOf(route).length > 0) codes.push('not-acceptable')
  if (body !== undefined) codes.push('unsupported-media-type')
  if (route.work !== 'memory') codes.push('unavailable')
  if (body !== undefined && body.limit !== Number.POSITIVE_INFINITY) codes.push('too-large')
  return [...new Set(codes)]
}

/** The query of a static resource: whatever parameters it has, they change nothing. */
export const ignoredQuery = z.looseObject({})

function canBeInvalid({ params, query, headers, body }: RouteDefinition): boolean {
  return query !== ignoredQuery || [params, headers, body].some((part) => part !== undefined)
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>
type ParsedBody<Body> = Body extends { parse: 'stream' }
  ? Readable
  : Body extends { read: ReadBody<infer Value> }
    ? Value
    : Body extends { schema: infer Schema extends z.ZodType }
      ? z.output<Schema>
      : undefined
type CallerOf<A> = A extends { scope: 'record' | 'admin' | 'webhooks' } ? Caller : Caller | null

/** The input of a handler: everything is checked and has the schema's output type. */
export type TypedRequest<Params, Query, Headers, Body, Who> = Omit<
  RouteRequest,
  'params' | 'query' | 'headers' | 'body' | 'caller'
> & {
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
  readonly caller: Who
}

type Optional = z.ZodType | undefined

/** `RouteDefinition` with its parts typed; the handler's argument follows from them. */
export type RouteSpec<
  P extends Optional,
  Q extends Optional,
  H extends Optional,
  B extends BodyDefinition | undefined,
  A extends Access,
> = Omit<RouteDefinition, 'params' | 'query' | 'headers' | 'body' | 'access' | 'handler'> & {
  access: A
  params?: P
  query?: Q
  headers?: H
  body?: B
  handler: (
    request: TypedRequest<Parsed<P>, Parsed<Q>, Parsed<H>, ParsedBody<B>, CallerOf<A>>,
  ) => HandlerResult | Promise<HandlerResult>
}

/**
 * A route whose handler gets its types from the route's schemas.
 *
 * @example
 * defineRoute({
 *   method: 'GET', url: '/v1/proposals/:proposalId', operationId: 'getProposal', tag: 'Status', summary: '…',
 *   access: { scope: 'read' }, params: z.strictObject({ proposalId: ProposalId }),
 *   responses: { 200: { description: 'The status.', schema: Status, headers: ['ETag', 'Log-Position'] } },
 *   problems: ['unknown-proposal'],
 *   handler: ({ params }) => ({ status: 200, headers: { etag }, body: find(params.proposalId) }),
 * })
 */
export function defineRoute<
  P extends Optional = undefined,
  Q extends Optional = undefined,
  H extends Optional = undefined,
  B extends BodyDefinition | undefined = undefined,
  const A extends Access = Access,
>(route: RouteSpec<P, Q, H, B, A>): RouteDefinition {
  // The argument of the handler is built from these schemas, so forgetting its type here loses nothing.
  return route as unknown as RouteDefinition
}
