/** What a projector's batch does to the moments of its proposals. */
import { decodeLine, type RecordedEvent } from '@commitments/domain'
import { readStreams } from '@commitments/event-store'
import type { Held, ReadLine } from '../projector/apply.ts'
import type { Queryable } from '../read-model/generations.ts'
import { changedMoments, type MomentChanges } from './rectangles.ts'

export interface AppliedBatch {
  /** What was held before it of the proposals that it is about. */
  readonly before: ReadonlyMap<string, Held>
  readonly after: readonly Held[]
  readonly lines: readonly ReadLine[]
  /** Of the ledger. */
  readonly timeZone: string
}

/** Streams that are in memory at once. */
const streamsAtOnce = 50

/**
 * The rectangles that the batch closes and opens. How a proposal was on each day depends on all that was ever recorded of
 * it, so its stream is read, unless it begins in this batch.
 */
export async function momentsOfBatch(client: Queryable, batch: AppliedBatch): Promise<MomentChanges[]> {
  const changed = batch.after.filter((held) => held.version > knownOf(batch, held))
  const [old, begun] = [
    changed.filter((held) => knownOf(batch, held) > 0),
    changed.filter((held) => knownOf(batch, held) === 0),
  ]
  const lines = Map.groupBy(batch.lines, ({ entry }) => entry.proposalId)
  const changes = begun.map((held) =>
    changesOf(
      batch,
      held,
      (lines.get(held.proposalId) ?? []).flatMap(({ event }) => event ?? []),
    ),
  )
  for (let start = 0; start < old.length; start += streamsAtOnce) {
    const some = old.slice(start, start + streamsAtOnce)
    const streams = await readStreams(
      client,
      some.map(({ proposalId }) => proposalId),
    )
    for (const held of some) {
      const stream = (streams.get(held.proposalId) ?? []).slice(0, held.version)
      changes.push(changesOf(batch, held, stream.map(decodeLine)))
    }
  }
  return changes
}

function knownOf({ before }: AppliedBatch, { proposalId }: Held): number {
  return before.get(proposalId)?.version ?? 0
}

function changesOf(batch: AppliedBatch, held: Held, events: readonly RecordedEvent[]): MomentChanges {
  return possibleMoments(events.slice(0, held.version), knownOf(batch, held), batch.timeZone)
}

const none: MomentChanges = { closed: [], opened: [], facets: [] }

/**
 * The changes, or none where the rules cannot tell of a day what they can tell of the whole (a mistake in them): one
 * proposal must not stop all the others. Its moments then end where they were.
 */
export function possibleMoments(events: readonly RecordedEvent[], known: number, timeZone: string): MomentChanges {
  try {
    return changedMoments(events, known, timeZone)
  } catch {
    return none
  }
}
