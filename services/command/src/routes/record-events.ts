import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { BulkLine } from '@commitments/domain'
import { type Answer, defineRoute, ndjson, negotiate, problem, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Recorder } from '../recorder/recorder.ts'
import { writeProblems } from './answers.ts'
import { type AtomicBounds, AtomicRecorded, atomicLimits, recordLinesAtomically } from './bulk-atomic.ts'
import { AtomicDryRun, dryRunLines, linesOfDryRun } from './bulk-dry-run.ts'
import { type BulkLimits, linesOfAnswer, recordLines } from './bulk-lines.ts'
import { type BulkCall, type ProblemWriter, refuseHeadersOfOneEvent } from './bulk-request.ts'
import { whoSigns, whoSpeaks } from './conditions.ts'

const Query = z.strictObject({
  atomic: z.enum(['true', 'false'], { error: 'must be `true` or `false`' }).optional().meta({
    description: '`true`: records all lines or none; at most 10,000 events and 8 MiB.',
  }),
  dryRun: z.enum(['true', 'false'], { error: 'must be `true` or `false`' }).optional().meta({
    description:
      '`true`: checks all lines and records nothing. Each is decided as if the acceptable lines before it were recorded; at most 10,000 events and 8 MiB. With `atomic=true` one refused line refuses the whole, as it would when recording.',
  }),
})

/** One line of the answer. */
const AtomicResult = z.union([AtomicRecorded, AtomicDryRun]).meta({
  id: 'AtomicResult',
  description: 'With `atomic=true`: what became of all lines; with `dryRun=true`: what would become of them.',
})

const BulkResult = z.union([...linesOfAnswer, ...linesOfDryRun]).meta({
  id: 'BulkResult',
  description: 'A line of the answer: what became of one line of the request, or at the end the summary.',
})

interface BulkParts {
  readonly recorder: Recorder
  readonly logId: () => string
  readonly writeProblem: ProblemWriter
  readonly limits: BulkBounds
}

export type BulkBounds = BulkLimits & AtomicBounds

/**
 * Contract: a bulk body may be silent for a minute; an atomic one, which is small, must be complete within two. A long line waits ten seconds for
 * room, and ends within a minute.
 */
export const usualPatience = { silentMs: 60_000, atomicMs: 120_000, begunMs: 10_000, lineMs: 60_000 } as const

/** `POST /v1/events`: many events, one in each line; separately as a stream, or all or none. */
export function recordEventsRoute({ recorder, logId, writeProblem, limits }: BulkParts): RouteDefinition {
  return defineRoute({
    method: 'POST',
    url: '/v1/events',
    operationId: 'recordEvents',
    tag: 'Record',
    summary: 'Record many events',
    description: [
      'One event per line, each with its `proposalId`. Give each line an `idempotencyKey`, so that you can send an interrupted import again. Keys and versions (`ifVersion`) belong in each line: the headers `Idempotency-Key`, `If-Match` and `If-None-Match` are refused.',
      'Without `atomic` the service answers every line separately, in order, and continues after a line that is not recorded. The last line of the answer is the summary; an answer without it was cut off: send the import again with the same keys. A client may read results while it sends, or send everything first: the service keeps unread results (up to 512 MiB for all clients together; beyond that it stops reading). A client that reads nothing for 30 seconds after its last line is disconnected. A body that stays silent for 60 seconds ends the import, and so does a line of more than 16 KiB that takes more than 60 seconds to arrive: the last line of the answer is then a `request-timeout` for that line.',
      'With `atomic=true` all lines are recorded, or none. The body must be complete within 120 seconds, and so must that of a dry run (`dryRun=true`).',
      'Blank lines are skipped, and so is a byte order mark at the beginning. An import without an event is refused.',
      whoSpeaks,
      `${whoSigns} Each line has a signature of its own; what is signed does not bind the lines together.`,
    ].join('\n\n'),
    access: { scope: 'record' },
    query: Query,
    body: {
      parse: 'stream',
      schema: BulkLine,
      contentTypes: [ndjson],
      codings: ['gzip'],
      limit: Number.POSITIVE_INFINITY,
      description:
        'NDJSON: one event per line, as it is or compressed (`Content-Encoding: gzip`). Blank lines have line numbers but are not lines of the import.',
    },
    responses: {
      200: {
        description:
          'The result of each line as NDJSON, sent as soon as it is known. With `atomic=true`, one JSON document. With `dryRun=true`, what the results would be.',
        schema: AtomicResult,
        schemas: { [ndjson]: BulkResult },
        contentTypes: [ndjson, 'application/json'],
        headers: ['Log-Id'],
      },
    },
    problems: [...writeProblems, 'request-timeout'],
    work: 'memory',
    async handler(request): Promise<Answer> {
      const { body, query, caller, traceparent, allowance, raw, reply, log } = request
      const atomic = query.atomic === 'true'
      refuseHeadersOfOneEvent(raw.headers)
      mustAccept(atomic ? 'application/json' : ndjson, raw.headers.accept)
      const call: BulkCall = { recorder, lines: body, caller, traceparent, allowance, writeProblem, logger: log }
      const headers = { 'Log-Id': logId() }
      if (query.dryRun === 'true') {
        const inTurn = <Result>(work: () => Promise<Result>) => request.inTurn('page', work)
        return { headers, ...(await dryRunLines(call, atomic, lengthOf(raw.headers), limits, inTurn)) }
      }
      if (atomic) return { headers, ...(await recordLinesAtomically(call, lengthOf(raw.headers), limits)) }
      const results = recordLines(call, limits, () => reply.raw.destroy())
      return { status: 200, headers, type: ndjson, body: Readable.from(results, { objectMode: false }) }
    },
  })
}

/** The most bytes of an import that is decided as a whole: what is announced, unless it is compressed. */
function lengthOf(headers: IncomingHttpHeaders): number {
  const { 'content-length': length, 'content-encoding': coding = 'identity' } = headers
  const isKnown = length !== undefined && coding.toLowerCase() === 'identity'
  return Math.min(isKnown ? Number(length) : atomicLimits.bytes, atomicLimits.bytes)
}

/** Each form of the call has one type of answer; only here it is known which form is meant. */
function mustAccept(type: string, accept: string | undefined): void {
  if (negotiate(accept, [type]) === null)
    throw problem('not-acceptable', `This call answers with ${type} only.`, { offers: [type] })
}
