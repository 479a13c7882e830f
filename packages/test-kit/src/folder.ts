import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cleanup } from './tcp-proxy.ts'

/** A separate folder for a test, removed after it. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
