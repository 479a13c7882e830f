import { askJson, type Service } from '../source/service.ts'
import { CannotCheck } from '../verdict.ts'

/** A status as served, and the position up to which the service says that it has seen the log. */
export interface ServedStatus {
  readonly proposalId: string
  readonly status: Readonly<Record<string, unknown>>
  readonly seen: number
  /** When it was served, by the service's own clock, which decides the day of its condition. */
  readonly servedAt: number
}

const pageSize = 500

/**
 * The served status of every proposal, page by page: those in lists, and void ones, which lists show only on request.
 *
 * @throws CannotCheck
 */
export async function* servedStatuses(service: Service): AsyncGenerator<ServedStatus, void, undefined> {
  yield* listed(service, '')
  yield* listed(service, '&ending=void')
}

async function* listed(service: Service, filter: string): AsyncGenerator<ServedStatus, void, undefined> {
  let servedAt: number | null = null
  for (let query: string | null = filter; query !== null; ) {
    const { value, headers } = await read(service, `/v1/proposals?limit=${pageSize}${query}`)
    const { proposals, next } = value as { proposals?: unknown; next?: unknown }
    if (!Array.isArray(proposals)) throw new CannotCheck('the list of proposals is not as documented')
    // All pages of a list are for the day of its first one.
    servedAt ??= dateOf(headers)
    for (const status of proposals) yield { ...identified(status), seen: positionOf(headers), servedAt }
    query = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : null
  }
}

async function read(service: Service, path: string) {
  const answer = await askJson(service, path)
  if (answer === null) throw new CannotCheck(`${service.url} serves no list of proposals`)
  return answer
}

/** The status of a single proposal, or where it is parked without one; null if the service does not know it. */
export async function servedStatus(service: Service, proposalId: string): Promise<ServedStatus | null> {
  const answer = await askJson(service, `/v1/proposals/${encodeURIComponent(proposalId)}`)
  if (answer === null) return null
  const { headers, value } = answer
  return { ...identified(value), seen: positionOf(headers), servedAt: dateOf(headers) }
}

/** One proposal at a moment; null where it was not known or in force then. */
export async function servedAtMoment(
  service: Service,
  proposalId: string,
  query: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const answer = await askJson(service, `/v1/proposals/${encodeURIComponent(proposalId)}?${query}`)
  return answer && (answer.value as Record<string, unknown>)
}

function identified(value: unknown): Pick<ServedStatus, 'proposalId' | 'status'> {
  const status = value as Record<string, unknown>
  const proposalId = status?.['proposalId']
  if (typeof proposalId !== 'string' || !/^[a-z0-9-]{1,80}$/.test(proposalId))
    throw new CannotCheck('a served status does not say of which proposal it is')
  return { proposalId, status }
}

export function positionOf(headers: Headers): number {
  const position = headers.get('Log-Position')
  if (position === null || !/^\d{1,15}$/.test(position))
    throw new CannotCheck('an answer does not say how far it has seen')
  return Number(position)
}

/** When an answer was made, by the service's own clock. */
export function dateOf(headers: Headers): number {
  const date = Date.parse(headers.get('Date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}
