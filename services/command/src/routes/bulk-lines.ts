import { Readable } from 'node:stream'
import { ProposalId } from '@commitments/domain'
import { type Line, Problem, problem, readLines } from '@commitments/http-kit'
import { z } from 'zod'
import { recordWhenRoom } from '../recorder/recorder.ts'
import type { RecordRequest, RecordResult } from '../recorder/requests.ts'
import { problemOf, problemOfFault } from './answers.ts'
import { type BulkCall, lineLimit, problemOnLine, requestOnLine } from './bulk-request.ts'

const LineRecorded = z
  .strictObject({
    line: z.int().min(1),
    status: z.literal(201),
    proposalId: ProposalId,
    version: z.int().min(1),
    position: z.int().min(1),
    replayed: z.literal(true).optional(),
  })
  .meta({ id: 'LineRecorded', description: 'The event on this line is in the log.' })

const LineRefused = z
  .looseObject({ line: z.int().min(1), status: z.int().min(400).max(599), code: z.string(), detail: z.string() })
  .meta({
    id: 'LineRefused',
    description: 'The event on this line was not recorded: its problem document, and the line.',
  })

const Summary = z
  .strictObject({
    summary: z.strictObject({
      lines: z.int().min(0),
      recorded: z.int().min(0),
      replayed: z.int().min(0),
      refused: z.int().min(0),
    }),
  })
  .meta({ id: 'BulkSummary', description: 'The last line of the answer; without it the answer was cut.' })

/** One line of the answer. */
export const BulkResult = z.union([LineRecorded, LineRefused, Summary]).meta({ id: 'BulkResult' })
export type LineResult = z.output<typeof LineRecorded> | z.output<typeof LineRefused>

/** Lines of one call that are decided and written at the same time; what bounds the memory that a call takes. */
const linesAtOnce = 500

/**
 * Records each line for itself and gives its result, in the order of the lines, and at the end the summary.
 *
 * Lines are read only as fast as results are taken and the recorder has room, so the pressure of a slow reader, or of a busy log,
 * reaches the sender. Lines of one proposal are recorded in their order.
 */
export async function* recordLines(call: BulkCall): AsyncGenerator<object> {
  const counts = { lines: 0, recorded: 0, replayed: 0, refused: 0 }
  const lines = Readable.from(readLines(call.lines, lineLimit))
  const entrance: Entrance = { last: Promise.resolve() }
  const results = lines.map((line: Line) => recordLine(line, call, entrance), { concurrency: linesAtOnce })
  for await (const result of results as AsyncIterable<LineResult>) {
    counts.lines += 1
    if (result.status !== 201) counts.refused += 1
    else if (result.replayed) counts.replayed += 1
    else counts.recorded += 1
    yield result
  }
  yield { summary: counts }
}

/** Lines enter the recorder one after the other, so that those of one proposal keep their order also where they wait for room. */
interface Entrance {
  /** Settled when the latest line is in. */
  last: Promise<unknown>
}

async function recordLine(line: Line, call: BulkCall, entrance: Entrance): Promise<LineResult> {
  try {
    const request = requestOnLine(line, call)
    const result = await recordInTurn(call, entrance, request, line.bytes?.length ?? 0).catch((fault: unknown) => {
      throw problemOfFault(fault)
    })
    if (result.outcome !== 'recorded') throw problemOf(result)
    const { proposalId, version, position, replayed } = result
    return { line: line.number, status: 201, proposalId, version, position, ...(replayed ? { replayed } : {}) }
  } catch (error) {
    return problemOnLine(line.number, call.writeProblem(problemOfLine(error, line, call)))
  }
}

async function recordInTurn(
  { recorder }: BulkCall,
  entrance: Entrance,
  request: RecordRequest,
  bytes: number,
): Promise<RecordResult> {
  const entered = entrance.last.then(() => recordWhenRoom(recorder, request, bytes))
  entrance.last = entered
  return (await entered).result
}

/** A fault of ours on one line is that line's, and the others go on; what happened goes to our log only. */
function problemOfLine(error: unknown, line: Line, call: BulkCall): Problem {
  if (error instanceof Problem) return error
  call.logger.error({ err: error, line: line.number }, 'a line of a bulk import failed')
  return problem('internal', 'This line could not be recorded because of a fault of the service.')
}
