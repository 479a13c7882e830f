/** The effect of a batch of the log on the moments of its proposals. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { eventsASlice, type RecordedEvent, type Sliced } from '@commitments/domain'
import { type Queryable } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { codeOf, type Parked, parkedAt } from '../projections/parked.ts'
import { TooMuchAtOnce } from '../projections/projection.ts'
import { isErasure, type LogLine, readLine, setAside } from '../streams/log-line.ts'
import { inPortions } from '../streams/portions.ts'
import { readStreamsUpTo } from '../streams/read-streams.ts'
import { becomesDense, changingMoments, type MomentChanges, nothingChanged, sparse } from './bitemporal-rows.ts'
import { createGrowing, passOver } from './timeline.ts'

export interface StreamMoments {
  readonly proposalId: string
  readonly changes: MomentChanges
  /** The event from which on its moments are no longer continued. */
  readonly parked: Parked | null
  /** What was thrown when it was parked, for our log. */
  readonly cause?: unknown
}

/** Approximate characters that the rows of one batch may take. */
const changesAtOnce = 16 * 1024 * 1024

/** The number of rectangles of each proposal with so many events that it may be near the bound; for others it need not be known. */
type Rectangles = ReadonlyMap<string, number>

/** Only with more events than this can a proposal exceed the rectangles of a sparse one. */
export const mayBeNear = Math.floor(Math.sqrt(2 * sparse.rectangles)) - 1

/**
 * The rectangles that the events close and open. The state of a proposal on each day depends on all of its events, so its stream is read,
 * unless it begins among them.
 *
 * Between two streams, and sometimes within a long one, other work gets a turn: statuses and answers do not wait for a batch of moments.
 *
 * @param entries in the order of the log, all of one batch.
 * @throws TooMuchAtOnce if the rows of several events would take more memory than a batch may
 */
export async function momentsOfBatch(
  client: Queryable,
  entries: readonly LogLine[],
  timeZone: string,
  rectangles: Rectangles,
): Promise<StreamMoments[]> {
  const byProposal = [...Map.groupBy(entries, ({ proposalId }) => proposalId).values()]
  const begun = byProposal.filter(([first]) => first?.version === 1)
  const older = byProposal.flatMap(([first]) => (first && first.version !== 1 ? [first] : []))
  const moments: StreamMoments[] = []
  let weight = 0
  const add = async (work: Sliced<StreamMoments>) => {
    const one = await inTurns(work)
    await nextTurn()
    moments.push(one)
    weight += weightOf(one)
    if (weight > changesAtOnce && entries.length > 1) throw new TooMuchAtOnce()
  }
  for (const own of begun) await add(streamMoments(own, 0, timeZone))
  const upTo = entries.at(-1)?.position ?? 0
  for (const some of inPortions(older, ({ version }) => version)) {
    const ids = some.map(({ proposalId }) => proposalId)
    const streams = await readStreamsUpTo(client, 'proposal-moments', ids, upTo)
    for (const { proposalId, version } of some) {
      const had = rectangles.get(proposalId) ?? 0
      await add(streamMoments(streams.get(proposalId) ?? [], version - 1, timeZone, had))
    }
  }
  return moments
}

/** Characters of JSON for a row without its facets. */
const rowLength = 1_000

function weightOf({ changes: { opened, facets } }: StreamMoments): number {
  const texts = facets.reduce((sum, { search, labels }) => sum + search.length + labels.join().length, 0)
  return opened.length * rowLength + texts
}

/**
 * The changes by the events after version `known`. An event that cannot be applied, or that makes some day impossible to compute (a mistake
 * in the rules), parks its proposal: its moments end where they were before it, and other proposals are not affected.
 *
 * If texts of the proposal were erased, it is dense: its rows of every earlier position would have to be written anew.
 *
 * @param entries the stream from its first line on.
 * @param had rectangles that it had after version `known`.
 */
export function* streamMoments(
  entries: readonly LogLine[],
  known: number,
  timeZone: string,
  had = 0,
  limits = sparse,
): Sliced<StreamMoments> {
  const { proposalId } = entries[0] as LogLine
  if (entries.some(isErasure)) return { proposalId, changes: becomesDense, parked: null }
  const { events, parked } = yield* readable(entries)
  const changing = (some: readonly RecordedEvent[]) => changingMoments(some, known, timeZone, had, limits)
  if (known >= events.length) return { proposalId, changes: nothingChanged, parked }
  try {
    const changes = yield* changing(events)
    return { proposalId, changes, parked: changes.dense ? null : parked }
  } catch (error) {
    const found = yield* firstImpossible(events, known, timeZone, error)
    const { position, version } = found.event
    const changes = version - 1 > known ? yield* changing(events.slice(0, version - 1)) : nothingChanged
    if (changes.dense) return { proposalId, changes, parked: null }
    return { proposalId, changes, parked: parkedAt(position, codeOf(found.cause), found.cause), cause: found.cause }
  }
}

/** The events before the first line that cannot be decoded, and the place of that line. */
export function* readable(entries: readonly LogLine[]): Sliced<{ events: RecordedEvent[]; parked: Parked | null }> {
  const events: RecordedEvent[] = []
  for (const entry of entries) {
    const { position } = entry
    const expected = events.length + 1
    if (entry.version !== expected) {
      return { events, parked: parkedAt(position, 'impossible', new Error(`version ${expected} is missing`)) }
    }
    const { event } = readLine(entry)
    if (event === null)
      return { events, parked: parkedAt(position, entry.line === setAside ? 'too-costly' : 'unreadable') }
    events.push(event)
    if (events.length % eventsASlice === 0) yield
  }
  return { events, parked: null }
}

/**
 * The first event after version `known` with which the stream cannot be computed. It is found by halving, because a stream that fails keeps
 * failing with more events.
 */
export function* firstImpossible(
  events: readonly RecordedEvent[],
  known: number,
  timeZone: string,
  error: unknown,
): Sliced<{ readonly event: RecordedEvent; readonly cause: unknown }> {
  let [can, cannot, cause] = [known, events.length, error]
  while (cannot - can > 1) {
    const middle = Math.floor((can + cannot) / 2)
    try {
      yield* passOver(createGrowing(timeZone), events.slice(0, middle))
      can = middle
    } catch (fault) {
      cannot = middle
      cause = fault
    }
  }
  return { event: events[cannot - 1] as RecordedEvent, cause }
}
