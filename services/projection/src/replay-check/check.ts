/**
 * Replays the log and compares it with what the ledger says it is.
 *
 * Of the log: positions have no gaps, versions are contiguous, recordedAt never falls, the columns of a row say what
 * its line says. Of the read models: each row of status and of moments is what a fold of its stream up to the live
 * generation's position comes to, each link is where it is looked for, and nothing is there besides. Of the transparency
 * log: tiles and signed root are what the lines come to.
 */
import type { Pool } from 'pg'
import type { Generation } from '../projections/generations.ts'
import { readLive } from '../projections/generations.ts'
import { beginSnapshot } from '../transaction.ts'
import { compareTree } from '../transparency/compare-tree.ts'
import { checkLog } from './check-log.ts'
import { checkLinks, checkMoments } from './check-moments.ts'
import { checkRows } from './check-rows.ts'

export interface Finding {
  readonly what: string
  readonly proposalId?: string
  readonly position?: number
}

export interface ReplayReport {
  readonly position: number
  readonly generation: number
  readonly events: number
  readonly proposals: number
  /** The first 1,000 of them. */
  readonly findings: readonly Finding[]
  readonly found: number
}

/** Collects findings without keeping more than somebody would read. */
export interface Findings {
  readonly kept: Finding[]
  count: number
}

const kept = 1_000

export function find(findings: Findings, finding: Finding): void {
  findings.count += 1
  if (findings.kept.length < kept) findings.kept.push(finding)
}

/** Checks the whole log up to the position that the live generation has applied. Writes may go on meanwhile. */
export async function checkReplay(pool: Pool, timeZone: string): Promise<ReplayReport> {
  const client = await pool.connect()
  const findings: Findings = { kept: [], count: 0 }
  try {
    // One snapshot of the rows; the log itself never changes below the position.
    await client.query(beginSnapshot)
    const live: Generation = await readLive(client, 'proposal-status')
    const events = await checkLog(client, live.position, findings)
    const proposals = await checkRows({ pool, client, live, timeZone, findings })
    const moments = await readLive(client, 'proposal-moments')
    await checkMoments({ pool, client, live: moments, timeZone, findings })
    await checkLinks({ client, live, moments, findings })
    await client.query('COMMIT')
    for (const finding of await checkTree(pool)) find(findings, finding)
    const { position, generation } = live
    return { position, generation, events, proposals, findings: findings.kept, found: findings.count }
  } finally {
    client.release(true)
  }
}

async function checkTree(pool: Pool): Promise<Finding[]> {
  const { findings } = await compareTree(pool)
  return findings.map(({ what, ...rest }) => ({ what: `transparency log: ${what}`, ...rest }))
}
