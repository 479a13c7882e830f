import { ProposalId } from '@commitments/domain'
import { type Answer, Problem, problem, readLines } from '@commitments/http-kit'
import { z } from 'zod'
import type { AtomicResult } from '../recorder/atomic.ts'
import { recordAll } from '../recorder/recorder.ts'
import type { Recorded, RecordRequest } from '../recorder/requests.ts'
import { problemOf, problemOfFault } from './answers.ts'
import { type BulkCall, lineLimit, problemOnLine, requestOnLine } from './bulk-request.ts'

/** Contract: at most so much in one atomic call, since it is one transaction and one batch. */
export const atomicLimits = { lines: 10_000, bytes: 8 * 1024 * 1024 } as const

/** So many refused lines are listed; a file of which every line is wrong is understood by then. */
const listedProblems = 100

export const AtomicRecorded = z
  .strictObject({
    results: z.array(
      z.strictObject({
        line: z.int().min(1),
        status: z.literal(201),
        proposalId: ProposalId,
        version: z.int().min(1),
        position: z.int().min(1),
        replayed: z.literal(true).optional(),
      }),
    ),
    summary: z.strictObject({
      lines: z.int().min(0),
      recorded: z.int().min(0),
      replayed: z.int().min(0),
      refused: z.literal(0),
    }),
  })
  .meta({ id: 'AtomicRecorded', description: 'All lines are in the log.' })

interface Collected {
  readonly requests: RecordRequest[]
  /** The number of each request's line. */
  readonly lineNumbers: number[]
  /** The first of the lines that cannot be read, as many as are listed; `refused` counts all. */
  readonly problems: { line: number; problem: Problem }[]
  refused: number
  bytes: number
}

/**
 * Records all lines, or none. What is wrong is answered with the status of the first wrong line, and all of them (up to a hundred) in
 * `lines`: first those that cannot be read, and where there are none, those that the rules refuse.
 */
export async function recordLinesAtomically(call: BulkCall): Promise<Answer> {
  const { requests, lineNumbers, problems, refused, bytes } = await collect(call)
  if (refused > 0) throw refusal(problems, refused, call)
  const result = await recordAll(call.recorder, requests, bytes).catch((fault: unknown) => {
    throw problemOfFault(fault)
  })
  if (result.outcome === 'refused') throw refusal(numbered(result, lineNumbers), result.refusals.length, call)
  return { status: 200, type: 'application/json', body: report(result.results, lineNumbers) }
}

async function collect(call: BulkCall): Promise<Collected> {
  const collected: Collected = { requests: [], lineNumbers: [], problems: [], refused: 0, bytes: 0 }
  for await (const line of readLines(call.lines, lineLimit)) {
    collected.bytes += line.bytes?.length ?? lineLimit
    if (collected.bytes > atomicLimits.bytes || line.number > atomicLimits.lines) throw tooMuch()
    try {
      collected.requests.push(requestOnLine(line, call))
      collected.lineNumbers.push(line.number)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      collected.refused += 1
      if (collected.refused <= listedProblems) collected.problems.push({ line: line.number, problem: error })
    }
  }
  return collected
}

function tooMuch(): Problem {
  const { lines, bytes } = atomicLimits
  const most = `${lines} lines and ${bytes} bytes`
  return problem('too-large', `An atomic import takes at most ${most}. Send less, or send it without \`atomic\`.`, {
    headers: { Connection: 'close' },
  })
}

function numbered(result: Extract<AtomicResult, { outcome: 'refused' }>, lineNumbers: readonly number[]) {
  return result.refusals.map(({ index, answer }) => ({ line: lineNumbers[index] ?? 0, problem: problemOf(answer) }))
}

function refusal(
  problems: readonly { line: number; problem: Problem }[],
  refused: number,
  { writeProblem }: BulkCall,
): Problem {
  const [first] = problems
  if (!first) throw new Error('a refusal without a refused line')
  const lines = problems
    .slice(0, listedProblems)
    .map(({ line, problem: one }) => problemOnLine(line, writeProblem(one)))
  const more = refused > 1 ? ` ${refused - 1} more lines are refused, see \`lines\`.` : ''
  const detail = `Nothing was recorded. Line ${first.line}: ${first.problem.detail}${more}`
  return problem(first.problem.code, detail, { lines, refused })
}

function report(results: readonly Recorded[], lineNumbers: readonly number[]): z.output<typeof AtomicRecorded> {
  const replayed = results.filter((result) => result.replayed).length
  return {
    results: results.map(({ proposalId, version, position, replayed }, index) => ({
      line: lineNumbers[index] ?? 0,
      status: 201,
      proposalId,
      version,
      position,
      ...(replayed ? { replayed: true } : {}),
    })),
    summary: { lines: results.length, recorded: results.length - replayed, replayed, refused: 0 },
  }
}
