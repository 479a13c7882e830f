import { checkLedgerName, migrate } from '@commitments/event-store'
import { remark, say } from './terminal.ts'

// npm run migrate: brings the ledger LEDGER_SCHEMA of DATABASE_URL (its owner's address) up to this version. It is safe to run at any time,
// also several times at once. Its exit status is not 0 if it failed.

const { DATABASE_URL, LEDGER_SCHEMA } = process.env
if (!DATABASE_URL) {
  remark(
    'Set DATABASE_URL to the address of the database as its owner, such as postgres://owner:password@host:5432/commitments.',
  )
  process.exit(78)
}
const ledger = LEDGER_SCHEMA || 'commitments'
checkLedgerName(ledger)
say(JSON.stringify(await migrate(DATABASE_URL, { ledger })))
