/**
 * Writes what the migrations make, as read back from the catalogue of a freshly migrated database:
 * migrations/schema.sql, for reviewers, migrations/guards.json, with which services compare what keeps the log as it is,
 * packages/event-store/src/tables.ts, the types that queries are checked with, and migrations/SHA256SUMS, by which an edit of a landed
 * migration is noticed.
 *
 *   node scripts/dump-schema.ts           writes them
 *   node scripts/dump-schema.ts --check   exits with 1 where one of them is out of date
 */
import { readFile, writeFile } from 'node:fs/promises'
import { migrate, openPool, readGuards } from '@commitments/event-store'
import { startTemporaryServer } from '@commitments/local-postgres'
import type { Pool } from 'pg'
import { describeSchema } from './schema/describe-schema.ts'
import { describeTables } from './schema/describe-tables.ts'
import { describeDigests, editedSince } from './schema/migration-digests.ts'

const ledger = 'commitments'
const checking = process.argv.includes('--check')
const digestsFile = new URL('../migrations/SHA256SUMS', import.meta.url)
const outputs = [
  { file: new URL('../migrations/schema.sql', import.meta.url), describe: describeSchema },
  { file: new URL('../migrations/guards.json', import.meta.url), describe: describeGuards },
  { file: new URL('../packages/event-store/src/tables.ts', import.meta.url), describe: describeTables },
  { file: digestsFile, describe: describeDigests },
]

const edited = editedSince(await read(digestsFile), await describeDigests())
if (edited.length > 0) refuseEdited(edited)
else await describeAll()

async function describeAll(): Promise<void> {
  const server = await startTemporaryServer()
  try {
    await migrate(server.url, { ledger })
    const pool = openPool(server.url, { ledger })
    for (const { file, describe } of outputs) await writeOrCheck(file, await describe(pool, ledger))
    await pool.end()
  } finally {
    await server.stop()
  }
}

async function describeGuards(pool: Pool): Promise<string> {
  return `${JSON.stringify(await readGuards(pool), null, 2)}\n`
}

async function writeOrCheck(file: URL, text: string): Promise<void> {
  if (!checking) return writeFile(file, text)
  if ((await read(file)) === text) return
  console.error(`${file.pathname.split('/').slice(-2).join('/')} is not what the migrations make: run npm run generate`)
  process.exitCode = 1
}

function refuseEdited(files: readonly string[]): void {
  console.error(
    `${files.join(', ')} changed since it was listed in migrations/SHA256SUMS. A ledger that has it will not get it again: put the change ` +
      'into a new migration. Only where it never left this machine, take its line out of the list and run this again.',
  )
  process.exitCode = 1
}

async function read(file: URL): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
