import { CannotCheck } from '../verdict.ts'
import type { Service } from './service.ts'
import { type Answer, askObject, idIn, type Members, objectsIn } from './shape.ts'

export interface Page {
  readonly proposals: readonly Members[]
  readonly ids: readonly string[]
  readonly next: string | null
  readonly total: unknown
  readonly position: number
  readonly servedAt: number
}

/**
 * The pages of a list, to its end or as long as they are asked for. A list that goes round in circles, or has more proposals than the log
 * has events, is not read for ever. Where the service answers 404 there is no page: so it answers before the beginning of the ledger.
 *
 * @param query begins with `limit=`
 * @throws CannotCheck
 */
export async function* pagesOf(service: Service, query: string): AsyncGenerator<Page, void, undefined> {
  const seen = new Set<string>()
  const limit = query.split('&')[0]
  for (let asked: string | null = query; asked !== null; ) {
    const path = `/v1/proposals?${asked}`
    const answer = await askObject(service, path)
    if (answer === null) return
    const page = pageIn(answer, path)
    for (const id of page.ids)
      if (seen.size === seen.add(id).size)
        throw new CannotCheck(`the list ${query} has ${id} twice, so it need not end`)
    if (page.next !== null && (page.ids.length === 0 || seen.size > page.position))
      throw new CannotCheck(`the list ${query} does not end: after ${seen.size} proposals more are said to follow`)
    yield page
    asked = page.next === null ? null : `${limit}&cursor=${encodeURIComponent(page.next)}`
  }
}

function pageIn({ value, position, servedAt }: Answer, path: string): Page {
  const proposals = objectsIn(value, 'proposals', path)
  const { next = null } = value
  if (next !== null && typeof next !== 'string')
    throw new CannotCheck(`the answer to ${path} is not as documented: next is no text`)
  const ids = proposals.map((one) => idIn(one, path))
  return { proposals, ids, next, total: value['total'], position, servedAt }
}

/**
 * The beginning of a list, in as many pages as it comes in: a page of long statuses is shorter than requested. It ends early where a page
 * has seen another position than the first.
 */
export async function beginningOf(service: Service, limit: number, query: string): Promise<Page | null> {
  let found: Page | null = null
  for await (const page of pagesOf(service, `limit=${limit}&${query}`)) {
    if (found !== null && page.position !== found.position) break
    found = found === null ? page : joined(found, page)
    if (found.ids.length >= limit) break
  }
  return found
}

function joined(first: Page, { proposals, ids, next }: Page): Page {
  return { ...first, proposals: [...first.proposals, ...proposals], ids: [...first.ids, ...ids], next }
}
