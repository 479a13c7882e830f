import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { folderHome, type Signing } from '@commitments/projection'
import { type Checkpoint, openCheckpoint, parseVerifierKey } from '@commitments/transparency'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

export const testOrigin = 'log.example/ledger'

export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

/** The signing options of an instance: with a new key, a home in a folder of its own, and without witnesses; `parts` replaces any of them. */
export function signingFor(t: Cleanup, parts: Partial<Signing> = {}): Signing {
  const usual = { keys: [newKey()], origin: testOrigin, keyName: null, witnesses: [] }
  return { ...usual, home: parts.home ?? folderHome(temporaryFolder(t)), ...parts }
}

/** The file with the kept checkpoint of a log whose home is a folder. */
export function keptFile({ home }: Signing, logId: string): string {
  return join(home.place, home.nameOf(logId))
}

/** The signed checkpoint of a note, verified by one of the keys (the text of `/log/vkey`); throws if none of them signed it. */
export function verifiedCheckpoint(note: string, vkeys: string): Checkpoint {
  const verifiers = vkeys.split('\n').flatMap((vkey) => parseVerifierKey(vkey) ?? [])
  const opened = openCheckpoint(note, { verifiers })
  if (opened.outcome !== 'verified') throw new Error(`${opened.outcome}: ${note}`)
  return opened.checkpoint
}
