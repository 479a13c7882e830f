/**
 * Replays the log and compares it with the ledger.
 *
 * The log: positions have no gaps, versions are contiguous, recordedAt never goes back, and the columns of a row match its line. The read
 * models: each row of statuses and moments equals the fold of its stream up to the live generation's position, each link is where it is
 * looked for, and there is nothing else. The transparency log: tiles and signed root follow from the lines.
 */
import type { Pool } from 'pg'
import { momentsProjection } from '../past/past-projection.ts'
import { checkProjection, checkVersions } from '../projections/check/check-projection.ts'
import { type Finding, noFindings, report } from '../projections/check/findings.ts'
import { readLive } from '../projections/generations.ts'
import { statusProjection } from '../status/status-projection.ts'
import { beginSnapshot } from '../transaction.ts'
import { compareTree } from '../transparency/compare-tree.ts'
import { checkLinks } from './check-links.ts'
import { checkLog } from './check-log.ts'

export interface ReplayReport {
  readonly position: number
  readonly generation: number
  readonly events: number
  readonly proposals: number
  /** The first 1,000 findings. */
  readonly findings: readonly Finding[]
  readonly found: number
}

/** Checks the whole log up to the position that the live generation has applied. Writes can continue meanwhile. */
export async function checkReplay(pool: Pool, timeZone: string): Promise<ReplayReport> {
  const client = await pool.connect()
  const findings = noFindings()
  const common = { client, timeZone, findings }
  try {
    // One snapshot of the rows; the log itself never changes up to the position.
    await client.query(beginSnapshot)
    const live = await readLive(client, 'proposal-status')
    const events = await checkLog(client, live.position, findings)
    const statuses = { ...common, projection: statusProjection, live }
    const proposals = await checkProjection(statuses, pool, (stream) => checkVersions(stream, findings))
    const moments = await readLive(client, 'proposal-moments')
    await checkProjection({ ...common, projection: momentsProjection, live: moments }, pool)
    await checkLinks({ client, live, moments, findings, ids: null })
    await client.query('COMMIT')
    for (const finding of await checkTree(pool)) report(findings, finding)
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
