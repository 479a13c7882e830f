/** Lists of proposals as they were at a moment, page by page. */
import { decodeLine, foldAsOf, type Proposal } from '@commitments/domain'
import { inSlices } from '@commitments/http-kit'
import { sql } from 'kysely'
import type { At } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import type { LogLine, Parked } from '../status/apply.ts'
import { type AtMoment, atMoment } from '../streams/known-stream.ts'
import { readStreams } from '../streams/streams-at.ts'
import type { Filters } from './filters.ts'
import { type Place, pageBytes, type Sort } from './list.ts'
import { readPlaces } from './page-keys.ts'

export interface MomentQuestion {
  readonly filters: Filters
  readonly sort: Sort
  readonly limit: number
  readonly at: At
  /** The last row of the page before. */
  readonly after: Place | null
}

export interface MomentListed {
  readonly proposalId: string
  readonly proposal: Proposal
  /** Where it stood still already at that moment. */
  readonly parked: Parked | null
  readonly place: Place
}

export interface MomentPage {
  readonly rows: readonly MomentListed[]
  /** Null where the list ends here. */
  readonly next: Place | null
}

/**
 * One page, in the order asked for. Which proposals are on it the tables of moments say; how each of them was, its own
 * stream says, of the page's proposals only. What is recorded meanwhile changes nothing about a moment, so a walk through
 * all pages meets each proposal once.
 *
 * @param timeZone of the ledger.
 */
export async function readMomentPage(
  snapshot: Snapshot,
  question: MomentQuestion,
  timeZone: string,
): Promise<MomentPage> {
  const places = await readPlaces(snapshot, { ...question, limit: question.limit + 1 })
  const page = await fitting(snapshot, places.slice(0, question.limit), question.at)
  const rows = await foldAll(snapshot, page, question.at, timeZone)
  return { rows, next: places.length > page.length ? (page.at(-1) ?? null) : null }
}

/** As many from the first as have {@link pageBytes} of events by then, one at least. */
async function fitting({ db }: Snapshot, places: readonly Place[], { known }: At): Promise<readonly Place[]> {
  const ids = places.map(([, proposalId]) => proposalId)
  const { rows } = await sql<{ size: number }>`
    SELECT coalesce((SELECT sum(octet_length(line)) FROM events
              WHERE proposal_id = wanted.id AND position + 0 <= ${known}::bigint), 0)::bigint AS size
      FROM unnest(${ids}::text[]) WITH ORDINALITY AS wanted(id, number) ORDER BY number`.execute(db)
  let before = 0
  const full = rows.findIndex(({ size }, index) => (before += size) > pageBytes && index > 0)
  return full < 0 ? places : places.slice(0, full)
}

/** The proposals of a page, in its order. */
async function foldAll(
  snapshot: Snapshot,
  places: readonly Place[],
  at: At,
  timeZone: string,
): Promise<MomentListed[]> {
  const ids = places.map(([, proposalId]) => proposalId)
  const streams = await readStreams(snapshot, ids, at.known)
  const folded = await inSlices(places, (place): MomentListed[] => {
    const [, proposalId] = place
    const { proposal, parked } = foldAt(streams.get(proposalId) ?? [], at, timeZone)
    return proposal === null ? [] : [{ proposalId, proposal, parked, place }]
  })
  return folded.flat()
}

/** Where all events can be applied, one way through them is enough. */
function foldAt(entries: readonly LogLine[], { asOf }: At, timeZone: string): AtMoment {
  if (asOf === null) return atMoment(entries, undefined, timeZone)
  try {
    const events = entries.map(({ line }) => decodeLine(line))
    return { proposal: foldAsOf(events, asOf, timeZone), parked: null }
  } catch {
    return atMoment(entries, asOf, timeZone)
  }
}
