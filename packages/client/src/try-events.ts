import { type BulkLines, sendLines, textOf } from './bulk-lines.ts'
import { type CallOptions, type Connection, call } from './connection.ts'
import { ContractBroken } from './errors.ts'
import type { BulkLine, LineTried, TriedEvents } from './types.ts'

export type TryOptions = CallOptions & {
  /** True: one refused line refuses the whole, as it would in `recordAtomically`. */
  readonly atomic?: boolean
}

/**
 * Says for each line what would become of it, as if the acceptable lines before it were recorded. Records nothing; at most 10,000 lines and 8 MiB.
 * Nothing is signed, and no keys are made; a line whose own key was used before is `replayed`. Without lines, nothing is sent.
 *
 * @throws ProblemError with `atomic`, if a line would be refused: its `problem.lines` has the refused lines
 */
export async function tryEvents(
  connection: Connection,
  lines: BulkLines,
  options: TryOptions = {},
): Promise<TriedEvents> {
  const given: BulkLine[] = []
  for await (const line of lines) given.push(line)
  if (given.length === 0)
    return { results: [], summary: { dryRun: true, lines: 0, acceptable: 0, replayed: 0, refused: 0 } }
  const { atomic = false } = options
  const query = { dryRun: 'true', ...(atomic && { atomic: 'true' as const }) } as const
  const body = given.map(textOf).join('')
  const accept = atomic ? 'application/json' : 'application/x-ndjson'
  const { data } = await call<unknown>(connection, options, (signal) =>
    sendLines(connection, body, { query, accept, parseAs: 'text' }, signal),
  )
  return atomic ? (JSON.parse(data as string) as TriedEvents) : triedOf(data as string)
}

function triedOf(text: string): TriedEvents {
  const answers = text.split('\n').filter((line) => line !== '')
  const { summary } = JSON.parse(answers.pop() ?? '{}') as Partial<TriedEvents>
  if (summary === undefined) throw new ContractBroken('The answer to a dry run has no summary.')
  return { results: answers.map((line) => JSON.parse(line) as LineTried), summary }
}
