import createOpenApiClient, { type Client as OpenApiClient } from 'openapi-fetch'
import { type Authorization, authorized, type TokenProvider } from './authorization.ts'
import { CommitmentsError, LogChanged, Unreachable } from './errors.ts'
import type { paths as CommandPaths } from './generated-command.ts'
import type { paths as ProjectionPaths } from './generated-projection.ts'
import { problemOf } from './problems.ts'
import { attemptLimit, type Retries, usualRetries, withRetries } from './retry.ts'
import { beginSigning, type Signing, type SigningOptions } from './signing-key.ts'

export interface ClientOptions {
  /** The address of the command service, such as `http://127.0.0.1:8080`. */
  readonly commandUrl: string | URL
  /** The address of the projection service, such as `http://127.0.0.1:8081`. */
  readonly projectionUrl: string | URL
  /** A key, or a token, is needed for writing; for reading only if the services require it. */
  readonly apiKey?: string
  /**
   * Instead of a key: the access token of an issuer that the services know, or a function that gives it. The function is called before each request
   * and each further attempt; it keeps a token for as long as that is valid, and gives a new one in time.
   */
  readonly token?: string | TokenProvider
  /** Used instead of the global one. */
  readonly fetch?: typeof globalThis.fetch
  readonly retries?: Partial<Retries>
  /** Signs every event that is recorded; dry runs are not signed. Absent: the client signs nothing. */
  readonly signing?: SigningOptions
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, its retries and its pauses. It then throws the signal's reason. */
  readonly signal?: AbortSignal
  /** Other limits for this call than the client's. */
  readonly retries?: Partial<Retries>
}

/** Typed calls accept only JSON from the answers of an operation; streams have separate calls. */
type Json = 'application/json'

/** What the functions of a client use. */
export interface Connection {
  readonly command: OpenApiClient<CommandPaths, Json>
  readonly projection: OpenApiClient<ProjectionPaths, Json>
  readonly commandUrl: string
  readonly projectionUrl: string
  /** Sends the caller's key or token with every request. */
  readonly fetch: typeof globalThis.fetch
  readonly retries: Retries
  readonly signing: Signing | null
}

/** @throws TypeError if there is both a key and a token, or an address is none */
export function connect(options: ClientOptions): Connection {
  const { commandUrl, projectionUrl, fetch, retries, signing } = options
  // The global fetch is looked up at each call, because code that observes requests may replace it.
  const bare: typeof globalThis.fetch = fetch ?? ((input, init) => globalThis.fetch(input, init))
  const send = authorized(bare, authorizationOf(options))
  const common = { fetch: (request: Request) => fetchWhole(send, request) }
  const urls = { commandUrl: baseUrl('commandUrl', commandUrl), projectionUrl: baseUrl('projectionUrl', projectionUrl) }
  return {
    command: createOpenApiClient<CommandPaths, Json>({ ...common, baseUrl: urls.commandUrl }),
    projection: createOpenApiClient<ProjectionPaths, Json>({ ...common, baseUrl: urls.projectionUrl }),
    ...urls,
    fetch: send,
    retries: { ...usualRetries, ...retries },
    signing: signing ? beginSigning(signing) : null,
  }
}

function authorizationOf({ apiKey, token }: ClientOptions): Authorization {
  if (apiKey !== undefined && token !== undefined) throw new TypeError('Give either apiKey or token: one is sent.')
  return token ?? apiKey ?? null
}

/** Reported at once; at the first request it would look like an unreachable service. */
function baseUrl(name: string, given: string | URL): string {
  // `URL.parse` needs Node 22.
  const url = URL.canParse(String(given)) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TypeError(`${name} must be an http or https address.`)
  return url.href.replace(/\/$/, '')
}

/** The answer with its whole body, so that a truncated body is a failure of the request like any other. */
async function fetchWhole(fetch: typeof globalThis.fetch, request: Request): Promise<Response> {
  try {
    const response = await fetch(request)
    const { status, statusText, headers } = response
    const body = await response.arrayBuffer()
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers })
  } catch (error) {
    throw error instanceof CommitmentsError ? error : unreachable(error, request.signal)
  }
}

/** What the caller gets for a failure of the network; for an aborted request it is the reason. */
export function unreachable(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  return new Unreachable(`No whole answer came: ${cause}`, { cause: error })
}

/** What openapi-fetch returns. */
export interface Reply<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response: Response
}

/** What a reply must have besides its status. */
interface Demands extends CallOptions {
  /** The log that the call is about. */
  readonly logId?: string | undefined
}

/**
 * One call with its retries. `data` is absent only with 304.
 *
 * @throws ProblemError, Unreachable, LogChanged
 */
export function call<Data>(
  connection: Connection,
  { signal, retries, logId }: Demands,
  send: (signal: AbortSignal) => Promise<Reply<Data>>,
): Promise<Reply<Data>> {
  return withRetries({ ...connection.retries, ...retries }, signal, async (attempts) => {
    const reply = await withinLimit(attemptLimit(attempts), signal, send)
    assertSameLog(reply.response, logId)
    if (reply.response.ok || reply.response.status === 304) return reply
    throw problemOf(reply.response, reply.error)
  })
}

/** @throws LogChanged if the answer is from a log other than the one that the caller knows */
export function assertSameLog({ headers }: Response, expected: string | undefined): void {
  const actual = headers.get('Log-Id')
  if (expected !== undefined && actual !== null && actual !== expected) throw new LogChanged(expected, actual)
}

async function withinLimit<Value>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = new AbortController()
  const late = new Unreachable(`No whole answer came within ${Math.round(milliseconds)} ms.`)
  const timer = setTimeout(() => limit.abort(late), milliseconds)
  try {
    return await work(anySignal(limit.signal, signal))
  } finally {
    clearTimeout(timer)
  }
}

function anySignal(own: AbortSignal, callers: AbortSignal | undefined): AbortSignal {
  return callers === undefined ? own : AbortSignal.any([own, callers])
}
