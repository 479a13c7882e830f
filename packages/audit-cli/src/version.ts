/** The identity of this program: an auditor must be able to say what they checked with, so that others can get the same. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The build writes it in; it does not exist when the sources run directly. */
declare const COMMIT: string | null | undefined

/** The commit, and the digest of the running file, computed now. */
export function versionText(): string {
  if (typeof COMMIT === 'undefined') return 'audit.mjs is not built: this runs from its sources.'
  const digest = hash('sha256', readFileSync(fileURLToPath(import.meta.url)))
  return `audit.mjs\ncommit  ${COMMIT ?? 'unknown'}\nsha256  ${digest}`
}
