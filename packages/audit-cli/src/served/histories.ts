import { isDeepStrictEqual } from 'node:util'
import type { RecordedEvent } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { askObject, type Members, objectIn, objectsIn } from '../source/shape.ts'
import { type Broken, CannotCheck, type Finding, held } from '../verdict.ts'
import { type Folder, verifiedStreams } from './streams.ts'

/** The most proposals whose history is read again: all events were already read from the feed. */
const historiesAsked = 200

/**
 * Whether the history of each proposal has its events as they are in the lines, and no others: a row that names another proposal or version
 * than its line moves an event in there, and not in the feed.
 *
 * @param ids the proposals to choose from, in random order
 */
export async function compareHistories(service: Service, folder: Folder, ids: readonly string[]): Promise<Finding> {
  const chosen = new Set(ids.slice(0, historiesAsked))
  let count = 0
  for (const events of verifiedStreams(folder)) {
    const proposalId = events[0]?.proposalId ?? ''
    if (!chosen.has(proposalId)) continue
    const fault = await faultOf(service, proposalId, events, folder.verified)
    if (fault !== null) return fault
    count += 1
  }
  return held(`The histories of ${count} proposals have the events of the lines, in their order.`)
}

async function faultOf(
  service: Service,
  proposalId: string,
  events: readonly RecordedEvent[],
  verified: number,
): Promise<Broken | null> {
  let place = 0
  for await (const served of historyOf(service, proposalId)) {
    const right = events[place]
    // Recorded since the lines were read: nobody has verified it yet.
    if (right === undefined && Number(served['position']) > verified) return null
    if (!isDeepStrictEqual(served, right)) return otherEvent(proposalId, place, served, right)
    place += 1
  }
  return place < events.length ? otherEvent(proposalId, place, undefined, events[place]) : null
}

function otherEvent(
  proposalId: string,
  place: number,
  served: Members | undefined,
  right: RecordedEvent | undefined,
): Broken {
  const said = served === undefined ? 'no event' : `the event at position ${Number(served['position'])}`
  const because =
    `the served history of ${proposalId} has ${said} as its ${place + 1}. event, but the lines give ` +
    (right === undefined
      ? 'none'
      : `the one at position ${right.position}: the signed lines are right, and what is served is not`)
  return { outcome: 'broken', ...(right && { position: right.position }), because }
}

async function* historyOf(service: Service, proposalId: string): AsyncGenerator<Members> {
  for (let after: number | null = 0; after !== null; ) {
    const path = `/v1/proposals/${encodeURIComponent(proposalId)}/events?limit=1000&after=${after}`
    const answer = await askObject(service, path)
    if (answer === null) return
    for (const { event } of objectsIn(answer.value, 'events', path)) yield objectIn(event, path)
    const { next = null } = answer.value
    if (next === null) return
    if (typeof next !== 'number' || next <= after) throw new CannotCheck(`the history of ${proposalId} does not end`)
    after = next
  }
}
