import { parseArgs } from 'node:util'
import { checkLedgerName, migrate } from '@commitments/event-store'
import { Incomplete, runCommand } from './command.ts'
import { say } from './terminal.ts'

const usage =
  'Usage: npm run migrate\n' +
  'Brings the ledger LEDGER_SCHEMA (default: commitments) of DATABASE_URL, the address of its owner, up to this version, and adds the roles and\n' +
  'rights that are missing, as after a restore. It is safe to run at any time, also several times at once. It prints as JSON what it applied\n' +
  'and granted. Exit codes: 0 done; 1 failed; 78 DATABASE_URL is missing.'

await runCommand(usage, async (given) => {
  parseArgs({ args: given })
  const { DATABASE_URL, LEDGER_SCHEMA } = process.env
  if (!DATABASE_URL) {
    throw new Incomplete(
      'Set DATABASE_URL to the address of the database as its owner, such as postgres://owner:password@host:5432/commitments.',
    )
  }
  const ledger = checkLedgerName(LEDGER_SCHEMA || 'commitments')
  say(JSON.stringify(await migrate(DATABASE_URL, { ledger })))
  return 0
})
