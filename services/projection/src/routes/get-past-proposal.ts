/**
 * A proposal at a moment of the world (`asOf`) and of our knowledge (`knownAt`, `knownAtPosition`).
 *
 * What may be stored of such answers. Positions are given in the order of `recordedAt`, which never falls. So what was
 * known at an instant is settled once an event later than that instant is in the log; until then something may still be
 * recorded at or before it, and the answer is `no-store`. What was known at a position of the log is settled always. A
 * settled answer is stored under the rule of all reads, `no-cache`: its tag is of its very bytes, since another release
 * may read the same events otherwise, and without `asOf` the condition goes on changing with the day.
 */
import { Day, instantOf } from '@commitments/domain'
import { type Answer, problem } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readRelatedAt } from '../lists/past-related.ts'
import { type Related, relatedIn } from '../lists/related.ts'
import { withDense } from '../past/dense.ts'
import { Instant } from '../past/instant.ts'
import { firstRecordedAfter } from '../past/known-position.ts'
import type { Service } from '../service.ts'
import { statusBody } from '../status/read-status.ts'
import { atMoment, type KnownStream, readKnownStream } from '../streams/known-stream.ts'
import { beyondHead, conditional, headOf, Position, reading, tagOf, waitFor } from './reading.ts'
import { checkNotLater, inMoment } from './resolve-point.ts'

/** Parameters of every read that can be asked for another moment than now. */
export const momentQuery = {
  asOf: Day.optional().meta({
    description:
      'As it was in force on that day: an event counts from the first day on which it certainly had happened. ' +
      'The condition is that of the day.',
    examples: ['2024-01-01'],
  }),
  knownAt: Instant.optional().meta({
    description:
      'As it was known at that instant (RFC 3339), which must not lie in the future; second 60 is the next second, and digits beyond ' +
      'microseconds are cut off. Until something later is recorded the answer must not be stored (`Cache-Control: no-store`).',
    examples: ['2026-03-01T00:00:00Z'],
  }),
  knownAtPosition: Position.optional().meta({
    description: 'As it was known at that position of the log. With `knownAt`: at the earlier of the two.',
    examples: [17],
  }),
}

const Moment = z.object(momentQuery)
export type Moment = z.output<typeof Moment>

/** What a read that can be asked for another moment may answer. */
export const momentProblems = ['beyond-head'] as const

/** Whether another moment than now is asked for. */
export function isMoment({ asOf, knownAt, knownAtPosition }: Moment): boolean {
  return asOf !== undefined || knownAt !== undefined || knownAtPosition !== undefined
}

/** The status at a moment, as folded from the log. `Log-Position` is the end of the log that was looked at. */
export async function proposalAtMoment(
  service: Service,
  raw: FastifyRequest,
  proposalId: string,
  { atLeast = 0, ...moment }: Moment & { readonly atLeast?: number | undefined },
): Promise<Answer> {
  await waitFor(service, atLeast)
  const { asOf, knownAt, knownAtPosition } = moment
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  const known = { position: knownAtPosition ?? null, instant }
  const stream = await reading(() => readKnownStream(service.pool, proposalId, known))
  checkMoment(service, stream, instant, knownAtPosition)
  const headers: Record<string, string> = isSettled(stream, instant) ? {} : { 'cache-control': 'no-store' }
  const { proposal, parked } = atMoment(stream.entries, asOf, service.timeZone)
  if (proposal === null) throw nothingThen(service, proposalId, stream)
  const status = statusBody(proposal, parked, asOf ?? service.today(), service.timeZone)
  const related = await relatedThen(service, proposalId, { moment, stream })
  const body = JSON.stringify({ ...status, related })
  const { logId, position } = stream
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers })
}

interface Read {
  readonly moment: Moment
  readonly stream: KnownStream
}

/** What others said of it: of that the moments know, so they are waited for. */
async function relatedThen(service: Service, proposalId: string, read: Read): Promise<Related> {
  const { asOf = null } = read.moment
  const known = await knownPosition(service, read)
  return inMoment(service, { atLeast: known }, async (snapshot) => {
    const asked = { asOf, known, day: asOf ?? service.today() }
    const at = await withDense(asked, snapshot, service.timeZone, service.folds)
    return relatedIn(await readRelatedAt(snapshot, [proposalId], at), proposalId)
  })
}

/** The last position of the log that is meant. */
async function knownPosition(service: Service, { moment, stream }: Read): Promise<number> {
  const { knownAt, knownAtPosition = stream.position } = moment
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  if (instant === null) return knownAtPosition
  const next = await reading(() => firstRecordedAfter(service, instant, stream.position))
  return Math.min(next - 1, knownAtPosition)
}

/** Nothing that is recorded from now on can come before this instant. */
function isSettled({ recordedAt }: KnownStream, instant: string | null): boolean {
  return instant === null || (recordedAt !== null && recordedAt > instant)
}

function checkMoment(service: Service, stream: KnownStream, instant: string | null, position = 0): void {
  checkNotLater(instant, stream.now)
  if (position > stream.position) throw beyondHead(service, position, stream)
}

/** As every problem it is not to be stored. */
function nothingThen(service: Service, proposalId: string, stream: KnownStream): Error {
  const detail = `No event of ${proposalId} was known, or counted, at that time. Ask for a later day, instant or position.`
  return problem('unknown-proposal', detail, { headers: headOf(service, stream) })
}
