import { type CallOptions, type Connection, call } from './connection.ts'
import { CommitmentsError, ProblemError } from './errors.ts'
import type { components } from './generated-command.ts'
import { logPointOf } from './log-point.ts'
import { noteRefusal, signedBody } from './signing.ts'
import type { DryRun, EventBody, Recorded, RecordedEvent } from './types.ts'

/** A condition on the proposal for recording the event; otherwise it is a `ProblemError` `version-conflict`. */
export type Precondition =
  | {
      /** The version that the proposal must have, as a number or as the `etag` of the last recorded event. */
      readonly ifMatch?: number | string
      readonly ifNoneMatch?: never
    }
  | {
      readonly ifMatch?: never
      /** `*`: the proposal must not exist. */
      readonly ifNoneMatch?: '*'
    }

export type RecordOptions = CallOptions &
  Precondition & {
    /**
     * The caller's own name for this request: 1 to 255 printable ASCII characters. Under one key an event is recorded only once. Absent: a
     * key is made for this call, so that its retries are safe.
     */
    readonly idempotencyKey?: string
    /** W3C Trace Context, kept in the event. */
    readonly traceparent?: string
    readonly dryRun?: false
  }

export type DryRunOptions = CallOptions & Precondition & { readonly dryRun: true }

export interface RecordEvent {
  /** Checks everything and records nothing. */
  (proposalId: string, body: EventBody, options: DryRunOptions): Promise<DryRun>
  /**
   * Records one event. When it resolves, the event is in the log, durably and once. If the answer is lost, the request is sent again with
   * the same key.
   *
   * @throws ProblemError if the event is refused; ProblemError `outcome-unknown` or Unreachable if the outcome is unknown: send it again,
   * with the error's `idempotencyKey`
   */
  (proposalId: string, body: EventBody, options?: RecordOptions): Promise<Recorded>
}

/** The type of the OpenAPI document, which has no undefined members. */
type SentBody = components['schemas']['EventBody']

type Options = DryRunOptions | RecordOptions

export function recordEvent(
  connection: Connection,
  proposalId: string,
  body: EventBody,
  options: Options = {},
): Promise<Recorded | DryRun> {
  return options.dryRun ? decide(connection, proposalId, body, options) : record(connection, proposalId, body, options)
}

async function record(
  connection: Connection,
  proposalId: string,
  body: EventBody,
  options: RecordOptions,
): Promise<Recorded> {
  const { idempotencyKey = body.signature?.once ?? crypto.randomUUID() } = options
  const terms = { proposalId, once: idempotencyKey, version: versionAfter(options) }
  const signed = await signedBody(connection, body, terms, options)
  const header = headerOf(options, idempotencyKey)
  const send = (signal: AbortSignal) =>
    connection.command.POST('/v1/proposals/{proposalId}/events', {
      params: { path: { proposalId }, header },
      body: signed as SentBody,
      signal,
      parseAs: 'text',
    })
  const { data, response } = await call<unknown>(connection, options, send).catch((error: unknown) => {
    if (error instanceof CommitmentsError) error.idempotencyKey = idempotencyKey
    noteRefusal(connection, error instanceof ProblemError ? error.code : undefined)
    throw error
  })
  return recordedOf(data as string, response, idempotencyKey)
}

function recordedOf(line: string, response: Response, idempotencyKey: string): Recorded {
  const event = JSON.parse(line) as RecordedEvent
  return {
    ...logPointOf(response),
    event,
    line,
    version: event.version,
    etag: `"${event.version}"`,
    replayed: response.headers.get('Idempotency-Replayed') === 'true',
    idempotencyKey,
  }
}

async function decide(
  connection: Connection,
  proposalId: string,
  body: EventBody,
  options: DryRunOptions,
): Promise<DryRun> {
  const params = { path: { proposalId }, query: { dryRun: 'true' }, header: conditions(options) } as const
  const { data } = await call(connection, options, (signal) =>
    connection.command.POST('/v1/proposals/{proposalId}/events', { params, body: body as SentBody, signal }),
  )
  return data as DryRun
}

/** The header of a write under this key. */
export function headerOf(options: Precondition & { readonly traceparent?: string }, idempotencyKey: string) {
  const { traceparent } = options
  return {
    ...conditions(options),
    'Idempotency-Key': structuredString(idempotencyKey),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

export function conditions({ ifMatch, ifNoneMatch }: Precondition): { 'If-Match'?: string; 'If-None-Match'?: string } {
  if (ifMatch !== undefined) return { 'If-Match': typeof ifMatch === 'number' ? `"${ifMatch}"` : ifMatch }
  return ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }
}

/** The version that the event gets if the precondition holds; undefined where it names none. */
function versionAfter({ ifMatch, ifNoneMatch }: Precondition): number | undefined {
  if (ifNoneMatch === '*') return 1
  const version = typeof ifMatch === 'number' ? ifMatch : Number(/^"([1-9]\d{0,8})"$/.exec(ifMatch ?? '')?.[1])
  return Number.isInteger(version) ? version + 1 : undefined
}

/** As a string of RFC 9651, which the definition of the header requires. */
function structuredString(key: string): string {
  if (!/^[ -~]{1,255}$/.test(key)) throw new TypeError('An idempotencyKey has 1 to 255 printable ASCII characters.')
  return `"${key.replaceAll(/["\\]/g, '\\$&')}"`
}
