import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { CannotCheck, type Finding, held } from '../verdict.ts'

/** The files of a pack by their paths in it. */
export type PackFiles = ReadonlyMap<string, Buffer>

const sumsFile = 'SHA256SUMS'

/** Every file of the folder. A pack is about one proposal, and fits into memory. @throws CannotCheck where it is no pack */
export async function readPack(folder: string): Promise<PackFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new CannotCheck(`there is no folder ${folder}`)
  })
  const files = new Map<string, Buffer>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(relative(folder, path).split(sep).join('/'), await readFile(path))
  }
  const missing = ['events.ndjson', 'checkpoint', 'about.json', sumsFile].find((name) => !files.has(name))
  if (missing !== undefined) throw new CannotCheck(`${folder} is no pack: it has no ${missing}`)
  return files
}

/** Whether every file is there, and as it was written. This finds damage; what finds forgery are the proofs. */
export function checkSums(files: PackFiles): Finding {
  const listed = new Map(linesOf(files, sumsFile).map((line) => [line.slice(66), line.slice(0, 64)]))
  for (const [path, sum] of listed) {
    const bytes = files.get(path)
    if (bytes === undefined) return broken(`${JSON.stringify(path)} is listed in ${sumsFile} and is not there`)
    if (hash('sha256', bytes) !== sum) return broken(`${JSON.stringify(path)} is not as it was written`)
  }
  const extra = [...files.keys()].find((path) => path !== sumsFile && !listed.has(path))
  if (extra !== undefined) return broken(`${JSON.stringify(extra)} is there and not listed in ${sumsFile}`)
  return held(`All ${listed.size} files are there and as they were written.`)
}

function broken(because: string): Finding {
  return { outcome: 'broken', because }
}

/** The lines of a text file of a pack. */
export function linesOf(files: PackFiles, path: string): string[] {
  return (files.get(path)?.toString('utf8') ?? '').split('\n').filter((line) => line !== '')
}
