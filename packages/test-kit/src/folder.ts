import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cleanup } from './tcp-proxy.ts'

/** A folder of a test's own, gone after it. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
