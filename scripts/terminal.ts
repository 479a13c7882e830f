import { inspect } from 'node:util'
import { printable } from '@commitments/domain'

/** A line for the person at the terminal. What somebody else wrote may be part of it. */
export function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`)
}

/** What went wrong, or how it is going: on standard error. */
export function remark(what: unknown): void {
  process.stderr.write(`${printable(typeof what === 'string' ? what : inspect(what))}\n`)
}
