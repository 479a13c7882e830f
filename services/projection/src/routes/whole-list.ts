/** A list as a whole, for downloads: every proposal, read page by page as the reader takes them. */
import { createHash } from 'node:crypto'
import { domainVocabulary } from '@commitments/domain'
import type { RouteRequest } from '@commitments/http-kit'
import { sql } from 'kysely'
import type { Page } from '../lists/list.ts'
import type { Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import type { PointQuery } from './as-of.ts'
import type { ListQuery } from './list-query.ts'
import { readListPage } from './read-list.ts'
import { tagOf } from './reading.ts'

/** The most proposals in memory at once; fewer if they are large. */
export const proposalsAtOnce = 500

/** The caller that downloads, and the turn in which each page is read. */
export interface Download extends Pick<RouteRequest, 'raw' | 'reply'> {
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
}

/** @param request a request whose handler already has a turn for the first page */
export function downloadOf(request: Pick<RouteRequest, 'raw' | 'reply' | 'inTurn'>): Download {
  const { raw, reply } = request
  return { raw, reply, turn: (work) => request.inTurn('page', work, { patient: true }) }
}

export interface WholeList<Part> {
  /** That of the first page: no later one is older. */
  readonly source: Source
  readonly settled: boolean
  /** The id of the last event that it shows; null: it shows none. */
  readonly lastId: string | null
  /** Each page, one after the other; no transaction waits for a slow reader. */
  readonly parts: () => AsyncGenerator<Part>
}

/**
 * The first page is read before the answer begins, so that an unavailable database is a problem document and not a broken stream. Each
 * page is a separate snapshot, none older than the first.
 *
 * @param read takes what it needs of a page, in its snapshot
 */
export async function wholeList<Part>(
  service: Service,
  { turn }: Pick<Download, 'turn'>,
  list: ListQuery,
  wanted: PointQuery,
  read: (page: Page, source: Source) => Promise<Part>,
): Promise<WholeList<Part>> {
  const page = (asked: ListQuery, point: PointQuery) =>
    readListPage(service, asked, point, proposalsAtOnce, async (one, source) => ({
      part: await read(one, source),
      next: one.next,
      lastId: await readLastId(source),
    }))
  const { source, settled, found } = await page(list, wanted)
  const rest = { ...list, at: source.at, began: list.began ?? source.snapshot.position }
  async function* parts(): AsyncGenerator<Part> {
    let { part, next } = found
    for (;;) {
      yield part
      const after = next
      if (after === null) return
      ;({ part, next } = (await turn(() => page({ ...rest, after }, {}))).found)
    }
  }
  return { source, settled, lastId: found.lastId, parts }
}

async function readLastId({ at, snapshot }: Source): Promise<string | null> {
  const known = at?.known ?? snapshot.position
  const { rows } = await sql<{
    id: string
  }>`SELECT event_id AS id FROM events WHERE position = ${known}::bigint`.execute(snapshot.db)
  return rows[0]?.id ?? null
}

/** Another release may have other words. */
const digestOfWords = createHash('sha256').update(JSON.stringify(domainVocabulary)).digest('base64url')

/**
 * The tag of a download. That of a list of now is weak, because events recorded meanwhile may be in one download and not in another that
 * began at the same position. At a point in time nothing can change meanwhile. A position alone is not enough: after a failover that lost events,
 * the same log can have others there.
 *
 * @param further what else the bytes depend on
 */
export function tagOfWhole(
  { rules, cloudEvents }: Service,
  { filters, order, began, after }: ListQuery,
  { source: { at, day, snapshot }, lastId }: Pick<WholeList<unknown>, 'source' | 'lastId'>,
  further: readonly unknown[],
): string {
  const { logId, position, generation } = snapshot
  const point = [day, at?.asOf, at?.known, lastId, began, after, proposalsAtOnce, generation, rules]
  const of = JSON.stringify([filters, order, point, cloudEvents.publicUrl, digestOfWords, ...further])
  return at === null ? `W/${tagOf(logId, String(position), of)}` : tagOf(logId, of)
}
