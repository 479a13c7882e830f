/** What must hold, however the processes were scheduled and whatever struck them. */
import { decodeLine, foldStream, type RecordedEvent } from '@commitments/domain'
import { checkReplay } from '@commitments/projection'
import type { Pool } from 'pg'
import type { Task } from './clients.ts'
import { timeZone } from './processes.ts'

async function readLines(pool: Pick<Pool, 'query'>): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

/** In the middle of everything: in one snapshot, each status is the fold of its stream up to the checkpoint, and nothing else is there. */
export async function faultsOfSnapshot(pool: Pool): Promise<string[]> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows: generations } = await client.query<{ generation: number; position: number }>(
      "SELECT generation, position FROM projection_generations WHERE projection = 'proposal-status' AND state = 'live'",
    )
    const { generation, position } = generations[0] as { generation: number; position: number }
    const lines = await readLines(client)
    const { rows } = await client.query<{ proposal_id: string; state: string | null }>(
      'SELECT proposal_id, state FROM proposal_status WHERE generation = $1',
      [generation],
    )
    await client.query('COMMIT')
    const applied = lines.slice(0, position).map(decodeLine)
    return faultsOfStatuses(applied, new Map(rows.map(({ proposal_id, state }) => [proposal_id, state])))
  } finally {
    client.release()
  }
}

function faultsOfStatuses(applied: readonly RecordedEvent[], states: ReadonlyMap<string, string | null>): string[] {
  const streams = Map.groupBy(applied, ({ proposalId }) => proposalId)
  const faults: string[] = []
  for (const [proposalId, stream] of streams) {
    const inOrder = stream.toSorted((one, other) => one.version - other.version)
    if (states.get(proposalId) !== JSON.stringify(foldStream(inOrder, timeZone)))
      faults.push(
        `in a snapshot at position ${applied.length}, the status of ${proposalId} is not the fold of its stream`,
      )
  }
  for (const proposalId of states.keys())
    if (!streams.has(proposalId)) faults.push(`in a snapshot at position ${applied.length}, ${proposalId} is ahead`)
  return faults
}

/** When everything has come to rest. @param read what the reader of the log has got */
export async function faultsAtTheEnd(pool: Pool, tasks: readonly Task[], read: readonly string[]): Promise<string[]> {
  const log = await readLines(pool)
  const report = await checkReplay(pool, timeZone)
  const faults = report.findings.map(({ what, proposalId }) => `replay: ${proposalId}: ${what}`)
  if (report.events !== log.length) faults.push(`the read model has applied ${report.events} of ${log.length} events`)
  if (JSON.stringify(read) !== JSON.stringify(log)) faults.push('the reader did not get exactly the log, in its order')
  return [...faults, ...faultsOfLog(log), ...(await faultsOfSnapshot(pool)), ...faultsOfTasks(tasks, log)]
}

function faultsOfLog(log: readonly string[]): string[] {
  const versions = new Map<string, number>()
  return log.flatMap((line, index) => {
    const { position, proposalId, version } = decodeLine(line)
    const due = (versions.get(proposalId) ?? 0) + 1
    versions.set(proposalId, version)
    const faults: string[] = []
    if (position !== index + 1) faults.push(`position ${position} stands where ${index + 1} was due`)
    if (version !== due) faults.push(`${proposalId} has version ${version} where ${due} was due`)
    return faults
  })
}

function faultsOfTasks(tasks: readonly Task[], log: readonly string[]): string[] {
  const byKey = Map.groupBy(log, (line) => decodeLine(line).correlationId ?? '')
  const faults: string[] = []
  for (const [key, lines] of byKey) if (lines.length > 1) faults.push(`${key} was recorded ${lines.length} times`)
  for (const copies of Map.groupBy(tasks, ({ keys }) => keys.join()).values())
    faults.push(...faultsOfCopies(copies, byKey))
  return faults
}

/** Those of one request that was sent once or twice. */
function faultsOfCopies(copies: readonly Task[], byKey: ReadonlyMap<string, readonly string[]>): string[] {
  const [{ keys }] = copies as readonly [Task]
  const recorded = keys.filter((key) => byKey.has(key))
  const faults: string[] = []
  if (recorded.length > 0 && recorded.length < keys.length)
    faults.push(`of ${keys.join(' and ')}, which belong together, only ${recorded.join(' and ')} was recorded`)
  for (const { lines } of copies)
    for (const [index, line] of (lines ?? []).entries())
      if (byKey.get(keys[index] as string)?.[0] !== line)
        faults.push(
          `${keys[index]} was answered with ${line}, and the log has ${byKey.get(keys[index] as string)?.join() ?? 'nothing'}`,
        )
  // Each was told that nothing was recorded, and no attempt was left without an answer.
  if (copies.every(({ lines, isCertain }) => lines === null && isCertain) && recorded.length > 0)
    faults.push(`${recorded.join(' and ')} was recorded, although each answer said that it was not`)
  return faults
}
