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

/** What both forms of the bulk call work with. */
export interface BulkCall {
  readonly recorder: Recorder
  readonly lines: Readable
  readonly caller: Caller
  readonly traceparent: string | null
  /** Where requests are counted: what each further line is taken of. */
  readonly allowance: Allowance | null
  readonly writeProblem: ProblemWriter
  readonly logger: Logger
}

/** A problem as a document, as it stands in a line of the answer. */
export type ProblemWriter = (problem: Problem) => ProblemDocument

/**
 * The request on one line.
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

/** A problem with the number of its line in front. */
export function problemOnLine(line: number, from: ProblemDocument): ProblemDocument & { line: number } {
  return { line, ...from }
}

/** An upload that went wrong must not look like a success. */
export function emptyImport(): Problem {
  return problem('malformed', 'The import is empty: no line has an event. Send at least one.')
}

/** Headers that are about one event or one proposal, and where a line says the same. */
const ofOneEvent = {
  'idempotency-key': 'is not accepted here: an import has many events. Give each line a member `idempotencyKey`.',
  'if-match': 'is not accepted here: an import has many proposals. Give a line the member `ifVersion` in its place.',
  'if-none-match':
    'is not accepted here: an import has many proposals. Give a line `"ifVersion": 0` where its proposal must not exist.',
} as const

/** @throws 400 `invalid` for headers that cannot mean anything for many lines: ignored, they would promise what does not hold */
export function refuseHeadersOfOneEvent(headers: Readonly<Record<string, unknown>>): void {
  const faults = Object.entries(ofOneEvent).flatMap(([name, message]) =>
    headers[name] === undefined ? [] : [{ path: `header.${name}`, message }],
  )
  if (faults.length > 0) throw invalid(faults)
}
