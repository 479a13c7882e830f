import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { CannotCheck, type Finding, held } from '../verdict.ts'

/** The files of a pack by their paths in it. */
export type PackFiles = ReadonlyMap<string, Buffer>

const sumsFile = 'SHA256SUMS'

/** The contents of a pack's folder. */
interface ReadPack {
  /** SHA256SUMS and the existing files among those that it lists. */
  readonly files: PackFiles
  /** Other files, left by a system that the pack passed through (.DS_Store, Thumbs.db). They are ignored. */
  readonly foreign: readonly string[]
}

/** A pack is about one proposal, and fits into memory. @throws CannotCheck if it is not a pack */
export async function readPack(folder: string): Promise<ReadPack> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new CannotCheck(`there is no folder ${folder}`)
  })
  const there = new Map<string, Buffer>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    there.set(relative(folder, path).split(sep).join('/'), await readFile(path))
  }
  const missing = [...needed, sumsFile].find((name) => !there.has(name))
  if (missing !== undefined) throw new CannotCheck(`${folder} is no pack: it has no ${missing}`)
  const listed = new Set([sumsFile, ...sumsIn(there).keys()])
  const unlisted = needed.find((name) => !listed.has(name))
  if (unlisted !== undefined) throw new CannotCheck(`${folder} is no pack: its ${sumsFile} does not list ${unlisted}`)
  const [own, foreign] = [new Map<string, Buffer>(), [] as string[]]
  for (const [path, bytes] of there) {
    if (listed.has(path)) own.set(path, bytes)
    else foreign.push(path)
  }
  return { files: own, foreign: foreign.toSorted() }
}

const needed = ['events.ndjson', 'checkpoint', 'about.json']

/** The sums by their paths, with any line ends. */
function sumsIn(files: PackFiles): Map<string, string> {
  const lines = linesOf(files, sumsFile).map((line) => line.replace(/\r$/, ''))
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

/** Whether every file is there and unchanged. This finds damage; the proofs find forgery. */
export function checkSums(files: PackFiles, foreign: readonly string[]): Finding {
  const listed = sumsIn(files)
  for (const [path, sum] of listed) {
    const bytes = files.get(path)
    if (bytes === undefined) return broken(`${JSON.stringify(path)} is listed in ${sumsFile} and is not there`)
    if (hash('sha256', bytes) !== sum) return broken(`${JSON.stringify(path)} is not as it was written`)
  }
  return held(`All ${listed.size} files are there and as they were written.${foreignSentence(foreign)}`)
}

const mostNamed = 10

function foreignSentence(foreign: readonly string[]): string {
  if (foreign.length === 0) return ''
  const named = foreign.slice(0, mostNamed).map((path) => JSON.stringify(path))
  const more = foreign.length > mostNamed ? ` and ${foreign.length - mostNamed} more` : ''
  return ` Not part of the pack, and not looked at: ${named.join(', ')}${more}.`
}

function broken(because: string): Finding {
  return { outcome: 'broken', because }
}

/** The lines of a text file of a pack. */
function linesOf(files: PackFiles, path: string): string[] {
  return (files.get(path)?.toString('utf8') ?? '').split('\n').filter((line) => line !== '')
}
