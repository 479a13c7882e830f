import { type CallOptions, type Connection, call } from './connection.ts'
import { ContractBroken } from './errors.ts'
import { type AtLeast, atLeastOf, logPointOf } from './log-point.ts'
import type { LogPoint, NotModified, Portfolio, ProposalStatus, Seen } from './types.ts'

export interface ReadOptions extends CallOptions {
  /**
   * What the answer must have seen, such as what `recordEvent` gave: reads your own write. The service waits for it;
   * where it is not that far within the time for retries, a `ProblemError` `not-yet-applied` is thrown, never an older
   * answer given.
   */
  readonly atLeast?: AtLeast
  readonly ifNoneMatch?: undefined
}

export interface ConditionalOptions extends Omit<ReadOptions, 'ifNoneMatch'> {
  /** The `etag` of what the caller has. While that is still the answer, `value` is null. */
  readonly ifNoneMatch: string
}

export interface GetProposal {
  /** Where a proposal stands. @throws ProblemError `unknown-proposal` */
  (proposalId: string, options: ConditionalOptions): Promise<Seen<ProposalStatus> | NotModified>
  (proposalId: string, options?: ReadOptions): Promise<Seen<ProposalStatus>>
}

export interface GetPortfolio {
  /** Counts, money and what is late, over the whole ledger. */
  (options: ConditionalOptions): Promise<Seen<Portfolio> | NotModified>
  (options?: ReadOptions): Promise<Seen<Portfolio>>
}

type Options = ReadOptions | ConditionalOptions

export async function getProposal(connection: Connection, proposalId: string, options: Options = {}) {
  const { query, logId } = atLeastOf(options.atLeast)
  const init = { params: { path: { proposalId }, query }, headers: condition(options) }
  const reply = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/proposals/{proposalId}', { ...init, signal }),
  )
  return seen(reply.data, reply.response)
}

export async function getPortfolio(connection: Connection, options: Options = {}) {
  const { query, logId } = atLeastOf(options.atLeast)
  const init = { params: { query }, headers: condition(options) }
  const reply = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/portfolio', { ...init, signal }),
  )
  return seen(reply.data, reply.response)
}

/** Waits until reads see the position. What was given resolves to what is seen by then. */
export async function waitFor(connection: Connection, target: AtLeast, options: CallOptions = {}): Promise<LogPoint> {
  const { query, logId } = atLeastOf(target)
  // The cheapest answer that waits for a position and needs no proposal to be named.
  const params = { query: { ...query, limit: 1 } }
  const { response } = await call(connection, { ...options, logId }, (signal) =>
    connection.projection.GET('/v1/proposals', { params, signal }),
  )
  return logPointOf(response)
}

function condition({ ifNoneMatch }: Options): Record<string, string> {
  return ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }
}

function seen<Value>(value: Value | undefined, response: Response): Seen<Value> | NotModified {
  const etag = response.headers.get('ETag') ?? ''
  if (response.status === 304) return { ...logPointOf(response), value: null, etag }
  if (value === undefined) throw new ContractBroken('The answer is empty.')
  return { ...logPointOf(response), value, etag }
}
