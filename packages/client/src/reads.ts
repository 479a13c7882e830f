import { type CallOptions, type Connection, call } from './connection.ts'
import { ContractBroken } from './errors.ts'
import { type AtLeast, atLeastOf, logPointOf } from './log-point.ts'
import type { EventTypes, LogPoint, Moment, NotModified, Portfolio, ProposalStatus, Seen } from './types.ts'

export interface ReadOptions extends CallOptions, Moment {
  /**
   * What the answer must have seen, such as the result of `recordEvent`: reads your own write. The service waits for it. If it is not that
   * far within the time for retries, a `ProblemError` `not-yet-applied` is thrown; an older answer is never returned.
   */
  readonly atLeast?: AtLeast
  readonly ifNoneMatch?: undefined
}

export interface ConditionalOptions extends Omit<ReadOptions, 'ifNoneMatch'> {
  /** The `etag` of the caller's answer. While that is still current, `value` is null. */
  readonly ifNoneMatch: string
}

export interface GetProposal {
  /**
   * The status of a proposal, now or at a moment.
   *
   * @throws ProblemError `unknown-proposal`, also if nothing was known about it, or in force, at that moment
   */
  (proposalId: string, options: ConditionalOptions): Promise<Seen<ProposalStatus> | NotModified>
  (proposalId: string, options?: ReadOptions): Promise<Seen<ProposalStatus>>
}

export interface GetPortfolio {
  /**
   * Counts, money and overdue proposals, over the whole ledger, now or at a moment.
   *
   * @throws ProblemError `before-beginning` if there was nothing at that moment
   */
  (options: ConditionalOptions): Promise<Seen<Portfolio> | NotModified>
  (options?: ReadOptions): Promise<Seen<Portfolio>>
}

export interface GetEventTypes {
  /** What can be recorded: words, the stages from which it is possible, and the JSON Schema of the data. It needs no key. */
  (options: CallOptions & { readonly ifNoneMatch: string }): Promise<Seen<EventTypes> | NotModified>
  (options?: CallOptions & { readonly ifNoneMatch?: undefined }): Promise<Seen<EventTypes>>
}

type Options = ReadOptions | ConditionalOptions

export async function getProposal(connection: Connection, proposalId: string, options: Options = {}) {
  const { query, logId } = atLeastOf(options.atLeast)
  const init = {
    params: { path: { proposalId }, query: { ...query, ...momentOf(options) } },
    headers: condition(options),
  }
  const reply = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/proposals/{proposalId}', { ...init, signal }),
  )
  return seen(reply.data, reply.response)
}

export async function getPortfolio(connection: Connection, options: Options = {}) {
  const { query, logId } = atLeastOf(options.atLeast)
  const init = { params: { query: { ...query, ...momentOf(options) } }, headers: condition(options) }
  const reply = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/portfolio', { ...init, signal }),
  )
  return seen(reply.data, reply.response)
}

export async function getEventTypes(
  connection: Connection,
  options: CallOptions & { readonly ifNoneMatch?: string | undefined } = {},
) {
  const reply = await call(connection, options, (signal) =>
    connection.projection.GET('/v1/event-types', { headers: condition(options), signal }),
  )
  return seen(reply.data, reply.response)
}

/** Waits until reads see the position. Resolves to what is seen by then. */
export async function waitFor(connection: Connection, target: AtLeast, options: CallOptions = {}): Promise<LogPoint> {
  const { query, logId } = atLeastOf(target)
  // The cheapest answer that waits for a position and names no proposal.
  const params = { query: { ...query, limit: 1 } }
  const { response } = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/proposals', { params, signal }),
  )
  return logPointOf(response)
}

function momentOf({ asOf, knownAt, knownAtPosition }: Moment) {
  return {
    ...(asOf !== undefined && { asOf }),
    ...(knownAt !== undefined && { knownAt }),
    ...(knownAtPosition !== undefined && { knownAtPosition }),
  }
}

function condition({ ifNoneMatch }: { readonly ifNoneMatch?: string | undefined }): Record<string, string> {
  return ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }
}

function seen<Value>(value: Value | undefined, response: Response): Seen<Value> | NotModified {
  const etag = response.headers.get('ETag') ?? ''
  if (response.status === 304) return { ...logPointOf(response), value: null, etag }
  if (value === undefined) throw new ContractBroken('The answer is empty.')
  return { ...logPointOf(response), value, etag }
}
