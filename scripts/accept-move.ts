import { parseArgs } from 'node:util'
import { acceptMove, assertMigrated, checkLedgerName, openPool } from '@commitments/event-store'
import { Incomplete, runCommand } from './command.ts'
import { withOwnerAddress } from './owner-address.ts'
import { remark, say } from './terminal.ts'

const usage =
  'Usage: npm run accept-move -- --reason "upgraded to Postgres 18"\n' +
  'Lets the log of the ledger LEDGER_SCHEMA at DATABASE_URL, the address of its owner, be signed here, after the ledger moved as a whole (to another\n' +
  'server, by an upgrade) or got another PUBLIC_URL, and is recorded and signed nowhere else. The reason is kept for good. Not for a copy, which gets\n' +
  'LOG_SIGNER=no. Not after a restore that lost events: that is accept-restore. Without DATABASE_URL: the ledger of npm start in DATA_DIR.\n' +
  'Exit codes: 0 accepted; 1 it failed; 3 there is nothing to accept; 78 the address or the reason is missing.'

async function main(given: string[]): Promise<number> {
  const { values } = parseArgs({ args: given, options: { reason: { type: 'string' } } })
  const reason = values.reason?.trim()
  if (!reason) throw new Incomplete('Please give the reason: --reason "…". It is kept for good.')
  const ledger = checkLedgerName(process.env['LEDGER_SCHEMA'] || 'commitments')
  return withOwnerAddress(process.env, (url) => accept(url, ledger, reason))
}

async function accept(url: string, ledger: string, reason: string): Promise<number> {
  const pool = openPool(url, { ledger, max: 1, applicationName: 'commitments accept-move' })
  try {
    await assertMigrated(pool)
    const moved = await acceptMove(pool, reason)
    if (moved.length === 0) {
      remark(`The log of ledger ${ledger} was signed nowhere so far, so there is nothing to accept.`)
      return 3
    }
    for (const { origin } of moved) say(`The log ${origin} is signed here from now on. Nobody else may sign it.`)
    return 0
  } finally {
    await pool.end()
  }
}

await runCommand(usage, main)
