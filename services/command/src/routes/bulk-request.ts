import type { Readable } from 'node:stream'
import { parseBulkLine } from '@commitments/domain'
import {
  type Caller,
  invalid,
  type Line,
  type Problem,
  type ProblemDocument,
  parseJson,
  problem,
} from '@commitments/http-kit'
import type { Logger } from 'pino'
import type { Recorder } from '../recorder/recorder.ts'
import type { RecordRequest } from '../recorder/requests.ts'
import { requestOf } from './conditions.ts'

/** What both forms of the bulk call work with. */
export interface BulkCall {
  readonly recorder: Recorder
  readonly lines: Readable
  readonly caller: Caller
  readonly traceparent: string | null
  readonly writeProblem: ProblemWriter
  readonly logger: Logger
}

/** A problem as a document, as it stands in a line of the answer. */
export type ProblemWriter = (problem: Problem) => ProblemDocument

/** As for a single event: the event itself is at most 65,535 bytes, the rest is room for white space and escapes. */
export const lineLimit = 256 * 1024

/**
 * The request on one line.
 * @throws Problem: 400 `malformed` or `invalid`, 413 `too-large`
 */
export function requestOnLine(line: Line, { caller, traceparent }: BulkCall): RecordRequest {
  if (line.tooLarge) throw problem('too-large', `A line may have ${lineLimit} bytes; this one has more.`)
  const parsed = parseBulkLine(parseJson(line.bytes))
  if (!parsed.ok) throw invalid(parsed.errors)
  const { body, idempotencyKey, ifVersion } = parsed
  return requestOf(caller, body, {
    idempotencyKey: idempotencyKey ?? null,
    precondition: ifVersion === undefined ? { demand: 'nothing' } : { demand: 'version', versions: [ifVersion] },
    traceparent,
  })
}

/** A problem with the number of its line in front. Ours wins over a `line` of the problem's own, which is a place inside the line. */
export function problemOnLine(line: number, from: ProblemDocument): ProblemDocument & { line: number } {
  return Object.assign({ line }, from, { line })
}
