/** The stream of one proposal as it was known at a point in time, for routes that fold it. */
import { instantOf } from '@commitments/domain'
import type { Service } from '../service.ts'
import { type KnownStream, readKnownStream } from '../streams/known-stream.ts'
import { knownBy, type PointQuery } from './as-of.ts'
import { mustHaveSeen, untilSeen } from './at-least.ts'
import { reading } from './reading.ts'

interface PastStream {
  readonly stream: KnownStream
  /** The last known position. */
  readonly known: number
  /** Nothing that is recorded from now on can change the answer. */
  readonly settled: boolean
}

/** @throws the problems of {@link knownBy}, and `not-yet-applied` as {@link untilSeen} */
export async function readPastStream(
  service: Service,
  proposalId: string,
  { atLeast = 0, ...query }: PointQuery,
): Promise<PastStream> {
  const { knownAt, knownAtPosition = null } = query
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  const wanted = service.onlyReads ? Math.max(atLeast, knownAtPosition ?? 0) : atLeast
  const stream = await untilSeen(service, wanted, async () => {
    const read = await reading(() => readKnownStream(service.pool, proposalId, { position: knownAtPosition, instant }))
    mustHaveSeen(wanted, read)
    return read
  })
  const end = { head: stream.position, now: stream.now, seen: stream, log: service }
  return { stream, ...(await reading(() => knownBy(service, query, end))) }
}
