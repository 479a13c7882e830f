import { Readable } from 'node:stream'
import { ProposalId } from '@commitments/domain'
import {
  type BodyRoom,
  type GiveBack,
  type Line,
  ndjsonLine,
  Problem,
  problem,
  readLines,
  readWithin,
} from '@commitments/http-kit'
import { z } from 'zod'
import { recordWhenRoom } from '../recorder/recorder.ts'
import type { RecordRequest, RecordResult } from '../recorder/requests.ts'
import { orProblem, problemOf } from './answers.ts'
import { type BulkCall, emptyImport, problemOnLine, requestOnLine } from './bulk-request.ts'
import { eventLimit } from './conditions.ts'
import { Spool, type SpoolRoom } from './spool.ts'
import { StallWatch } from './stall.ts'

/** The line of the request that a result is about. */
export const place = {
  line: z.int().min(1).meta({ description: 'The number of the line in the request, from 1.' }),
} as const

export const replayed = z
  .literal(true)
  .optional()
  .meta({ description: 'The event was recorded before, with this key; absent otherwise.' })

/** How many lines of a request there were of each sort, in the order in which they are answered. */
export function lineCounts<Done extends z.ZodRawShape>(done: Done) {
  return {
    lines: z.int().min(0).meta({ description: 'Lines of the request that hold an event.' }),
    ...done,
    replayed: z.int().min(0).meta({ description: 'Those whose event was recorded before, with the same key.' }),
    refused: z.int().min(0).meta({ description: 'Those whose event is refused.' }),
  }
}

export const recordedCount = z.int().min(0).meta({ description: 'Those whose event was recorded by this request.' })

export const LineRecorded = z
  .strictObject({
    ...place,
    status: z.literal(201).meta({ description: 'The event is recorded.' }),
    proposalId: ProposalId,
    version: z.int().min(1).meta({ description: 'The version of the proposal that the event became.' }),
    position: z.int().min(1).meta({ description: 'The place of the event in the log.' }),
    replayed,
  })
  .meta({ id: 'LineRecorded', description: 'The event on this line is in the log.' })

const LineRefused = z
  .looseObject({
    ...place,
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status that the event alone would have got.' }),
    code: z.string().meta({ description: 'Why it was refused, for programs; the last part of `type`.' }),
    detail: z.string().meta({ description: 'What is wrong in this case, and what would be accepted.' }),
  })
  .meta({
    id: 'LineRefused',
    description: 'The event on this line was not recorded: its problem document, and the line.',
  })

const Summary = z
  .strictObject({
    summary: z
      .strictObject(lineCounts({ recorded: recordedCount }))
      .meta({ description: 'How many lines there were, and what became of them.' }),
  })
  .meta({ id: 'BulkSummary', description: 'The last line of the answer; without it the answer was cut off.' })

/** The lines of an answer. */
export const linesOfAnswer = [LineRecorded, LineRefused, Summary] as const
type LineResult = z.output<typeof LineRecorded> | z.output<typeof LineRefused>

/** The most lines of one call that are decided and written at the same time, if there is room for so many. */
const linesAtOnce = 500

export interface BulkLimits {
  /** Milliseconds of silence after which a body is abandoned. */
  readonly silentMs: number
  /** Milliseconds after which a reader of the answers that takes nothing is disconnected; it resumes by its keys. */
  readonly stallMs: number
  /** Where results wait for a reader that is slower than the log. */
  readonly room: SpoolRoom
  /** The room for the lines of all imports together. */
  readonly imports: BodyRoom
}

/**
 * Records each line separately and gives its result as a line of NDJSON, in the order of the lines, and the summary at the end.
 *
 * Lines are read as fast as the recorder has room, whether or not the results are taken, because many clients send everything before they
 * read. Results that they have not taken yet are held (spool.ts). Only when no more can be held does the sender wait for the reader. Lines
 * of one proposal are recorded in their order.
 *
 * @param cut ends the connection; called when the reader takes nothing although there is nothing left to wait for
 */
