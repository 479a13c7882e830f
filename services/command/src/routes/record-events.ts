import { BulkLine, refusals } from '@commitments/domain'
import { type Answer, defineRoute, ndjson, ndjsonStream, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Recorder } from '../recorder/recorder.ts'
import { AtomicRecorded, recordLinesAtomically } from './bulk-atomic.ts'
import { BulkResult, recordLines } from './bulk-lines.ts'
import type { BulkCall, ProblemWriter } from './bulk-request.ts'
import { endWhenStalled } from './stalled-reader.ts'

const Query = z.strictObject({
  atomic: z.enum(['true', 'false']).optional().meta({
    description: '`true`: all lines or none; at most 10,000 lines and 8 MiB.',
  }),
})

/** Contract: a reader that takes nothing for so long is cut off, and resumes by its keys. */
const usualStallLimitMs = 30_000

/** `POST /v1/events`: many events, one a line; each for itself as a stream, or all or none. */
export function recordEventsRoute(
  recorder: Recorder,
  writeProblem: ProblemWriter,
  stallLimitMs = usualStallLimitMs,
): RouteDefinition {
  return defineRoute({
    method: 'POST',
    url: '/v1/events',
    operationId: 'recordEvents',
    tag: 'Record',
    summary: 'Record many events',
    description:
      'One event a line, each with its `proposalId` and, so that the import can be sent again after a cut, an `idempotencyKey`. Without `atomic` every line is answered for itself, in order, while the rest is still being sent; the last line is the summary, and an answer without it was cut. With `atomic=true` all lines are recorded, or none.',
    access: { scope: 'record' },
    query: Query,
    body: {
      parse: 'stream',
      schema: BulkLine,
      contentTypes: [ndjson],
      limit: Number.POSITIVE_INFINITY,
      description: 'NDJSON: one event a line. Blank lines are skipped, and numbered.',
    },
    responses: {
      200: {
        description: 'What became of each line.',
        schema: z.union([BulkResult, AtomicRecorded]),
        contentTypes: [ndjson, 'application/json'],
        headers: ['Log-Position', 'Log-Id'],
      },
    },
    problems: [
      'not-your-party',
      'idempotency-key-reused',
      ...Object.keys(refusals),
      'version-conflict',
      'too-large',
      'unavailable',
      'outcome-unknown',
    ],
    async handler({ body, query, caller, traceparent, reply, log }): Promise<Answer> {
      const call: BulkCall = { recorder, lines: body, caller, traceparent, writeProblem, logger: log }
      if (query.atomic === 'true') return recordLinesAtomically(call)
      const cut = () => reply.raw.destroy()
      return { status: 200, type: ndjson, body: ndjsonStream(endWhenStalled(recordLines(call), stallLimitMs, cut)) }
    },
  })
}
