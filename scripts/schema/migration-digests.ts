import { createHash } from 'node:crypto'
import { readMigrations } from '@commitments/event-store'

/**
 * What every migration's file holds, one a line as sha256sum writes it. The list is committed: a ledger that has a migration never gets it
 * again, so a file that is edited after it landed makes two kinds of ledgers that both count as migrated.
 */
export async function describeDigests(): Promise<string> {
  const lines = Object.entries(await readMigrations()).map(([name, text]) => `${digestOf(text)}  ${name}.sql\n`)
  return lines.join('')
}

/** Names of the files that the recorded list has with another content, or that are gone. */
export function editedSince(recorded: string, current: string): string[] {
  const now = new Set(current.split('\n'))
  return recorded.split('\n').flatMap((line) => (line === '' || now.has(line) ? [] : [line.split('  ')[1] ?? line]))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
