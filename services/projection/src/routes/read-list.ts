/** Reads a list from its source: the statuses as they are now, or the past at a point in time. */

import { type Page, readPage } from '../lists/list.ts'
import { EarlierPlacesUnknown } from '../lists/list-now.ts'
import { currentSource, pastSource, type Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { checkBegun, completed, type PointQuery, readPast, resolve } from './as-of.ts'
import { inSnapshotOf, waitFor } from './at-least.ts'
import type { ListQuery } from './list-query.ts'

interface ReadList<T> {
  readonly source: Source
  /** Nothing that is recorded from now on can change the answer, or the list is of now. */
  readonly settled: boolean
  readonly found: T
}

/**
 * Reads a page, and further data for it in the same snapshot.
 *
 * @param wanted the point in time of a first page, and the position that the answer must have seen
 * @throws the problem `before-beginning`
 * if the ledger was empty at the point in time
 */
export function readListPage<T>(
  service: Service,
  list: ListQuery,
  wanted: PointQuery,
  limit: number,
  read: (page: Page, source: Source) => Promise<T> | T,
): Promise<ReadList<T>> {
  const { filters, order, after } = list
  const from = async (source: Source, settled: boolean) => {
    const question = { ...order, filters, limit, after, began: list.began ?? source.snapshot.position }
    const page = await readPage(source, question, service)
    if (list.past && page.rows.length === 0 && after === null) await checkBegun(service, source)
    return { source, settled, found: await read(page, source) }
  }
  return list.past ? fromPast(service, list, wanted, from) : fromNow(service, list, wanted, from)
}

type From<T> = (source: Source, settled: boolean) => Promise<T>

/** A first page that was not settled may be followed by others: they are of the same position. */
function fromPast<T>(service: Service, { at }: ListQuery, wanted: PointQuery, from: From<T>): Promise<T> {
  const atLeast = Math.max(wanted.atLeast ?? 0, at?.known ?? 0)
  return readPast(service, { ...wanted, atLeast }, async (snapshot) => {
    if (at !== null) return from(pastSource(snapshot, await completed(service, snapshot, at)), true)
    const resolved = await resolve(service, snapshot, wanted)
    return from(pastSource(snapshot, resolved.at), resolved.settled)
  })
}

/** The past has the places that rows had when the list began. If it is behind, the read waits for it. */
async function fromNow<T>(service: Service, list: ListQuery, { atLeast = 0 }: PointQuery, from: From<T>): Promise<T> {
  const position = Math.max(atLeast, list.began ?? 0)
  const once = () => inSnapshotOf(service, position, (snapshot) => from(currentSource(snapshot, list.day), true))
  try {
    return await once()
  } catch (error) {
    if (!(error instanceof EarlierPlacesUnknown)) throw error
    await waitFor(service, list.began ?? 0, service.moments)
    return once()
  }
}
