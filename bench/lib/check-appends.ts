import { proposalOf } from '../load/append.ts'
import type { AppendJob, AppendResult } from '../load/jobs.ts'
import { bodyTypes } from './workload.ts'

/** An event in the log under test. */
export interface LoggedEvent {
  position: number
  proposalId: string
  version: number
  type: string
}

/** What the server acknowledged: by position, the event of the proposal. */
type Acknowledged = Map<number, { proposalId: string; version: number }>

/**
 * Compares the log with the acknowledgements of jobs that created proposals. Throws a sentence unless each acknowledged event is in the log
 * once and at its acknowledged position, the versions of each stream run 1, 2, 3 … along positions, types come in the order sent, and there
 * is nothing else. With `gapless`, positions must run 1, 2, 3 … too (a rival with a sequence does not promise that).
 */
export function checkAppends(log: Iterable<LoggedEvent>, jobs: [AppendJob, AppendResult][], gapless: boolean): string {
  const missing = acknowledgedBy(jobs)
  const total = missing.size
  const versions = new Map<string, number>()
  let last = 0
  for (const event of log) {
    if (event.position <= last) throw new Error(`position ${event.position} comes after ${last}`)
    if (gapless && event.position !== last + 1) throw new Error(`position ${event.position} follows ${last}`)
    last = event.position
    checkVersion(event, versions)
    const told = missing.get(event.position)
    if (told?.proposalId !== event.proposalId || told.version !== event.version) {
      throw new Error(
        `position ${event.position} holds ${event.proposalId} ${event.version}, acknowledged was ${JSON.stringify(told)}`,
      )
    }
    missing.delete(event.position)
  }
  if (missing.size > 0) throw new Error(`${missing.size} of ${total} acknowledged events are not in the log`)
  return `${total.toLocaleString('en')} acknowledged events: each in the log once, in order`
}

function checkVersion(event: LoggedEvent, versions: Map<string, number>): void {
  const version = (versions.get(event.proposalId) ?? 0) + 1
  if (event.version !== version)
    throw new Error(`${event.proposalId} goes from version ${version - 1} to ${event.version}`)
  if (event.type !== bodyTypes[version - 1]) throw new Error(`${event.proposalId} ${version} is ${event.type}`)
  versions.set(event.proposalId, version)
}

function acknowledgedBy(jobs: [AppendJob, AppendResult][]): Acknowledged {
  const acknowledged: Acknowledged = new Map()
  for (const [job, result] of jobs) {
    for (const [client, positions] of result.acknowledged.entries()) {
      for (const [at, position] of positions.entries()) {
        if (acknowledged.has(position)) throw new Error(`position ${position} was acknowledged twice`)
        const proposalId = proposalOf(job, client, Math.floor(at / job.bodies.length))
        acknowledged.set(position, { proposalId, version: (at % job.bodies.length) + 1 })
      }
    }
  }
  return acknowledged
}
