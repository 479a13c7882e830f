import { copyFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { mkdir, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hash, hashBytes } from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'
import { addressOf, idOfOrigin, type LogIdentity, originOfNote } from './identity.ts'
import { keyMaterial } from './keys.ts'
import { flushLeaves, type Leaves, leafAt, openLeaves, readLeaves } from './leaves.ts'
import { optionalFile } from './log.ts'

/**
 * What an auditor keeps from one check to the next, in a folder with three files: `memory.json` (keys, and since when they are trusted),
 * `checkpoint` (the signed note of the last valid check, as it was served) and `leaves` (the leaf hashes up to it: the concatenated tiles
 * of level 0). Without it, a log could show a different past every time. Nothing is written before a check was valid.
 */
export interface Memory {
  readonly folder: string
  readonly kept: Kept | null
  /** The keys of an earlier check. They stay known where the other kept data are set aside: a new beginning is no reason to trust another key. */
  readonly known: Pick<Kept, 'vkeys' | 'trustedSince' | 'keysGiven'> | null
  /** Whether the kept data are set aside as soon as there are new data. */
  readonly beginsAnew: boolean
}

export interface Kept {
  readonly source: string
  readonly vkeys: readonly string[]
  /** Whether the user gave the keys; otherwise the service's own answer was trusted. */
  readonly keysGiven: boolean
  readonly trustedSince: string
  readonly checkedAt: string
  readonly checkpoint: string
  /** The number of leaves. */
  readonly leaves: number
}

/** @throws CannotCheck if the folder has something that this program did not write */
export async function openMemory(folder: string, beginsAnew = false): Promise<Memory> {
  const known = await readKept(folder)
  return { folder, kept: beginsAnew ? null : known, known, beginsAnew }
}

async function readKept(folder: string): Promise<Kept | null> {
  const [about, checkpoint] = await Promise.all(
    ['memory.json', 'checkpoint'].map((name) => optionalFile(join(folder, name))),
  )
  if (!about || !checkpoint) return null
  const leaves = statSync(join(folder, 'leaves'), { throwIfNoEntry: false })?.size ?? 0
  const kept = { ...parseAbout(about.toString('utf8'), folder), checkpoint: checkpoint.toString('utf8') }
  return { ...kept, leaves: Math.floor(leaves / hashBytes) }
}

type About = Pick<Kept, 'source' | 'vkeys' | 'keysGiven' | 'trustedSince' | 'checkedAt'>

function parseAbout(text: string, folder: string): About {
  try {
    const about = JSON.parse(text) as About
    if (Array.isArray(about.vkeys) && about.vkeys.every((vkey) => typeof vkey === 'string')) return about
  } catch {
    // Reported below.
  }
  throw new CannotCheck(`what was kept in ${folder} is damaged: memory.json cannot be read`)
}

/**
 * The memory of this log among all memories in a folder: the one with its Log-Id; otherwise the one of a log that was signed by its key and
 * begins with the same event (an accepted restore gives another Log-Id); otherwise the one of the log that this address served the last
 * time. The spelling of an address and the name of a file do not matter. @throws CannotCheck
 */
export async function findMemory(home: string, identity: LogIdentity, beginsAnew = false): Promise<Memory> {
  const found = await bestOf(home, identity)
  return openMemory(found ?? join(home, folderName(identity)), beginsAnew)
}

async function bestOf(home: string, identity: LogIdentity): Promise<string | null> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(home, name))
  const known = await Promise.all(folders.map(async (folder) => ({ folder, kept: await readKept(folder) })))
  const ranked = known
    .flatMap(({ folder, kept }) => (kept ? [{ folder, kept, rank: likeness({ folder, kept }, identity) }] : []))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank || (a.kept.checkedAt < b.kept.checkedAt ? 1 : -1))
  return ranked[0]?.folder ?? null
}

/** How certain it is that the memory belongs to the log; 0: it belongs to another one. */
function likeness(memory: { readonly folder: string; readonly kept: Kept }, identity: LogIdentity): number {
  const { kept } = memory
  const { id } = identity
  if (id !== null && id === idOfOrigin(originOfNote(kept.checkpoint))) return 3
  const isSigner = identity.keys.some((key) => kept.vkeys.some((vkey) => keyMaterial(vkey) === key))
  if (isSigner && identity.firstLeaf !== null && firstLeafOf(memory)?.equals(identity.firstLeaf)) return 2
  return identity.address !== null && identity.address === addressOf(kept.source) ? 1 : 0
}

function firstLeafOf({ folder, kept }: { readonly folder: string; readonly kept: Kept }): Hash | null {
  if (kept.leaves === 0) return null
  const leaves = openLeaves(join(folder, 'leaves'), hashBytes)
  const first = Buffer.from(leafAt(readLeaves(leaves, 0, 1), 0))
  leaves.dispose()
  return first
}

function folderName({ id, address }: LogIdentity): string {
  return (id ?? address ?? 'unknown').replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 200)
}

/** The kept leaves for comparison. The caller disposes of them. */
export function keptLeaves({ folder, kept }: Memory): Leaves | null {
  return kept && kept.leaves > 0 ? openLeaves(join(folder, 'leaves'), kept.leaves * hashBytes) : null
}

/** Keeps what a valid check has seen, for the next check: each file is written completely or not at all, the checkpoint last. */
export async function remember(
  { folder, beginsAnew }: Memory,
  about: Omit<About, 'checkedAt'> & { readonly checkedAt: string },
  checkpoint: string,
  leaves: Leaves,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (beginsAnew) setAside(folder, about.checkedAt)
  flushLeaves(leaves)
  copyFileSync(leaves.path, join(folder, 'leaves.new'))
  renameSync(join(folder, 'leaves.new'), join(folder, 'leaves'))
  await replaceFile(join(folder, 'memory.json'), `${JSON.stringify(about, null, 2)}\n`, forOneself)
  await replaceFile(join(folder, 'checkpoint'), checkpoint, forOneself)
}

/** Stores a signed checkpoint that contradicts a kept one next to it: the two together are the proof. Returns its path. */
export async function keepContradiction({ folder }: Memory, checkpoint: string, now: Date): Promise<string> {
  const path = join(folder, `contradicting-checkpoint-${now.toISOString().replaceAll(':', '-')}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await replaceFile(path, checkpoint, forOneself)
  return path
}

/** Begins a new memory; the old one is kept in another folder, because nobody should forget a log that changed. */
function setAside(folder: string, now: string): void {
  const names = ['memory.json', 'checkpoint', 'leaves']
  const there = names.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
  if (there.length === 0) return
  const aside = join(folder, `before-${now.replaceAll(':', '-')}`)
  mkdirSync(aside, { recursive: true })
  for (const name of there) renameSync(join(folder, name), join(aside, name))
}

const forOneself = 0o600
/** For files to hand on: the usual mode on this system. */
export const forOthers = 0o666

/** Written to another file and then renamed, so that an interruption leaves the old file. */
export async function replaceFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
