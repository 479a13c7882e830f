/** What a batch of the log does to the moments of its proposals. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RecordedEvent } from '@commitments/domain'
import { codeOf, type LogLine, type Parked, parkedAt } from '../projector/apply.ts'
import { foldEntries } from '../projector/fold-entries.ts'
import type { Queryable } from '../read-model/generations.ts'
import { readStreamsUpTo } from '../read-model/read-streams.ts'
import { changedMoments, type MomentChanges, nothingChanged } from './rectangles.ts'

export interface StreamMoments {
  readonly proposalId: string
  readonly changes: MomentChanges
  /** From which event on nothing is told of it any more. */
  readonly parked: Parked | null
  /** What was thrown when it was parked, for our log. */
  readonly cause?: unknown
}

/** Streams that are in memory at once. */
const streamsAtOnce = 50

/**
 * The rectangles that the events close and open. How a proposal was on each day depends on all that was ever recorded of
 * it, so its stream is read, unless it begins among them.
 *
 * Between two streams others get a turn: statuses and answers do not wait for a batch of moments.
 *
 * @param entries in the order of the log, all of one batch.
 */
export async function momentsOfBatch(
  client: Queryable,
  entries: readonly LogLine[],
  timeZone: string,
): Promise<StreamMoments[]> {
  const byProposal = [...Map.groupBy(entries, ({ proposalId }) => proposalId).values()]
  const begun = byProposal.filter(([first]) => first?.version === 1)
  const older = byProposal.filter(([first]) => first?.version !== 1)
  const moments: StreamMoments[] = []
  for (const own of begun) {
    moments.push(momentsOfStream(own, 0, timeZone))
    await nextTurn()
  }
  const upTo = entries.at(-1)?.position ?? 0
  for (let start = 0; start < older.length; start += streamsAtOnce) {
    const some = older.slice(start, start + streamsAtOnce).map(([first]) => first as LogLine)
    const ids = some.map(({ proposalId }) => proposalId)
    const streams = await readStreamsUpTo(client, ids, upTo)
    for (const { proposalId, version } of some) {
      moments.push(momentsOfStream(streams.get(proposalId) ?? [], version - 1, timeZone))
      await nextTurn()
    }
  }
  return moments
}

/**
 * What the events after version `known` change. An event that cannot be applied, or that makes of some day what cannot be
 * told (a mistake in the rules), parks its proposal: its moments end where they were before it, and stop no others.
 *
 * @param entries the stream from its first line on.
 */
export function momentsOfStream(entries: readonly LogLine[], known: number, timeZone: string): StreamMoments {
  const { held, events } = foldEntries(entries, timeZone)
  const { proposalId, parked, cause } = held
  if (known >= events.length) return { proposalId, changes: nothingChanged, parked, cause }
  try {
    return { proposalId, changes: changedMoments(events, known, timeZone), parked, cause }
  } catch {
    return { proposalId, ...asFarAsPossible(events, known, timeZone) }
  }
}

function asFarAsPossible(
  events: readonly RecordedEvent[],
  known: number,
  timeZone: string,
): Omit<StreamMoments, 'proposalId'> {
  let changes = nothingChanged
  for (let version = known + 1; version <= events.length; version++) {
    try {
      changes = changedMoments(events.slice(0, version), known, timeZone)
    } catch (error) {
      const { position } = events[version - 1] as RecordedEvent
      return { changes, parked: parkedAt(position, codeOf(error), error), cause: error }
    }
  }
  return { changes, parked: null }
}
