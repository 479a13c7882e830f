import { inspect } from 'node:util'
import { printable } from '@commitments/domain'

/** A line for the person at the terminal. It may contain foreign text. */
export function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`)
}

/** Errors and progress, on standard error. */
export function remark(what: unknown): void {
  process.stderr.write(`${printable(typeof what === 'string' ? what : inspect(what))}\n`)
}
