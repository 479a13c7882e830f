/** A proposal at a point in time, folded from the log itself. */

import { type Renaming, withNamesInForce } from '@commitments/domain'
import { type Answer, inTurns } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { statusBody } from '../answers/read-status.ts'
import { readRelated } from '../lists/read-related.ts'
import { type Related, relatedIn } from '../lists/related.ts'
import { readRenamings } from '../lists/renamings.ts'
import { pastSource } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { asKnown } from '../status/fold-stream-lines.ts'
import { completed, type PastQuery, type PointQuery, readPast, storing } from './as-of.ts'
import { readPastStream } from './past-stream.ts'
import { conditional, tagOf, unknownAtThatTime } from './reading.ts'

/** `Log-Position` is the end of the log that was read. */
export async function pastProposal(
  service: Service,
  raw: FastifyRequest,
  proposalId: string,
  query: PointQuery,
): Promise<Answer> {
  const { asOf } = query
  const { stream, known, settled } = await readPastStream(service, proposalId, query)
  const { logId, position } = stream
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
