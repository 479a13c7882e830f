import { ProposalId } from '@commitments/domain'
import { type BodyRoom, type Line, ndjsonLine, Problem, problem, readPortions, readWithin } from '@commitments/http-kit'
import { z } from 'zod'
import { hasRoom, recordFor, roomInQueue } from '../recorder/recorder.ts'
import { problemOf, problemOfFault } from './answers.ts'
import { type BegunLimits, BegunLine } from './begun-line.ts'
import { type BulkCall, emptyImport, problemOnLine, requestOnLine } from './bulk-request.ts'
import { eventLimit } from './conditions.ts'
import { type LineInFlight, LinesInFlight, type Outcome } from './lines-in-flight.ts'
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

export interface BulkLimits extends BegunLimits {
  /** Milliseconds of silence after which a body is abandoned. */
  readonly silentMs: number
  /** Milliseconds after which a reader of the answers that takes nothing is disconnected; it resumes by its keys. */
  readonly stallMs: number
  /** Where results wait for a reader that is slower than the log. */
  readonly room: SpoolRoom
  /** The room for the complete lines of all imports together. */
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

/** A text of results is given when it has about this many characters, or when there is no further result yet. */
const piece = 64 * 1024

async function giveResults(spool: Spool, call: BulkCall, limits: BulkLimits): Promise<void> {
  const flight = new LinesInFlight(linesAtOnce)
  // This never fails: the flight ends with the fault.
  void readInto(flight, call, limits)
  try {
    await giveResultsOf(flight, spool, call)
  } finally {
    // When the reader has left, no further line is begun.
    flight.close()
  }
}

async function giveResultsOf(flight: LinesInFlight, spool: Spool, call: BulkCall): Promise<void> {
  const counts = { lines: 0, recorded: 0, replayed: 0, refused: 0 }
  while (await flight.untilLanded()) {
    let text = ''
    for (let next = flight.next(); next !== null; next = text.length < piece ? flight.next() : null) {
      const result = resultOf(next.number, next.outcome, call)
      counts.lines += 1
      if (result.status !== 201) counts.refused += 1
      else if (result.replayed) counts.replayed += 1
      else counts.recorded += 1
      text += ndjsonLine(result)
    }
    await spool.give(text)
    if (spool.closed) return
  }
  const fault = flight.fault
  if (counts.lines === 0) throw fault ?? emptyImport()
  if (fault === null) await spool.give(ndjsonLine({ summary: counts }))
  else if (fault instanceof Problem)
    await spool.give(ndjsonLine(problemOnLine(flight.lineOfFault, call.writeProblem(fault))))
  else throw fault
}

async function readInto(flight: LinesInFlight, call: BulkCall, limits: BulkLimits): Promise<void> {
  try {
    await beginLines(flight, call, limits)
    flight.end(null)
  } catch (fault) {
    flight.end(fault)
  }
}

/**
 * Reads on as soon as there is room for the next line: the sender is slowed down, not refused. Lines enter the recorder one after the other, so
 * that those of one proposal keep their order even while they wait for room. Nothing is waited for, and no promise made, where there is room.
 */
async function beginLines(flight: LinesInFlight, call: BulkCall, limits: BulkLimits): Promise<void> {
  const begun = new BegunLine(call.caller.name, limits)
  try {
    const { silentMs } = limits
    const chunks = readWithin(call.lines, { silentMs })
    const hold = (line: number, bytes: number) => {
      flight.nextLine = line
      return begun.holds(bytes)
    }
    for await (const lines of readPortions(chunks, eventLimit, hold)) {
      // The line that had begun has ended. These lines may wait for long, and the next one has its own time.
      begun.release()
      await beginPortion(lines, flight, call, limits)
      if (flight.isClosed) return
    }
  } finally {
    begun.release()
  }
}

async function beginPortion(
  lines: readonly Line[],
  flight: LinesInFlight,
  call: BulkCall,
  { imports }: BulkLimits,
): Promise<void> {
  const { recorder, caller, allowance } = call
  for (const line of lines) {
    // The request itself counted as its first line. Blank lines count too, because they are read like others.
    const more = line.number - Math.max(1, flight.lastLine)
    if (allowance !== null && more > 0) await allowance.takeInTime(more)
    flight.lastLine = line.number
    while (flight.isFull) await flight.untilRoom()
    const bytes = line.bytes?.length ?? 0
    const giveBack = imports.takeNow(caller.name, bytes) ?? (await imports.take(caller.name, bytes))
    while (!flight.isClosed && !hasRoom(recorder, caller.recordedBy)) await roomInQueue(recorder)
    if (flight.isClosed) return giveBack()
    beginLine(line, bytes, flight.begin(line.number, giveBack), call)
  }
}

function beginLine(line: Line, bytes: number, begun: LineInFlight, call: BulkCall): void {
  try {
    recordFor(begun, call.recorder, requestOnLine(line, call), bytes)
  } catch (fault) {
    begun.failed(fault)
  }
}

function resultOf(line: number, outcome: Outcome, call: BulkCall): LineResult {
  try {
    if ('fault' in outcome) throw problemOfFault(outcome.fault)
    if (outcome.outcome !== 'recorded') throw problemOf(outcome)
    const { proposalId, version, position, replayed } = outcome
    return { line, status: 201, proposalId, version, position, ...(replayed ? { replayed } : {}) }
  } catch (error) {
    return problemOnLine(line, call.writeProblem(problemOfLine(error, line, call)))
  }
}

/** An internal fault on one line concerns only that line, and the others continue; the details go only to our log. */
function problemOfLine(error: unknown, line: number, call: BulkCall): Problem {
  if (error instanceof Problem) return error
  call.logger.error({ err: error, line }, 'a line of a bulk import failed')
  return problem('internal', 'This line could not be recorded because the service failed.')
}
