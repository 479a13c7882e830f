import { collecting } from '@commitments/domain'
import { type Answer, type BodyRoom, type Line, Problem, problem, readLines, readWithin } from '@commitments/http-kit'
import { inTurns } from '@commitments/http-kit/slices'
import { z } from 'zod'
import { judgeOnly } from '../recorder/decide.ts'
import { recordAll } from '../recorder/recorder.ts'
import type { NotRecorded, Recorded, RecordRequest } from '../recorder/requests.ts'
import { orProblem, problemOf } from './answers.ts'
import { LineRecorded, lineCounts, recordedCount } from './bulk-lines.ts'
import { type BulkCall, emptyImport, problemOnLine, requestOnLine } from './bulk-request.ts'
import { eventLimit } from './conditions.ts'

/** Contract: the most in one atomic call, because it is one transaction and one batch. */
export const atomicLimits = { lines: 10_000, bytes: 8 * 1024 * 1024 } as const

/** So many refused lines are listed; that is enough to understand a file in which every line is wrong. */
const listedProblems = 100

export const AtomicRecorded = z
  .strictObject({
    results: z.array(LineRecorded).meta({ description: 'What each line became, in the order of the lines.' }),
    summary: z
      .strictObject({
        ...lineCounts({ recorded: recordedCount }),
        refused: z.literal(0).meta({ description: 'None: with one refused line, no line is recorded.' }),
      })
      .meta({ description: 'How many lines there were, and what became of them.' }),
  })
  .meta({ id: 'AtomicRecorded', description: 'All lines are in the log.' })

/** How long an atomic body may take, and where it has room. */
export interface AtomicBounds {
  readonly silentMs: number
  readonly atomicMs: number
  readonly imports: BodyRoom
}

/** Milliseconds that an import waits for room before any of it is read. */
const roomPatience = 10_000

interface RefusedLine {
  readonly line: number
  readonly problem: Problem
}

/** The lines of a whole import. */
export interface Collected {
  readonly requests: RecordRequest[]
  /** The number of each request's line. */
  readonly lineNumbers: number[]
  readonly unreadable: RefusedLine[]
  /** Proposals of unreadable lines; null if one of them does not even show its proposal. */
  unreadableProposals: Set<string> | null
  bytes: number
}

/**
 * Records all lines, or none. Errors are answered with the status of the first wrong line, and all of them (up to a hundred) are in
 * `lines`: lines that cannot be read, and lines that the rules refuse, as far as that is known beside unreadable ones.
 *
 * @param length the most bytes of the body
 */
export function recordLinesAtomically(call: BulkCall, length: number, bounds: AtomicBounds): Promise<Answer> {
  return withWholeImport(call, length, bounds, (collected) => recordCollected(collected, call))
}

/** Reads a whole import, and does the work with it; its room is held meanwhile. */
export async function withWholeImport<Result>(
  call: BulkCall,
  length: number,
  bounds: AtomicBounds,
  work: (collected: Collected) => Promise<Result>,
): Promise<Result> {
  const giveBack = await bounds.imports.take(call.caller.name, length, roomPatience)
  try {
    return await work(await collect(call, bounds))
  } finally {
    giveBack()
  }
}

async function recordCollected(collected: Collected, call: BulkCall): Promise<Answer> {
  await assertAllReadable(collected, call)
  const { requests, lineNumbers, bytes } = collected
  const result = await orProblem(recordAll(call.recorder, requests, bytes))
  if (result.outcome === 'refused') throw refusal(numbered(result.refusals, lineNumbers), call)
  return { status: 200, type: 'application/json', body: await report(result.results, lineNumbers) }
}

/** @throws the refusal of an import with unreadable lines, which names all refused lines; 400 for one without lines */
export async function assertAllReadable(collected: Collected, call: BulkCall): Promise<void> {
  const { requests, unreadable } = collected
  if (unreadable.length === 0 && requests.length === 0) throw emptyImport()
  if (unreadable.length === 0) return
  const refused = [...unreadable, ...(await refusedBeside(collected, call))]
  throw refusal(
    refused.toSorted((a, b) => a.line - b.line),
    call,
  )
}

