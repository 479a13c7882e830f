/** The frame of the commands for operators. */
import { remark, say } from './terminal.ts'

/**
 * Runs a command. `--help` and `-h` print its usage, and nothing is done. Wrong parameters are answered with a sentence and the usage, what an
 * operator can mend (configuration, a ledger that cannot be used) with a sentence, and anything else with the stack.
 *
 * @param main gives the exit status, which is 1 after an error
 */
export async function runCommand(usage: string, main: (given: string[]) => Promise<number>): Promise<void> {
  const given = process.argv.slice(2)
  if (given.includes('--help') || given.includes('-h')) {
    say(usage)
    return
  }
  try {
    process.exitCode = await main(given)
  } catch (error) {
    remark(explain(error, usage))
    process.exitCode = error instanceof Incomplete ? misconfigured : 1
  }
}

/** The parameters are not understood. */
export class Misused extends Error {}

/** Something is missing without which the command has nothing to do. */
export class Incomplete extends Error {}

/** `EX_CONFIG` of BSD's sysexits.h. */
const misconfigured = 78

function explain(error: unknown, usage: string): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof Misused || error instanceof Incomplete || isFromParseArgs(error))
    return `${error.message}\n${usage}`
  // By name: loading the modules of both classes would be most of the start of a small command.
  return error.name === 'ConfigError' || error.name === 'LedgerUnusable'
    ? error.message
    : (error.stack ?? error.message)
}

function isFromParseArgs(error: NodeJS.ErrnoException): boolean {
  return String(error.code).startsWith('ERR_PARSE_ARGS')
}
