/** Which program this is: an auditor must be able to say what they checked with, and another to get the same. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Written in by the build; there is none where the sources run as they are. */
declare const COMMIT: string | null | undefined

/** The commit, and the digest of the file that runs, computed now. */
export function versionText(): string {
  if (typeof COMMIT === 'undefined') return 'audit.mjs is not built: this runs from its sources.'
  const digest = hash('sha256', readFileSync(fileURLToPath(import.meta.url)))
  return `audit.mjs\ncommit  ${COMMIT ?? 'unknown'}\nsha256  ${digest}`
}
