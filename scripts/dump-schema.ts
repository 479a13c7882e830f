/**
 * Writes what the migrations make, as read back from the catalogue of a freshly migrated database:
 * migrations/schema.sql, for reviewers, and packages/event-store/src/tables.ts, the types that queries are checked with.
 *
 *   node scripts/dump-schema.ts           writes both
 *   node scripts/dump-schema.ts --check   exits with 1 where one of them is out of date
 */
import { readFile, writeFile } from 'node:fs/promises'
import { migrate, openPool } from '@commitments/event-store'
import { startTemporaryServer } from '@commitments/local-postgres'
import { describeSchema } from './schema/describe-schema.ts'
import { describeTables } from './schema/describe-tables.ts'

const ledger = 'commitments'
const outputs = [
  { file: new URL('../migrations/schema.sql', import.meta.url), describe: describeSchema },
  { file: new URL('../packages/event-store/src/tables.ts', import.meta.url), describe: describeTables },
]

const server = await startTemporaryServer()
try {
  await migrate(server.url, { ledger })
  const pool = openPool(server.url, { ledger })
  for (const { file, describe } of outputs) await writeOrCheck(file, await describe(pool, ledger))
  await pool.end()
} finally {
  await server.stop()
}

async function writeOrCheck(file: URL, text: string): Promise<void> {
  if (!process.argv.includes('--check')) return writeFile(file, text)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return
  console.error(`${file.pathname.split('/').slice(-2).join('/')} is not what the migrations make: run npm run generate`)
  process.exitCode = 1
}
