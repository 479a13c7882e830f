/** A folder with the static files of logs, as a CDN serves them: `log/<Log-Id>/checkpoint`, `vkey`, `tile/…`. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashBytes, tilePath, tileWidth } from '@commitments/transparency'
import { optionalFile } from '../source/published-log.ts'

export interface TileFolder {
  /** The files of this log, for people. */
  readonly path: string
  readonly read: (path: string) => Promise<Buffer | null>
  /** Bytes of a file; null if there is none. */
  readonly sizeOf: (path: string) => Promise<number | null>
  /** The file appears whole, or not at all, also after a loss of power. */
  readonly write: (path: string, bytes: Uint8Array | string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
}

/** The Log-Ids of the logs that the folder has files of. */
export async function logsIn(folder: string): Promise<string[]> {
  return readdir(join(folder, 'log')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

/** Drafts lie beside `log/`, so that what copies `log/` to other places never meets one. */
const drafts = '.drafts'

export function openTileFolder(folder: string, logId: string): TileFolder {
  const root = join(folder, 'log', logId)
  return {
    path: root,
    read: (path) => optionalFile(join(root, path)),
    sizeOf: async (path) => (await stat(join(root, path)).catch(() => null))?.size ?? null,
    write: async (path, bytes) => {
      const draft = join(folder, drafts, randomUUID())
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(draft, bytes, { flag: 'wx', flush: true })
      await rename(draft, join(root, path))
    },
    remove: (path) => rm(join(root, path), { recursive: true, force: true }),
  }
}

/** Makes the folder for drafts, without what an interrupted run left in it. */
export async function clearDrafts(folder: string): Promise<void> {
  await rm(join(folder, drafts), { recursive: true, force: true })
  await mkdir(join(folder, drafts), { recursive: true })
}

/** Whether a full tile is there. Files appear whole, so its length is enough. */
export async function hasFullTile(files: TileFolder, level: number, index: number): Promise<boolean> {
  return (await files.sizeOf(tilePath(level, index))) === tileWidth * hashBytes
}
