/** The frame of a service's `main.ts`: messages and exit codes of a failed start, and the messages to the parent process. */

import { inspect } from 'node:util'
import { printable } from '@commitments/domain'
import type { Environment } from './config.ts'
import { ConfigError } from './config.ts'
import type { RunningService } from './run-service.ts'

/** `EX_CONFIG` of BSD's sysexits.h: starting again does not help until somebody changes the configuration. */
const misconfigured = 78

/**
 * Runs a service from its environment. If the start fails, it writes the reason to standard error (without a stack if the configuration is
 * wrong, or the ledger cannot be used) and exits with 78 for a configuration that cannot work (including a port in use), and with 1 otherwise. A parent that started us
 * with a channel receives `{listening: url}`; if it has gone away meanwhile, the service ends.
 *
 * @param usage of a service that people start by hand: `--help` and `-h` print it, and nothing is started
 */
export async function runMain(
  start: (environment: Environment) => Promise<RunningService>,
  usage?: string,
): Promise<void> {
  if (usage !== undefined && process.argv.slice(2).some((one) => one === '--help' || one === '-h')) {
    console.log(printable(usage))
    return
  }
  const supervised = process.connected
  try {
    const service = await start(process.env)
    process.send?.({ listening: service.url })
    if (supervised && !process.connected) await service.stop('the parent went away').then(() => process.exit(0))
  } catch (error) {
    console.error(printable(explain(error)))
    process.exit(isConfiguration(error) ? misconfigured : 1)
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || isUnusableLedger(error)) return error.message
  return isPortTaken(error) ? `The port cannot be had: ${error.message}.` : inspect(error)
}

function isConfiguration(error: unknown): boolean {
  return error instanceof ConfigError || isPortTaken(error)
}

/** By name: the class belongs to the event store, which this package does not know. */
function isUnusableLedger(error: unknown): error is Error {
  return error instanceof Error && error.name === 'LedgerUnusable'
}

function isPortTaken(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}
