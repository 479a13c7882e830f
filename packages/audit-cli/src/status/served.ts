import { pagesOf } from '../source/pages.ts'
import type { Service } from '../source/service.ts'
import { askObject, idIn, type Members } from '../source/shape.ts'

/** A status as served, and the position up to which the service says that it has seen the log. */
export interface ServedStatus {
  readonly proposalId: string
  readonly status: Members
  /** The answer includes every event up to here, and may include later ones. */
  readonly seen: number
  /** When it was served, by the service's own clock, which decides the day of its condition. */
  readonly servedAt: number
  /** Whether it was requested by itself, and not as part of a list. */
  readonly isAlone: boolean
}

const pageSize = 500

/** The statuses of a page, and how many the list has, by what the service says. */
interface ServedPage {
  readonly statuses: readonly ServedStatus[]
  readonly total: unknown
  /** Of the first page of the list of proposals that are not void. */
  readonly isFirst: boolean
  readonly position: number
}

/**
 * The served status of every proposal, page by page: those in lists, and void ones, which lists show only on request.
 *
 * @throws CannotCheck
 */
export async function* servedStatuses(service: Service): AsyncGenerator<ServedPage, void, undefined> {
  yield* listed(service, '')
  yield* listed(service, '&ending=void')
}

async function* listed(service: Service, filter: string): AsyncGenerator<ServedPage, void, undefined> {
  let servedAt: number | null = null
  for await (const page of pagesOf(service, `limit=${pageSize}${filter}`)) {
    const isFirst = servedAt === null && filter === ''
    // All pages of a list are for the day of its first one.
    const day = (servedAt ??= page.servedAt)
    const { position, total } = page
    const statuses = page.proposals.map((status, at) => ({
      proposalId: page.ids[at] as string,
      status,
      seen: position,
      servedAt: day,
      isAlone: false,
    }))
    yield { statuses, total, isFirst, position }
  }
}

/**
 * The status of a single proposal, now or at the moment of a query, or where it is parked without one; null if the service does not know
 * it then.
 */
export async function servedStatus(service: Service, proposalId: string, query = ''): Promise<ServedStatus | null> {
  const path = `/v1/proposals/${encodeURIComponent(proposalId)}${query === '' ? '' : `?${query}`}`
  const answer = await askObject(service, path)
  if (answer === null) return null
  const { value, position, servedAt } = answer
  return { proposalId: idIn(value, path), status: value, seen: position, servedAt, isAlone: true }
}
