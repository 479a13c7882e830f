import type { Bench } from './context.ts'
import { databaseExists, queryRows } from './database.ts'
import { preload } from './preload.ts'
import { createLedger, ledger, migrateLedger } from './product.ts'

/**
 * The database whose log begins with `events` loaded events. It is created if it does not exist, or is incomplete because an earlier run
 * was interrupted; with `--data`, a later run finds it again.
 */
export async function loadedLedger(bench: Bench, events: number): Promise<string> {
  const name = `bench_loaded_${events}`
  if ((await databaseExists(bench.server, name)) && (await isLoaded(bench.server.urlOf(name), events))) {
    // It may have been loaded by an older version.
    await migrateLedger(bench.server.urlOf(name))
    return bench.server.urlOf(name)
  }
  const url = await createLedger(bench, name)
  await preload(bench, url, events)
  return url
}

/** They are loaded in one transaction: either everything is there, or nothing. */
async function isLoaded(url: string, events: number): Promise<boolean> {
  const [table] = await queryRows<{ there: boolean }>(
    url,
    `SELECT to_regclass('${ledger}.events') IS NOT NULL AS there`,
  )
  if (!table?.there) return false
  return (await queryRows(url, `SELECT FROM ${ledger}.events WHERE position = $1`, [events])).length > 0
}
