import { createHash } from 'node:crypto'
import { eventDefinitions } from '@commitments/domain'

/**
 * Raise this by hand whenever the same events give another row or another status: after a change of the fold, of what a row derives from a
 * state, or of what `status` shows. Then a rebuild is due, and the tags of answers change. A test of `test/golden/read-model.json` fails
 * until this is raised and the file is generated again.
 */
export const readModelVersion = 11

/**
 * Fingerprint of the rules that fold the log into rows. It is written on each generation; if it differs from that of the running code,
 * other rules made the rows. The time zone is one of the rules: it decides on which day a condition changes.
 */
export function rulesOf(timeZone: string): string {
  return createHash('sha256')
    .update(`${readModelVersion}\n${timeZone}\n`)
    .update(eventDefinitions.map(({ type, schemaVersion }) => `${type}:${schemaVersion}\n`).join(''))
    .digest('hex')
    .slice(0, 16)
}
