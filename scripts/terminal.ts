import { inspect } from 'node:util'
import { printable } from '@commitments/domain'

// The reader of the output may stop reading, such as `head`. The command goes on with what it does: it may be in the middle of a rebuild.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

/** A line for the person at the terminal. It may contain foreign text. */
export function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`)
}

/** Errors and progress, on standard error. */
export function remark(what: unknown): void {
  process.stderr.write(`${printable(typeof what === 'string' ? what : inspect(what))}\n`)
}
