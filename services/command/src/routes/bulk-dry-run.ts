import { ProposalId } from '@commitments/domain'
import { type Answer, ndjson, ndjsonLine } from '@commitments/http-kit'
import { z } from 'zod'
import { type Decision, dryRunAll, refusalsOf } from '../recorder/decide.ts'
import type { RecordRequest } from '../recorder/requests.ts'
import { orProblem } from './answers.ts'
import {
  type AtomicBounds,
  assertAllReadable,
  type Collected,
  numbered,
  refusal,
  withWholeImport,
} from './bulk-atomic.ts'
import { lineCounts, place, replayed } from './bulk-lines.ts'
import { type BulkCall, emptyImport, problemOnLine } from './bulk-request.ts'

const LineAcceptable = z
  .strictObject({
    ...place,
    status: z.literal(200).meta({ description: 'The event would be recorded.' }),
    proposalId: ProposalId,
    version: z.int().min(1).meta({ description: 'The version of the proposal that the event would become.' }),
    type: z.string().meta({ description: 'The type of the event on this line.' }),
    replayed,
  })
  .meta({
    id: 'LineAcceptable',
    description: 'The event on this line would be recorded, as this version of its proposal.',
  })

const DryRunCounts = z
  .strictObject({
    dryRun: z.literal(true).meta({ description: 'Nothing was recorded.' }),
    ...lineCounts({ acceptable: z.int().min(0).meta({ description: 'Those whose event would be recorded.' }) }),
  })
  .meta({ description: 'How many lines there were, and what would become of them.' })

/** What the lines of a dry run can be, beside `LineRefused`. */
export const linesOfDryRun = [
  LineAcceptable,
  z
    .strictObject({ summary: DryRunCounts })
    .meta({ id: 'BulkDryRunSummary', description: 'The last line of a dry run.' }),
] as const

export const AtomicDryRun = z
  .strictObject({
    results: z.array(LineAcceptable).meta({ description: 'What each line would become, in the order of the lines.' }),
    summary: DryRunCounts,
  })
  .meta({ id: 'AtomicDryRun', description: 'All lines would be recorded.' })

type LineAnswer = z.output<typeof LineAcceptable> | ReturnType<typeof problemOnLine>

/** Does work in a turn of its own, once the body is here: a slow sender holds no turn. */
type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/**
 * What would become of an import that came now; nothing is recorded. Each line is decided as if the acceptable ones before it were recorded,
 * so the import is decided as a whole and has the limits of an atomic one.
 *
 * @param length the most bytes of the body
 */
export function dryRunLines(
  call: BulkCall,
  isAtomic: boolean,
  length: number,
  bounds: AtomicBounds,
  inTurn: InTurn,
): Promise<Answer> {
  return withWholeImport(call, length, bounds, async (collected) => {
    const answers = await answersOf(collected, call, isAtomic, inTurn)
    const summary = countsOf(answers)
    if (isAtomic) return { status: 200, type: 'application/json', body: { results: answers, summary } }
    return { status: 200, type: ndjson, body: [...answers, { summary }].map(ndjsonLine).join('') }
  })
}

async function answersOf(
  collected: Collected,
  call: BulkCall,
  isAtomic: boolean,
  inTurn: InTurn,
): Promise<LineAnswer[]> {
  const { requests, lineNumbers, unreadable } = collected
  if (requests.length + unreadable.length === 0) throw emptyImport()
  const decide = async () => {
    if (isAtomic) await assertAllReadable(collected, call)
    return dryRunAll(call.recorder, requests)
  }
  const decisions = await orProblem(inTurn(decide))
  const refused = numbered(refusalsOf(decisions), lineNumbers)
  if (isAtomic && refused.length > 0) throw refusal(refused, call)
  const problems = [...unreadable, ...refused].map(({ line, problem }) =>
    problemOnLine(line, call.writeProblem(problem)),
  )
  const acceptable = decisions.flatMap((decision, index) =>
    decision.decision === 'refused'
      ? []
      : [acceptableOn(lineNumbers[index] ?? 0, requests[index] as RecordRequest, decision, decisions)],
  )
  return [...problems, ...acceptable].toSorted((a, b) => a.line - b.line)
}

type Accepted = Exclude<Decision, { decision: 'refused' }>

function acceptableOn(
  line: number,
  { body: { proposalId, type } }: RecordRequest,
  decision: Accepted,
  decisions: readonly Decision[],
): z.output<typeof LineAcceptable> {
  const replayed = decision.decision === 'accepted' ? {} : { replayed: true as const }
  return { line, status: 200, proposalId, version: versionOf(decision, decisions), type, ...replayed }
}

function versionOf(decision: Decision | undefined, decisions: readonly Decision[]): number {
  switch (decision?.decision) {
    case 'accepted':
      return decision.event.event.version
    case 'recorded-before':
      return decision.recorded.version
    case 'repeat':
      return versionOf(decisions[decision.of], decisions)
    case 'refused':
    case undefined:
    default:
      throw new Error('a line that repeats a refused one was not refused')
  }
}

function countsOf(answers: readonly LineAnswer[]): z.output<typeof DryRunCounts> {
  const refused = answers.filter((answer) => 'code' in answer).length
  const replayed = answers.filter((answer) => 'replayed' in answer).length
  return { dryRun: true, lines: answers.length, acceptable: answers.length - refused - replayed, replayed, refused }
}
