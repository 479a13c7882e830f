import { decodeLine, foldStream, type RecordedEvent, statusOf, today } from '@commitments/domain'
import { openPool, readLog } from '@commitments/event-store'
import { checkReplay } from '@commitments/projection'
import { eventually } from '@commitments/test-kit'
import type { Pool } from 'pg'
import type { Acknowledged } from './load.ts'
import type { Services } from './system.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

export interface Verdict {
  readonly events: number
  /** What is wrong, in words; empty if nothing is. */
  readonly faults: readonly string[]
}

/**
 * Compares the acknowledgements with the log and with the services' answers, after the last fault: every acknowledged event is in the log
 * exactly once, with exactly the line of the answer; the log is consistent; and each status equals a new fold of its stream.
 *
 * @param after the last position that was verified before: only later events are compared, whose proposals began after it
 */
export async function verify(system: Services, acknowledged: readonly Acknowledged[], after = 0): Promise<Verdict> {
  const pool = openPool(system.databaseUrl, { ledger: 'commitments', role: 'projection', max: 4 })
  try {
    const log = await readWholeLog(pool, after)
    const events = log.map(decodeLine)
    const faults = [...faultsOfLog(events, after), ...faultsOfAnswers(log, events, acknowledged, after)]
    const head = after + events.length
    await untilProjected(system, head)
    return { events: events.length, faults: [...faults, ...(await faultsOfStatus(system, pool, events, head))] }
  } finally {
    await pool.end()
  }
}

async function readWholeLog(pool: Pool, after: number): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const page = await readLog(pool, { after: after + lines.length, limit: 5_000 })
    if (page.length === 0) return lines
    lines.push(...page.map(({ line }) => line))
  }
}

function faultsOfLog(events: readonly RecordedEvent[], after: number): string[] {
  const faults: string[] = []
  const versions = new Map<string, number>()
  let recordedAt = ''
  for (const [index, event] of events.entries()) {
    const { position, proposalId, version } = event
    const place = after + index + 1
    if (position !== place) faults.push(`position ${position} stands where ${place} was due`)
    const expected = (versions.get(proposalId) ?? 0) + 1
    if (version !== expected) faults.push(`${proposalId}: version ${version} where ${expected} was due`)
    if (event.recordedAt < recordedAt) faults.push(`recordedAt falls at position ${position}`)
    versions.set(proposalId, version)
    recordedAt = event.recordedAt
  }
  return faults
}

function faultsOfAnswers(
  log: readonly string[],
  events: readonly RecordedEvent[],
  acknowledged: readonly Acknowledged[],
  after: number,
): string[] {
  const faults: string[] = []
  // Every request of the load has one; a test that sends others, sends them without.
  const times = Map.groupBy(
    events.filter(({ correlationId }) => correlationId !== undefined),
    (event) => event.correlationId,
  )
  for (const [key, of] of times) if (of.length > 1) faults.push(`${key} was recorded ${of.length} times`)
  for (const { key, position, line } of acknowledged) {
    if (log[position - after - 1] !== line)
      faults.push(`${key}: the line at position ${position} is not the one that was answered`)
  }
  return faults
}

async function untilProjected({ projection }: Services, position: number): Promise<void> {
  const reached = async () => {
    const response = await fetch(new URL('/v1/projections', projection.url))
    await response.body?.cancel()
    return Number(response.headers.get('log-position')) >= position
  }
  await eventually(reached, { within: 30_000 })
}

/** Of the rows, all are compared; of the answers over HTTP, a hundred. */
async function faultsOfStatus(
  system: Services,
  pool: Pool,
  events: readonly RecordedEvent[],
  head: number,
): Promise<string[]> {
  const report = await checkReplay(pool, timeZone)
  const faults = report.findings.map(({ what, proposalId }) => `replay: ${proposalId}: ${what}`)
  if (report.events !== head) faults.push(`the replay saw ${report.events} of ${head} events`)
  const streams = [...Map.groupBy(events, (event) => event.proposalId)]
  const every = Math.ceil(streams.length / 100)
  for (const [proposalId, stream] of streams.filter((_, index) => index % every === 0)) {
    if (!(await isServed(system, proposalId, stream)))
      faults.push(`${proposalId}: the status is not a fold of its stream`)
  }
  return faults
}

async function isServed({ projection }: Services, proposalId: string, stream: RecordedEvent[]): Promise<boolean> {
  const proposal = foldStream(stream, timeZone)
  const response = await fetch(new URL(`/v1/proposals/${proposalId}`, projection.url))
  // The part about other proposals does not come from this stream.
  const { related: _, ...served } = (await response.json()) as Record<string, unknown>
  return (
    JSON.stringify(served) === JSON.stringify(proposal && statusOf(proposal, today(new Date(), timeZone), timeZone))
  )
}
