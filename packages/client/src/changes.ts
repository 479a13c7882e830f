/** What changed: in one proposal, member by member; and which of all proposals. */
import { type Connection, call } from './connection.ts'
import { ContractBroken } from './errors.ts'
import { atLeastOf, logPointOf } from './log-point.ts'
import { follow, type HistoryOptions, type PagedOptions } from './pages.ts'
import type { ChangedProposal, FieldChange, LogPoint } from './types.ts'

interface ChangesPage {
  readonly fields: readonly { readonly field: string; readonly changes: readonly Omit<FieldChange, 'field'>[] }[]
  readonly next: number | null
}

/** The values of each field of the status, in the order in which we learnt them. */
export async function* proposalChanges(
  connection: Connection,
  proposalId: string,
  { pageSize: limit = 100, atLeast, after = 0, ...options }: HistoryOptions,
): AsyncGenerator<FieldChange, void, undefined> {
  const { query, logId } = atLeastOf(atLeast)
  const pages = follow<ChangesPage, number>(logId, (next, logId) => {
    const params = { path: { proposalId }, query: { ...query, after: next ?? after, limit } }
    return call(connection, { ...options, logId }, (signal) =>
      connection.projection.GET('/v1/proposals/{proposalId}/changes', { params, signal }),
    )
  })
  for await (const { fields } of pages) {
    const changes = fields.flatMap(({ field, changes }) => changes.map((change) => ({ field, ...change })))
    yield* changes.toSorted((a, b) => a.version - b.version)
  }
}

/** Every proposal that an event changed after `since`, each once. The generator returns the position from which the next poll continues. */
export async function* changedSince(
  connection: Connection,
  since: number | LogPoint,
  { pageSize: limit = 100, atLeast, ...options }: PagedOptions,
): AsyncGenerator<ChangedProposal, LogPoint, undefined> {
  const wanted = atLeastOf(atLeast)
  let logId = typeof since === 'number' ? wanted.logId : since.logId
  let position = typeof since === 'number' ? since : since.position
  for (;;) {
    const params = { query: { ...wanted.query, since: position, limit } }
    const { data, response } = await call(connection, { ...options, logId }, (signal) =>
      connection.projection.GET('/v1/changes', { params, signal }),
    )
    if (data === undefined) throw new ContractBroken('The answer is empty.')
    ;({ logId } = logPointOf(response))
    yield* data.proposals
    position = data.next
    if (!data.more) return { position, logId }
  }
}
