import { parseArgs } from 'node:util'
import { checkLedgerName, migrate } from '@commitments/event-store'
import { runCommand } from './command.ts'
import { withOwnerAddress } from './owner-address.ts'
import { say } from './terminal.ts'

const usage =
  'Usage: npm run migrate\n' +
  'Brings the ledger LEDGER_SCHEMA (default: commitments) of DATABASE_URL, the address of its owner, up to this version, and adds the roles and\n' +
  'rights that are missing, as after a restore. It is safe to run at any time, also several times at once. It prints as JSON what it applied\n' +
  'and granted. Without DATABASE_URL: the ledger of npm start in DATA_DIR, which does this at each start anyway.\n' +
  'Exit codes: 0 done; 1 failed; 78 DATABASE_URL is missing.'

await runCommand(usage, async (given) => {
  parseArgs({ args: given })
  const ledger = checkLedgerName(process.env['LEDGER_SCHEMA'] || 'commitments')
  return withOwnerAddress(process.env, async (url) => {
    say(JSON.stringify(await migrate(url, { ledger })))
    return 0
  })
})
