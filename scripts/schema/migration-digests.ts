import { createHash } from 'node:crypto'
import { readMigrations } from '@commitments/event-store'

/**
 * The digest of every migration file, one in each line as sha256sum writes it. The list is committed: a ledger never applies a migration
 * twice, so an edited file would lead to two kinds of ledgers that both count as migrated.
 */
export async function describeDigests(): Promise<string> {
  const lines = Object.entries(await readMigrations()).map(([name, text]) => `${digestOf(text)}  ${name}.sql\n`)
  return lines.join('')
}

/** Names of the files whose content differs from the recorded list, or that are missing. */
export function editedSince(recorded: string, current: string): string[] {
  const now = new Set(current.split('\n'))
  return recorded.split('\n').flatMap((line) => (line === '' || now.has(line) ? [] : [line.split('  ')[1] ?? line]))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