export async function* recordLines(
  call: BulkCall,
  limits: BulkLimits,
  cut: () => void,
): AsyncGenerator<string | Buffer, void, undefined> {
  const spool = new Spool(limits.room)
  const stall = new StallWatch(limits.stallMs, () => spool.ended || spool.full, cut)
  spool.onStandstill = () => stall.look()
  // This never fails: every error reaches the reader through the spool.
  void recordInto(spool, call, limits)
  yield* stall.watch(spool.take())
}

async function recordInto(spool: Spool, call: BulkCall, limits: BulkLimits): Promise<void> {
  try {
    await giveResults(spool, call, limits)
    spool.end()
  } catch (fault) {
    spool.end(fault)
  }
}

async function giveResults(spool: Spool, call: BulkCall, limits: BulkLimits): Promise<void> {
  const reading: Reading = { lastLine: 0, fault: null, unbegun: new Set() }
  try {
    await giveResultsOf(Readable.from(linesOf(call, limits, reading)), reading, spool, call)
  } finally {
    // When the reader has left, the lines that were read ahead are not started.
    for (const { giveBack } of reading.unbegun) giveBack()
  }
}

async function giveResultsOf(lines: Readable, reading: Reading, spool: Spool, call: BulkCall): Promise<void> {
  const counts = { lines: 0, recorded: 0, replayed: 0, refused: 0 }
  const entrance: Entrance = { last: Promise.resolve() }
  const begin = async (held: HeldLine) => {
    reading.unbegun.delete(held)
    try {
      return await recordLine(held.line, call, entrance)
    } finally {
      held.giveBack()
    }
  }
  const results = lines.map(begin, { concurrency: linesAtOnce })
  for await (const result of results as AsyncIterable<LineResult>) {
    counts.lines += 1
    if (result.status !== 201) counts.refused += 1
    else if (result.replayed) counts.replayed += 1
    else counts.recorded += 1
    await spool.give(ndjsonLine(result))
    if (spool.closed) return
  }
  if (counts.lines === 0) throw reading.fault ?? emptyImport()
  if (reading.fault === null) await spool.give(ndjsonLine({ summary: counts }))
  else await spool.give(ndjsonLine(problemOnLine(reading.lastLine + 1, call.writeProblem(reading.fault))))
}

/** How far the body was read. If something ended it too early, that is reported after the results of the earlier lines. */
interface Reading {
  lastLine: number
  fault: Problem | null
  readonly unbegun: Set<HeldLine>
}

/** A line and its part of the room for imports. */
interface HeldLine {
  readonly line: Line
  readonly giveBack: GiveBack
}

/** Reads on as soon as there is room for the next line: the sender is slowed down, not refused. */
async function* linesOf(
  call: BulkCall,
  { silentMs, imports }: BulkLimits,
  reading: Reading,
): AsyncGenerator<HeldLine, void, undefined> {
  try {
    for await (const line of readLines(readWithin(call.lines, { silentMs }), eventLimit)) {
      // The request itself counted as its first line. Blank lines count too, because they are read like others.
      const more = line.number - Math.max(1, reading.lastLine)
      if (call.allowance !== null && more > 0) await call.allowance.takeInTime(more)
      reading.lastLine = line.number
      const giveBack = await imports.take(call.caller.name, line.bytes?.length ?? 0)
      const held = { line, giveBack }
      reading.unbegun.add(held)
      yield held
    }
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault
    reading.fault = fault
  }
}

/** Lines enter the recorder one after the other, so that those of one proposal keep their order even while they wait for room. */
interface Entrance {
  /** Settled when the latest line has entered. */
  last: Promise<unknown>
}

async function recordLine(line: Line, call: BulkCall, entrance: Entrance): Promise<LineResult> {
  try {
    const request = requestOnLine(line, call)
    const result = await orProblem(recordInTurn(call, entrance, request, line.bytes?.length ?? 0))
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

/** An internal fault on one line concerns only that line, and the others continue; the details go only to our log. */
function problemOfLine(error: unknown, line: Line, call: BulkCall): Problem {
  if (error instanceof Problem) return error
  call.logger.error({ err: error, line: line.number }, 'a line of a bulk import failed')
  return problem('internal', 'This line could not be recorded because the service failed.')
}
