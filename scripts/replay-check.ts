import { parseArgs } from 'node:util'
import { assertMigrated, openPool } from '@commitments/event-store'
import { checkReplay, type ReplayReport, readConfig } from '@commitments/projection/maintenance'
import { runCommand } from './command.ts'
import { withProjectionAddress } from './owner-address.ts'
import { say } from './terminal.ts'

const usage =
  'Usage: npm run replay-check\n' +
  'Replays the log of the ledger LEDGER_SCHEMA at PROJECTION_DATABASE_URL (or DATABASE_URL) and compares it with the read models, row by row.\n' +
  'Without either: that of npm start in DATA_DIR, which may run meanwhile.\n' +
  'Exit codes: 0 everything agrees; 1 it could not be checked; 2 something does not agree.'

async function main(given: string[]): Promise<number> {
  parseArgs({ args: given })
  const config = readConfig(process.env)
  return withProjectionAddress(process.env, (url, isOwner) => check(url, isOwner, config))
}

async function check(url: string, isOwner: boolean, config: ReturnType<typeof readConfig>): Promise<number> {
  const pool = openPool(url, {
    ledger: config.LEDGER_SCHEMA,
    role: isOwner ? 'projection' : undefined,
    max: 6,
    applicationName: 'commitments replay-check',
  })
  try {
    await assertMigrated(pool)
    return show(await checkReplay(pool, config.LEDGER_TIME_ZONE))
  } finally {
    await pool.end()
  }
}

function show({ generation, position, events, proposals, found, findings }: ReplayReport): number {
  for (const { what, proposalId, position: at } of findings) {
    say(`${[proposalId, at === undefined ? undefined : `position ${at}`].filter(Boolean).join(', ')}: ${what}`)
  }
  const verdict = found === 0 ? 'everything agrees' : `${found} findings`
  say(`${events} events of ${proposals} proposals, generation ${generation} at position ${position}: ${verdict}`)
  return found === 0 ? 0 : 2
}

await runCommand(usage, main)
