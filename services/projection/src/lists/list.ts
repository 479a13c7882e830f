/** Lists of proposals, page by page: as they are now, or as they were at a point in time. */
import {
  decodeLine,
  eventsASlice,
  foldingAsOf,
  type Proposal,
  type RecordedEvent,
  type Sliced,
} from '@commitments/domain'
import { breathe, inSlices, inTurns } from '@commitments/http-kit'
import { sql } from 'kysely'
import { readStreams } from '../past/streams-at.ts'
import { type Parked } from '../projections/parked.ts'
import { type AsKnown, asKnown } from '../status/fold-stream-lines.ts'
import { type LogLine } from '../streams/log-line.ts'
import { conditionsOf, matching } from './conditions.ts'
import type { Filters } from './filters.ts'
import { readRowsNow } from './list-now.ts'
import { readPageKeys } from './page-keys.ts'
import { allOf, type ListQuestion, type PageKey, type PastReading, pageBytes } from './question.ts'
import { isPast, type PastSource, type Source } from './source.ts'

export interface Listed {
  readonly proposalId: string
  readonly proposal: Proposal
  readonly parked: Parked | null
  readonly pageKey: PageKey
}

export interface Page {
  readonly rows: readonly Listed[]
  /** Null if the list ends here. */
  readonly next: PageKey | null
}

/**
 * One page in the requested order: at most `limit` rows and {@link pageBytes}. A walk through all pages meets each row once. In a list of
 * now, a row that changed since the list began keeps its old place, however many rows move meanwhile. In a list at a point in time, later
 * events change nothing.
 *
 * @throws EarlierPlacesUnknown if the read model of the past is behind the position at which a list of now began
 */
export async function readPage(source: Source, question: ListQuestion, past: PastReading): Promise<Page> {
  const { limit } = question
  if (isPast(source)) return readPagePast(source, question, past.timeZone)
  const read = await readRowsNow(source, question, past)
  const full = read.findIndex(({ fits }, index) => !fits || index === limit)
  const rows = await inSlices(full < 0 ? read : read.slice(0, full), ({ proposalId, state, parked, pageKey }) => ({
    proposalId,
    proposal: JSON.parse(state) as Proposal,
    parked,
    pageKey,
  }))
  return { rows, next: full < 0 ? null : (rows.at(-1)?.pageKey ?? null) }
}

/** How many proposals match, over all pages. */
export async function countAll(source: Source, filters: Filters): Promise<number> {
  const { from, where } = matching(source, await conditionsOf(filters, source))
  const { rows } = await sql<{ total: number }>`
    SELECT count(*)::int AS total FROM ${from} WHERE ${allOf(where)}`.execute(source.snapshot.db)
  return rows[0]?.total ?? 0
}

/** The tables of the past give the proposals of the page; the state of each of them is folded from its own stream. */
async function readPagePast(source: PastSource, question: ListQuestion, timeZone: string): Promise<Page> {
  const { limit } = question
  const keys = await readPageKeys(source, { ...question, limit: limit + 1 })
  const page = await fitting(source, keys.slice(0, limit))
  return { rows: await foldAll(source, page, timeZone), next: keys.length > page.length ? (page.at(-1) ?? null) : null }
}

/** These proposals as they are at the source; the result lacks those that do not exist there. */
export async function readProposals(
  source: Source,
  proposalIds: readonly string[],
  timeZone: string,
): Promise<ReadonlyMap<string, Proposal>> {
  if (proposalIds.length === 0) return new Map()
  if (isPast(source)) {
    const keys = proposalIds.map((id): PageKey => ['', id])
    return new Map((await foldAll(source, keys, timeZone)).map((one) => [one.proposalId, one.proposal]))
  }
  const { snapshot, table, there } = source
  const { rows } = await sql<{ id: string; state: string }>`SELECT p.proposal_id AS id, p.state FROM ${table}
    WHERE ${there} AND p.proposal_id = ANY(${proposalIds}::text[])`.execute(snapshot.db)
  return new Map(await inSlices(rows, ({ id, state }) => [id, JSON.parse(state) as Proposal] as const))
}

/** As many keys from the first on as have {@link pageBytes} of events, at least one. */
async function fitting({ snapshot, at }: PastSource, keys: readonly PageKey[]): Promise<readonly PageKey[]> {
  const { rows } = await sql<{ size: number }>`
    SELECT coalesce((SELECT sum(octet_length(line)) FROM events
              WHERE proposal_id = wanted.id AND position + 0 <= ${at.known}::bigint), 0)::bigint AS size
      FROM unnest(${idsOf(keys)}::text[]) WITH ORDINALITY AS wanted(id, number) ORDER BY number`.execute(snapshot.db)
  let before = 0
  const full = rows.findIndex(({ size }, index) => (before += size) > pageBytes && index > 0)
  return full < 0 ? keys : keys.slice(0, full)
}

function idsOf(keys: readonly PageKey[]): string[] {
  return keys.map(([, proposalId]) => proposalId)
}

/** Folds the proposals of a page, in its order. */
async function foldAll({ snapshot, at }: PastSource, keys: readonly PageKey[], timeZone: string): Promise<Listed[]> {
  const streams = await readStreams(snapshot, idsOf(keys), at.known)
  await breathe()
  return inTurns(folding(keys, streams, at, timeZone))
}

function* folding(
  keys: readonly PageKey[],
  streams: ReadonlyMap<string, readonly LogLine[]>,
  at: PastSource['at'],
  timeZone: string,
): Sliced<Listed[]> {
  const listed: Listed[] = []
  for (const pageKey of keys) {
    const [, proposalId] = pageKey
    const { proposal, parked } = yield* foldingAt(streams.get(proposalId) ?? [], at, timeZone)
    if (proposal !== null) listed.push({ proposalId, proposal, parked, pageKey })
    yield
  }
  return listed
}

/** If all events can be applied, one pass over them is enough. */
function* foldingAt(entries: readonly LogLine[], { asOf }: PastSource['at'], timeZone: string): Sliced<AsKnown> {
  if (asOf === null) return yield* asKnown(entries, undefined, timeZone)
  try {
    const events: RecordedEvent[] = []
    for (const { line } of entries) if (events.push(decodeLine(line)) % eventsASlice === 0) yield
    return { proposal: yield* foldingAsOf(events, asOf, timeZone), parked: null }
  } catch {
    return yield* asKnown(entries, asOf, timeZone)
  }
}