/** Reads all lines, within the limits of an atomic call. */
async function collect(call: BulkCall, { silentMs, atomicMs }: AtomicBounds): Promise<Collected> {
  const collected: Collected = {
    requests: [],
    lineNumbers: [],
    unreadable: [],
    unreadableProposals: new Set(),
    bytes: 0,
  }
  const body = readWithin(call.lines, {
    silentMs,
    wholeMs: atomicMs,
    size: { bytes: atomicLimits.bytes, fault: tooMuch },
  })
  let lines = 0
  for await (const line of readLines(body, eventLimit)) {
    collected.bytes += line.bytes?.length ?? eventLimit
    withinShare(call, line.number)
    collectLine(collected, line, call)
    lines = line.number
    if (collected.requests.length + collected.unreadable.length > atomicLimits.lines) throw tooMuch()
  }
  // The request itself counted as its first line.
  const tooMany = lines > 1 ? call.allowance?.takeWhole(lines - 1) : null
  if (tooMany) throw tooMany
  return collected
}

/** Refused as soon as it is clear that there are too many, before all have come. */
function withinShare({ allowance }: BulkCall, lines: number): void {
  const tooMany = allowance?.refuseWhole(lines - 1)
  if (tooMany) throw tooMany
}

function collectLine(collected: Collected, line: Line, call: BulkCall): void {
  try {
    collected.requests.push(requestOnLine(line, call))
    collected.lineNumbers.push(line.number)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    collected.unreadable.push({ line: line.number, problem: error })
    const proposalId = proposalOn(line)
    if (proposalId === null) collected.unreadableProposals = null
    else collected.unreadableProposals?.add(proposalId)
  }
}

/** The proposal of an unreadable line, if it can be seen. */
function proposalOn(line: Line): string | null {
  try {
    const { proposalId } = JSON.parse(line.bytes?.toString('utf8') ?? '') as { proposalId?: unknown }
    return typeof proposalId === 'string' ? proposalId : null
  } catch {
    return null
  }
}

/**
 * The refusals by rules among the readable lines. Lines of a proposal with unreadable lines, or lines that name such a proposal, are left
 * out: they may depend on what could not be read.
 */
async function refusedBeside(collected: Collected, call: BulkCall): Promise<RefusedLine[]> {
  const { unreadableProposals: unsure, requests, lineNumbers } = collected
  if (unsure === null) return []
  const sure = requests.flatMap((request, index) => (restsOn(request, unsure) ? [] : [index]))
  const judged = sure.map((index) => requests[index] as RecordRequest)
  if (judged.length === 0) return []
  const refusals = await orProblem(judgeOnly(call.recorder, judged))
  return numbered(
    refusals,
    sure.map((index) => lineNumbers[index] ?? 0),
  )
}

/**
 * Whether the line belongs to, or names, one of the proposals. Its own proposal then becomes one of them, because later lines may depend on
 * this one.
 */
function restsOn({ body }: RecordRequest, unsure: Set<string>): boolean {
  const names = JSON.stringify(body).matchAll(/"([a-z0-9-]{1,80})"/g)
  const rests = [...names].some(([, name = '']) => unsure.has(name))
  if (rests) unsure.add(body.proposalId)
  return rests
}

function tooMuch(): Problem {
  const { lines, bytes } = atomicLimits
  const most = `${lines} events and ${bytes} bytes`
  const detail = `An import that is decided as a whole (\`atomic\`, \`dryRun\`) takes at most ${most}. Send less at once.`
  return problem('too-large', detail)
}

export function numbered(
  refusals: readonly { index: number; answer: NotRecorded }[],
  lineNumbers: readonly number[],
): RefusedLine[] {
  return refusals.map(({ index, answer }) => ({ line: lineNumbers[index] ?? 0, problem: problemOf(answer) }))
}

export function refusal(refused: readonly RefusedLine[], { writeProblem }: BulkCall): Problem {
  const [first] = refused
  if (!first) throw new Error('a refusal without a refused line')
  const lines = refused.slice(0, listedProblems).map(({ line, problem: one }) => problemOnLine(line, writeProblem(one)))
  const more = refused.length > 1 ? ` ${moreLines(refused.length - 1)} refused; see \`lines\`.` : ''
  const detail = `Nothing was recorded. Line ${first.line}: ${first.problem.detail}${more}`
  return problem(first.problem.code, detail, { lines, refused: refused.length })
}

function moreLines(count: number): string {
  return count === 1 ? 'One more line is' : `${count} more lines are`
}

async function report(
  results: readonly Recorded[],
  lineNumbers: readonly number[],
): Promise<z.output<typeof AtomicRecorded>> {
  const replays = results.filter(({ replayed }) => replayed).length
  return {
    results: await inTurns(
      collecting(results.entries(), ([index, { proposalId, version, position, replayed }]) => [
        {
          line: lineNumbers[index] ?? 0,
          status: 201,
          proposalId,
          version,
          position,
          ...(replayed ? { replayed: true } : {}),
        },
      ]),
    ),
    summary: { lines: results.length, recorded: results.length - replays, replayed: replays, refused: 0 },
  }
}
