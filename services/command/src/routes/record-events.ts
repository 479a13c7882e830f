import { BulkLine } from '@commitments/domain'
import {
  type Answer,
  defineRoute,
  endWhenStalled,
  ndjson,
  ndjsonStream,
  negotiate,
  problem,
  type RouteDefinition,
  usualStallLimitMs,
} from '@commitments/http-kit'
import { z } from 'zod'
import type { Recorder } from '../recorder/recorder.ts'
import { writeProblems } from './answers.ts'
import { AtomicRecorded, recordLinesAtomically } from './bulk-atomic.ts'
import { BulkResult, recordLines } from './bulk-lines.ts'
import type { BulkCall, ProblemWriter } from './bulk-request.ts'
import { whoSpeaks } from './conditions.ts'

const Query = z.strictObject({
  atomic: z.enum(['true', 'false']).optional().meta({
    description: '`true`: all lines or none; at most 10,000 lines and 8 MiB.',
  }),
})

interface BulkParts {
  readonly recorder: Recorder
  readonly logId: () => string
  readonly writeProblem: ProblemWriter
  /** A reader of the answers that takes nothing for so long is cut off, and resumes by its keys. */
  readonly stallLimitMs?: number | undefined
}

/** `POST /v1/events`: many events, one a line; each for itself as a stream, or all or none. */
export function recordEventsRoute({ recorder, logId, writeProblem, ...limits }: BulkParts): RouteDefinition {
  const { stallLimitMs = usualStallLimitMs } = limits
  return defineRoute({
    method: 'POST',
    url: '/v1/events',
    operationId: 'recordEvents',
    tag: 'Record',
    summary: 'Record many events',
    description:
      'One event a line, each with its `proposalId` and, so that the import can be sent again after a cut, an `idempotencyKey`. Without `atomic` every line is answered for itself, in order, while the rest is still being sent; the last line is the summary, and an answer without it was cut. With `atomic=true` all lines are recorded, or none. ' +
      whoSpeaks,
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
        description:
          'What became of each line: NDJSON, a line as soon as it is settled. With `atomic=true` one JSON document.',
        schema: z.union([BulkResult, AtomicRecorded]),
        contentTypes: [ndjson, 'application/json'],
        headers: ['Log-Id'],
      },
    },
    problems: writeProblems,
    async handler({ body, query, caller, traceparent, raw, reply, log }): Promise<Answer> {
      const atomic = query.atomic === 'true'
      mustAccept(atomic ? 'application/json' : ndjson, raw.headers.accept)
      const call: BulkCall = { recorder, lines: body, caller, traceparent, writeProblem, logger: log }
      const headers = { 'Log-Id': logId() }
      if (atomic) return { headers, ...(await recordLinesAtomically(call)) }
      const results = endWhenStalled(recordLines(call), stallLimitMs, () => reply.raw.destroy())
      return { status: 200, headers, type: ndjson, body: ndjsonStream(results) }
    },
  })
}

/** Each form of the call has one type of answer; which one is meant is known only here. */
function mustAccept(type: string, accept: string | undefined): void {
  if (negotiate(accept, [type]) === null)
    throw problem('not-acceptable', `This call answers with ${type} only.`, { offers: [type] })
}
