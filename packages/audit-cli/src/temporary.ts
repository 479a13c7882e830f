/** Temporary folders for one check. None outlives the program, however it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()

export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-audit-'))
  folders.add(folder)
  return folder
}

export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

/** For a program that gets a signal to end. */
export function removeTemporaryFolders(): void {
  for (const folder of folders) removeTemporaryFolder(folder)
}
