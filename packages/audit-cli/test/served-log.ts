import { proposed } from '@commitments/test-kit'
import type { Test } from 'tap'
import { type Audited, openAudited, recordPortfolio } from './services.ts'

/** What tests change as the database superuser. */
const tables = ['proposal_status', 'proposal_search', 'proposal_moments', 'events', 'log_tiles']

export interface ServedLog extends Audited {
  /** Makes every table as it was. */
  readonly putBack: () => Promise<void>
}

/** A signed log with its rows, and a service that has written none of them, so that it has nothing of them in memory. */
export async function servedLog(t: Test): Promise<ServedLog> {
  const audited = await openAudited(t)
  await recordPortfolio(audited)
  const { position } = await audited.client.recordEvent('lab', proposed())
  await audited.signed(position)
  // The past is projected at its own pace.
  await fetch(`${audited.url}/v1/portfolio?knownAtPosition=${position}&atLeast=${position}`)
  await audited.stop()
  const pool = audited.database.pool()
  await pool.query('ALTER TABLE events DISABLE TRIGGER ALL')
  for (const table of tables) await pool.query(`CREATE TABLE ${table}_before AS SELECT * FROM ${table}`)
  const putBack = async () => {
    for (const table of tables)
      await pool.query(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM ${table}_before`)
  }
  return { ...audited, putBack }
}
