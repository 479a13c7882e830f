/** A proposal at a point in time, folded from the log itself. */

import { instantOf, type Renaming, withNamesInForce } from '@commitments/domain'
import { type Answer, inTurns, problem } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { statusBody } from '../answers/read-status.ts'
import { readRelated } from '../lists/read-related.ts'
import { type Related, relatedIn } from '../lists/related.ts'
import { readRenamings } from '../lists/renamings.ts'
import { pastSource } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { asKnown } from '../status/fold-stream-lines.ts'
import { type KnownStream, readKnownStream } from '../streams/known-stream.ts'
import { completed, knownBy, type PastQuery, type PointQuery, readPast, storing } from './as-of.ts'
import { mustHaveSeen, untilSeen } from './at-least.ts'
import { conditional, headOf, reading, tagOf } from './reading.ts'

/** `Log-Position` is the end of the log that was read. */
export async function pastProposal(
  service: Service,
  raw: FastifyRequest,
  proposalId: string,
  { atLeast = 0, ...query }: PointQuery,
): Promise<Answer> {
  const { asOf, knownAt, knownAtPosition = null } = query
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  const wanted = service.onlyReads ? Math.max(atLeast, knownAtPosition ?? 0) : atLeast
  const stream = await untilSeen(service, wanted, async () => {
    const read = await reading(() => readKnownStream(service.pool, proposalId, { position: knownAtPosition, instant }))
    mustHaveSeen(wanted, read)
    return read
  })
  const { logId, position, now } = stream
  const end = { head: position, now, seen: stream, log: service }
  const { known, settled } = await reading(() => knownBy(service, query, end))
  const { proposal, parked } = await inTurns(asKnown(stream.entries, asOf, service.timeZone))
  if (proposal === null) throw unknownAtThatTime(service, proposalId, stream)
  const status = statusBody(proposal, parked, asOf ?? service.today(), service.timeZone)
  const { related, renamings } = await othersThen(service, proposalId, query, known)
  const body = JSON.stringify({ ...withNamesInForce(status, renamings), related })
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}

interface Others {
  readonly related: Related
  readonly renamings: readonly Renaming[]
}

/** What others said then about the proposal and its parties. The read model of the past has that, so the read waits for it. */
async function othersThen(service: Service, proposalId: string, { asOf }: PastQuery, known: number): Promise<Others> {
  return readPast(service, { atLeast: known }, async (snapshot) => {
    const at = await completed(service, snapshot, { asOf: asOf ?? null, known, day: asOf ?? service.today() })
    const source = pastSource(snapshot, at)
    const related = relatedIn(await readRelated(source, [proposalId]), proposalId)
    return { related, renamings: await readRenamings(source) }
  })
}

/** Like every problem, it must not be cached. */
function unknownAtThatTime(service: Service, proposalId: string, stream: KnownStream): Error {
  const detail = `No event of ${proposalId} was known, or counted, at that time. Ask for a later day, instant or position.`
  return problem('unknown-proposal', detail, { headers: headOf(service, stream) })
}
