import { parseArgs } from 'node:util'
import {
  acceptRestore,
  assertMigrated,
  checkLedgerName,
  openPool,
  readHead,
  readLogIdentity,
  readRunningServices,
} from '@commitments/event-store'
import { Incomplete } from '../command.ts'
import { withOwnerAddress } from '../owner-address.ts'
import { remark, say } from '../terminal.ts'

export const usage =
  'Usage: npm run accept-restore -- --reason "restored from the backup of 2026-11-21" [--while-running]\n' +
  'After the database was restored from a backup, with the services stopped: gives the log of the ledger LEDGER_SCHEMA at DATABASE_URL, the\n' +
  'address of its owner, a new Log-Id, and records what was given up (/v1/log/forks). The reason is kept for good. Without DATABASE_URL it does that\n' +
  'to the ledger of npm start in DATA_DIR (default: .data): stop that first.\n' +
  '  --while-running   accepts although services of the ledger are connected\n' +
  'Exit codes: 0 accepted; 1 services run, or it failed; 78 the address or the reason is missing.'

/**
 * Gives the log a new Log-Id, so that nobody who read further than the
 * backup takes what is recorded from now on for what they have seen. What had been signed of the log that ends here goes on record
 * (/v1/log/forks): by the database now, by the kept file and the witnesses as soon as a projection service signs. Services that run notice
 * it within a second or two; until then they record and serve under the old identity, so they should be stopped before.
 *
 * @returns the exit status: 1 if services run
 * @throws Incomplete if the address or the reason is missing
 */
export async function main(given: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: given,
    options: { reason: { type: 'string' }, 'while-running': { type: 'boolean', default: false } },
  })
  const reason = values.reason?.trim()
  if (!reason) throw new Incomplete('Please give the reason: --reason "…". It is kept for good.')
  const ledger = checkLedgerName(environment['LEDGER_SCHEMA'] || 'commitments')
  return withOwnerAddress(environment, (url) => accept(url, ledger, { reason, whileRunning: values['while-running'] }))
}

interface Wish {
  readonly reason: string
  readonly whileRunning: boolean
}

async function accept(url: string, ledger: string, { reason, whileRunning }: Wish): Promise<number> {
  const pool = openPool(url, { ledger, max: 1, applicationName: 'commitments accept-restore' })
  try {
    await assertMigrated(pool)
    const running = await readRunningServices(pool, ledger)
    if (running.length > 0 && !whileRunning) {
      remark(stillRunning(ledger, running))
      return 1
    }
    const before = await readLogIdentity(pool)
    const after = await acceptRestore(pool, reason)
    const { position } = await readHead(pool)
    say(
      `The log of ledger ${ledger}, which ends at position ${position}, was ${before.logId} and is ${after.logId} now.\n` +
        'The projection service that signs records what the kept file and the witnesses knew of the old one (/v1/log/forks).\n' +
        'Tell the witnesses of the log its new origin.',
    )
    return 0
  } finally {
    await pool.end()
  }
}

function stillRunning(ledger: string, running: Awaited<ReturnType<typeof readRunningServices>>): string {
  const all = running.map(
    ({ name, address, connections }) => `  ${name} (${address ?? 'local'}, connections: ${connections})`,
  )
  return (
    `Nothing was accepted, because services of the ledger ${ledger} run:\n${all.join('\n')}\n` +
    'Stop them first, so that nothing is recorded under the old identity meanwhile. If that cannot be done, add --while-running: they notice ' +
    'the new identity by themselves within a second or two.'
  )
}
