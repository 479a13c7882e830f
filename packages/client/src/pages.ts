import { type CallOptions, type Connection, call, type Reply } from './connection.ts'
import { ContractBroken } from './errors.ts'
import { type AtLeast, atLeastOf, logPointOf } from './log-point.ts'
import type { EventItem, ProposalFilters, ProposalStatus } from './types.ts'

export interface PagedOptions extends CallOptions {
  /** How many are requested at once; up to this many are in memory. */
  readonly pageSize?: number
  /** What the answers must have seen. */
  readonly atLeast?: AtLeast
}

export interface HistoryOptions extends PagedOptions {
  /** Begin after this version. Default: 0. */
  readonly after?: number
}

/** `fields` are not requested, so every row is a whole status. */
interface WholePage {
  proposals: ProposalStatus[]
  next: string | null
}

/** Every proposal that matches the filters, now or at a moment, each once; pages are read as they are consumed. */
export async function* listProposals(
  connection: Connection,
  filters: ProposalFilters,
  { pageSize: limit = 100, atLeast, ...options }: PagedOptions,
): AsyncGenerator<ProposalStatus, void, undefined> {
  const { query, logId } = atLeastOf(atLeast)
  // The cursor contains filters and order.
  const pages = follow<WholePage, string>(logId, (cursor, logId) => {
    const params = { query: cursor === null ? { ...filters, ...query, limit } : { cursor, limit } }
    return call(connection, { ...options, logId }, (signal) =>
      connection.projection.GET('/v1/proposals', { params, signal, headers: { Accept: 'application/json' } }),
    ) as Promise<Reply<WholePage>>
  })
  for await (const page of pages) yield* page.proposals
}

/** The events of one proposal in their order, as recorded. */
export async function* history(
  connection: Connection,
  proposalId: string,
  { pageSize: limit = 100, atLeast, after = 0, ...options }: HistoryOptions,
): AsyncGenerator<EventItem, void, undefined> {
  const { query, logId } = atLeastOf(atLeast)
  const pages = follow<{ events: EventItem[]; next: number | null }, number>(logId, (next, logId) => {
    const params = { path: { proposalId }, query: { ...query, after: next ?? after, limit } }
    return call(connection, { ...options, logId }, (signal) =>
      connection.projection.GET('/v1/proposals/{proposalId}/events', { params, signal }),
    )
  })
  for await (const page of pages) yield* page.events
}

/** All pages, from the same log. */
export async function* follow<Page extends { next: Next | null }, Next>(
  expectedLog: string | undefined,
  read: (next: Next | null, logId: string | undefined) => Promise<Reply<Page>>,
): AsyncGenerator<Page, void, undefined> {
  let logId = expectedLog
  let next: Next | null = null
  do {
    const { data, response }: Reply<Page> = await read(next, logId)
    if (data === undefined) throw new ContractBroken('The answer is empty.')
    yield data
    ;({ logId } = logPointOf(response))
    next = data.next
  } while (next !== null)
}
