import { isDeepStrictEqual } from 'node:util'
import { changesOf, type RecordedEvent } from '@commitments/domain'
import type { Service } from '../source/service.ts'
import { askObject, type Members, objectIn, objectsIn } from '../source/shape.ts'
import { type Broken, CannotCheck, type Finding, held } from '../verdict.ts'
import { type Folder, verifiedStreams } from './streams.ts'

/** The most proposals whose history is read again: all events were already read from the feed. */
const historiesAsked = 200
/** The most proposals whose changes are read, field by field, and the longest stream for which they are folded. */
const changesAsked = 25
const longestChanges = 300

/**
 * Whether the history of each proposal has its events as they are in the lines, and no others: a row that names another proposal or version
 * than its line moves an event in there, and not in the feed.
 *
 * @param ids the proposals to choose from, in random order
 */
export async function compareHistories(service: Service, folder: Folder, ids: readonly string[]): Promise<Finding> {
  const chosen = new Set(ids.slice(0, historiesAsked))
  let count = 0
  const changes = { compared: 0 }
  for (const events of verifiedStreams(folder)) {
    const proposalId = events[0]?.proposalId ?? ''
    if (!chosen.has(proposalId)) continue
    const fault =
      (await faultOf(service, proposalId, events, folder.verified)) ??
      (count < changesAsked ? await faultOfChanges(service, events, folder, changes) : null)
    if (fault !== null) return fault
    count += 1
  }
  return held(
    `The histories of ${count} proposals have the events of the lines, in their order, and those of ${changes.compared} field by field what these come to.`,
  )
}

/** The changes of each field, as far as they are on one page; nothing newer than what was verified. */
async function faultOfChanges(
  service: Service,
  events: readonly RecordedEvent[],
  { verified, timeZone }: Folder,
  done: { compared: number },
): Promise<Broken | null> {
  const proposalId = events[0]?.proposalId ?? ''
  if (events.length > longestChanges) return null
  const path = `/v1/proposals/${encodeURIComponent(proposalId)}/changes`
  const answer = await askObject(service, path)
  const right = changesIn(events, timeZone)
  if (right === null) return null
  if (answer === null) throw new CannotCheck(`${path} answers 404, and the lines have events of that proposal`)
  // Long values are on several pages.
  if (answer.value['next'] !== null) return null
  done.compared += 1
  const served = objectsIn(answer.value, 'fields', path)
    .map((field) => ({ ...field, changes: objectsIn(field, 'changes', path).filter((one) => !isNewer(one, verified)) }))
    .filter(({ changes }) => changes.length > 0)
  if (isDeepStrictEqual(served, right)) return null
  const at = served.findIndex((field, index) => !isDeepStrictEqual(field, right[index]))
  const other = right[at === -1 ? served.length : at] as
    | { field?: unknown; changes?: { position?: unknown }[] }
    | undefined
  const position = Number(other?.changes?.[0]?.position)
  const because = `the served changes of ${typeof other?.field === 'string' ? other.field : 'a field'} of ${proposalId} are not what its events come to: the signed lines are right, and what is served is not`
  return { outcome: 'broken', ...(position >= 1 && { position }), because }
}

function changesIn(events: readonly RecordedEvent[], timeZone: string): readonly Members[] | null {
  try {
    return JSON.parse(JSON.stringify(changesOf(events, timeZone))) as Members[]
  } catch {
    // An event that cannot follow the others: the check of the statuses says so.
    return null
  }
}

function isNewer({ position }: Members, verified: number): boolean {
  return Number(position) > verified
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
