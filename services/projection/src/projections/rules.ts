import { createHash } from 'node:crypto'
import { eventDefinitions } from '@commitments/domain'

/**
 * Raised by hand whenever the same events come to make another row or another status: a change of the fold, of what the
 * row derives from a state, or of what `status` shows. Then a rebuild is due, and tags of answers change.
 * `test/golden/read-model.json` notices: its test fails until this is raised and the file is made anew.
 */
export const readModelVersion = 11

/**
 * Fingerprint of the rules that fold the log into rows. It is written on each generation; where it differs from the
 * running code's, the rows were made by other rules. The time zone is one of them: it decides on which day a condition
 * changes.
 */
export function rulesOf(timeZone: string): string {
  return createHash('sha256')
    .update(`${readModelVersion}\n${timeZone}\n`)
    .update(eventDefinitions.map(({ type, schemaVersion }) => `${type}:${schemaVersion}\n`).join(''))
    .digest('hex')
    .slice(0, 16)
}
