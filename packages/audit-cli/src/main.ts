/** The program: reads the command line and the environment, runs one command, and prints its result. */
import { isMainThread } from 'node:worker_threads'
import { printable } from '@commitments/domain'
import { CommanderError } from 'commander'
import { commandLine } from './command-line.ts'
import { removeTemporaryFolders } from './temporary.ts'
import { terminalProgress } from './terminal/progress.ts'
import { CannotCheck, exitCodes, usageExitCode } from './verdict.ts'
import './verify/look-thread.ts'

const surroundings = {
  environment: process.env,
  progress: terminalProgress(process.stderr),
  print: (text: string) => void process.stdout.write(`${printable(text)}\n`),
  remark: (text: string) => void process.stderr.write(`${printable(text)}\n`),
  exit: (code: number) => {
    process.exitCode = code
  },
}

/** Commander throws after it has printed everything: requested help, or an invalid command line. */
function commanderCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : usageExitCode
}

/** Whatever happens is said in a sentence: a file that cannot be written, or a fault of this program. */
function reasonOf(error: unknown): string {
  if (error instanceof CannotCheck) return error.message
  const isOfSystem = error instanceof Error && 'code' in error
  return isOfSystem
    ? `a file or a connection could not be used (${error.message})`
    : `something happened that this program does not expect (${String(error)}): please report it`
}

async function run(): Promise<void> {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => {
      removeTemporaryFolders()
      process.exit(code)
    })

  // The reader of the output may stop reading, such as `head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    removeTemporaryFolders()
    process.exit()
  })

  try {
    await commandLine(surroundings).parseAsync(process.argv)
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = commanderCode(error)
    else {
      surroundings.print(`COULD NOT BE CHECKED because ${reasonOf(error)}.`)
      process.exitCode = exitCodes['could-not-be-checked']
    }
  }
}

// The file is also that of its second thread (look-thread.ts).
if (isMainThread) await run()
