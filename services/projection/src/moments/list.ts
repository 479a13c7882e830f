/** Lists of proposals as they were at a moment, page by page. */
import { decodeLine, foldAsOf, type Proposal } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import type { LogLine, Parked } from '../projector/apply.ts'
import type { Filters } from '../read-model/filters.ts'
import type { Place, Sort } from '../read-model/list.ts'
import { type AtMoment, atMoment } from '../read-model/read-moment.ts'
import type { Snapshot } from '../read-model/snapshot.ts'
import { type At, rectangleAt } from './at.ts'
import { momentConditions } from './filters.ts'
import { firstRecordedFrom } from './known.ts'

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
  const places = await readPlaces(snapshot, question)
  const page = places.slice(0, question.limit)
  const rows = await foldAll(snapshot, page, question.at, timeZone)
  return { rows, next: places.length > question.limit ? (page.at(-1) ?? null) : null }
}

/**
 * What a list is walked along: rows that are in its order by an index of theirs, or few enough to be sorted. For each of
 * them one probe tells whether it is so at the moment.
 */
interface Walk {
  /** What the rows are sorted by, before the id, and the type that the key of a place is read as. */
  readonly key: RawBuilder<unknown>
  readonly id: RawBuilder<unknown>
  readonly type: string
  readonly from: RawBuilder<unknown>
  readonly where: readonly RawBuilder<unknown>[]
}

/** Places of one row more than the page has, which tells whether there is another page. */
async function readPlaces(snapshot: Snapshot, { filters, sort, limit, at, after }: MomentQuestion): Promise<Place[]> {
  const { updatedSince } = filters
  const since = updatedSince === undefined ? null : await firstRecordedFrom(snapshot, updatedSince, at.known)
  const walk = walkOf({ filters, sort, at, since }, snapshot.generation)
  const descending = sort.startsWith('-')
  const direction = sql.raw(descending ? 'DESC' : 'ASC')
  const where = after === null ? walk.where : [...walk.where, beyondPlace(after, walk, descending)]
  const { rows } = await sql<{ key: string; proposalId: string }>`
    SELECT (${walk.key})::text AS key, ${walk.id} AS "proposalId" FROM ${walk.from}
     WHERE ${sql.join(where, sql` AND `)}
     ORDER BY ${walk.key} ${direction}, ${walk.id} ${direction} LIMIT ${limit + 1}`.execute(snapshot.db)
  return rows.map(({ key, proposalId }): Place => [key, proposalId])
}

interface Asked extends Pick<MomentQuestion, 'filters' | 'sort' | 'at'> {
  /** The first position that counts for `updatedSince`. */
  readonly since: number | null
}

function walkOf({ filters, sort, at, since }: Asked, generation: number): Walk {
  const { moment, facets } = momentConditions(filters, at, since)
  const by = sort.replace('-', '')
  const ofMoment = [sql`m.generation = ${sql.lit(generation)}`, rectangleAt(at), ...moment]
  const ofFacets = [sql`f.generation = ${sql.lit(generation)}`, ...facets]
  if (by === 'updated') return alongLog(at, ofMoment, ofFacets)
  const id = sql`f.proposal_id`
  const key = { title: sql`f.title_key`, plannedEnd: sql`f.planned_end` }[by] ?? id
  const type = by === 'plannedEnd' ? 'date' : 'text'
  if (isRare(filters)) return { key, id, type, from: joined, where: [...ofMoment, ...ofFacets] }
  if (key === id && facets.length === 0) {
    const own = sql`m.proposal_id`
    return { key: own, id: own, type, from: sql`proposal_moments m`, where: ofMoment }
  }
  return { key, id, type, from: probing(ofMoment), where: ofFacets }
}

/** Few have ended in a given way: the planner finds them by that, and sorts them. */
function isRare({ ending }: Filters): boolean {
  return ending !== undefined && !ending.includes('none')
}

const joined = sql`proposal_moments m
  JOIN moment_facets f ON f.generation = m.generation AND f.proposal_id = m.proposal_id AND f.facets = m.facets`

/** OFFSET 0 keeps the planner from joining all that was ever so before it looks at the order. */
function probing(ofMoment: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`moment_facets f CROSS JOIN LATERAL (SELECT FROM proposal_moments m
    WHERE m.proposal_id = f.proposal_id AND m.facets = f.facets AND ${sql.join(ofMoment, sql` AND `)} OFFSET 0) m`
}

/** By the last event of each that was known then: one that no other of its stream followed until then. */
function alongLog({ known }: At, ofMoment: RawBuilder<unknown>[], ofFacets: RawBuilder<unknown>[]): Walk {
  const last = sql`e.position <= ${known}::bigint AND NOT EXISTS (SELECT FROM events later
    WHERE later.proposal_id = e.proposal_id AND later.version = e.version + 1 AND later.position <= ${known}::bigint)`
  const from = sql`events e CROSS JOIN LATERAL (SELECT FROM proposal_moments m
    JOIN moment_facets f ON f.proposal_id = m.proposal_id AND f.facets = m.facets
    WHERE m.proposal_id = e.proposal_id AND ${sql.join([...ofMoment, ...ofFacets], sql` AND `)} OFFSET 0) m`
  return { key: sql`e.position`, id: sql`e.proposal_id`, type: 'bigint', from, where: [last] }
}

function beyondPlace([key, proposalId]: Place, { key: by, type, id }: Walk, descending: boolean): RawBuilder<unknown> {
  return sql`(${by}, ${id}) ${sql.raw(descending ? '<' : '>')} (${key}::${sql.raw(type)}, ${proposalId})`
}

/** The proposals of a page, in its order. */
async function foldAll(
  snapshot: Snapshot,
  places: readonly Place[],
  at: At,
  timeZone: string,
): Promise<MomentListed[]> {
  const streams = await readStreams(snapshot, places, at.known)
  return places.flatMap((place): MomentListed[] => {
    const [, proposalId] = place
    const { proposal, parked } = foldAt(streams.get(proposalId) ?? [], at, timeZone)
    return proposal === null ? [] : [{ proposalId, proposal, parked, place }]
  })
}

async function readStreams(
  snapshot: Snapshot,
  places: readonly Place[],
  known: number,
): Promise<Map<string, LogLine[]>> {
  const proposalIds = places.map(([, proposalId]) => proposalId)
  const { rows } = await sql<LogLine>`
    SELECT e.proposal_id AS "proposalId", e.version, e.position, e.line FROM events e
     WHERE e.proposal_id = ANY(${proposalIds}::text[]) AND e.position <= ${known}::bigint
     ORDER BY e.proposal_id, e.version`.execute(snapshot.db)
  return Map.groupBy(rows, ({ proposalId }) => proposalId)
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
