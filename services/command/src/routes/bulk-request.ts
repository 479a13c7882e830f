import type { Readable } from 'node:stream'
import { parseBulkLine } from '@commitments/domain'
import {
  type Allowance,
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
import { eventLimit, requestOf } from './conditions.ts'

/** What both forms of the bulk call use. */
export interface BulkCall {
  readonly recorder: Recorder
  readonly lines: Readable
  readonly caller: Caller
  readonly traceparent: string | null
  /** If requests are counted: the share that each further line is taken from. */
  readonly allowance: Allowance | null
  readonly writeProblem: ProblemWriter
  readonly logger: Logger
}

/** A problem as a document, as in a line of the answer. */
export type ProblemWriter = (problem: Problem) => ProblemDocument

/**
 * The request in one line.
 *
 * @throws Problem: 400 `malformed` or `invalid`, 413 `too-large`
 */
export function requestOnLine(line: Line, { caller, traceparent }: BulkCall): RecordRequest {
  if (line.tooLarge) throw problem('too-large', `A line may have at most ${eventLimit} bytes; this one has more.`)
  const parsed = parseBulkLine(parseJson(line.bytes, 'line'))
  if (!parsed.ok) throw invalid(parsed.errors)
  const { body, idempotencyKey, ifVersion } = parsed
  return requestOf(caller, body, {
    idempotencyKey: idempotencyKey ?? null,
    precondition: ifVersion === undefined ? { demand: 'nothing' } : { demand: 'version', versions: [ifVersion] },
    traceparent,
  })
}

/** A problem with the number of its line at the front. */
export function problemOnLine(line: number, from: ProblemDocument): ProblemDocument & { line: number } {
  return { line, ...from }
}

/** A failed upload must not look like a success. */
export function emptyImport(): Problem {
  return problem('malformed', 'The import is empty: no line has an event. Send at least one.')
}

/** Headers for a single event or proposal, and what a line uses instead. */
const ofOneEvent = {
  'idempotency-key': 'is not accepted here: an import has many events. Give each line a member `idempotencyKey`.',
  'if-match': 'is not accepted here: an import has many proposals. Give a line the member `ifVersion` in its place.',
  'if-none-match':
    'is not accepted here: an import has many proposals. Give a line `"ifVersion": 0` where its proposal must not exist.',
} as const

/** @throws 400 `invalid` for headers that have no meaning for many lines: if they were ignored, they would promise what does not hold */
export function refuseHeadersOfOneEvent(headers: Readonly<Record<string, unknown>>): void {
  const faults = Object.entries(ofOneEvent).flatMap(([name, message]) =>
    headers[name] === undefined ? [] : [{ path: `header.${name}`, message }],
  )
  if (faults.length > 0) throw invalid(faults)
}
