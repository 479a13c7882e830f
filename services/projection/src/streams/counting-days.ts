/** The day from which each event of a proposal counts, by all that is known now. */
import { type Day, daysOfCounting, eventsASlice, type RecordedEvent, type Sliced } from '@commitments/domain'
import type { Queryable } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import { LRUCache } from 'lru-cache'
import { readKnownStream } from './known-stream.ts'
import { type LogLine, readLine } from './log-line.ts'

/** By version. An event that is missing counts on no day: it was retracted, or it cannot be applied. */
type CountingDays = ReadonlyMap<number, Day>

/** Callers that read a history page by page need the same days again and again. */
export type KnownDays = LRUCache<string, CountingDays>

/** The most days that are remembered. */
const mostDays = 50_000

export function createKnownDays(): KnownDays {
  return new LRUCache({ maxSize: mostDays, sizeCalculation: (days) => days.size + 1 })
}

export async function readCountingDays(
  client: Queryable,
  proposalId: string,
  timeZone: string,
  known: KnownDays,
): Promise<CountingDays> {
  const { rows } = await client.query<{ eventId: string }>({
    name: 'read-last-event-id',
    text: `SELECT event_id AS "eventId" FROM events WHERE proposal_id = $1 ORDER BY version DESC LIMIT 1`,
    values: [proposalId],
  })
  const last = rows[0]?.eventId
  if (last === undefined) return new Map()
  const before = known.get(last)
  if (before !== undefined) return before
  const { entries } = await readKnownStream(client, proposalId, { position: null, instant: null })
  const days = await inTurns(countingDays(entries, timeZone))
  const read = entries.at(-1)
  if (read !== undefined && readLine(read).event?.eventId === last) known.set(last, days)
  return days
}

/** For a stream with an event that cannot be applied: the days of the events before it. */
function* countingDays(entries: readonly LogLine[], timeZone: string): Sliced<CountingDays> {
  const events: RecordedEvent[] = []
  for (const entry of entries) {
    const { event } = readLine(entry)
    if (event?.version !== events.length + 1) break
    if (events.push(event) % eventsASlice === 0) yield
  }
  return yield* daysOfCounting(events, timeZone)
}
