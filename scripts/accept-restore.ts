import { parseArgs } from 'node:util'
import { acceptRestore, checkLedgerName, openPool, readHead, readLogIdentity } from '@commitments/event-store'
import { remark, say } from './terminal.ts'

// npm run accept-restore -- --reason "restored from the back-up of 2026-11-21": run it after the database was restored from a back-up. It
// gives the log of the ledger LEDGER_SCHEMA in DATABASE_URL (its owner's address) a new Log-Id, so that nobody who has read further than
// the back-up takes new events for those that they have seen. What was signed for the log that ends here is recorded (/v1/log/forks), and
// the new log is signed under its own origin. Stop the services before, and start them afterwards.

const { reason } = parseArgs({ options: { reason: { type: 'string' } } }).values
const { DATABASE_URL, LEDGER_SCHEMA } = process.env
if (!DATABASE_URL || !reason?.trim()) {
  remark(
    'Set DATABASE_URL to the address of the database as its owner, and say why: --reason "…" (it is kept for good).',
  )
  process.exit(78)
}
const ledger = checkLedgerName(LEDGER_SCHEMA || 'commitments')
const pool = openPool(DATABASE_URL, { ledger, max: 1, applicationName: 'commitments accept-restore' })
try {
  const before = await readLogIdentity(pool)
  const after = await acceptRestore(pool, reason.trim())
  const { position } = await readHead(pool)
  say(
    `The log of ledger ${ledger}, which ends at position ${position}, was ${before.logId} and is ${after.logId} now.\n` +
      'Tell the witnesses of the log its new origin.',
  )
} finally {
  await pool.end()
}
