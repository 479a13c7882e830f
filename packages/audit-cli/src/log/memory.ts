import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Checkpoint, type Hash, hashBytes, parseCheckpoint, parseNote } from '@commitments/transparency'
import { optionalFile } from '../source/published-log.ts'
import { CannotCheck, type Check, leftOut } from '../verdict.ts'
import { addressOf, idOfOrigin, type LogIdentity, originOfNote } from './identity.ts'
import { keyMaterial } from './keys.ts'
import { flushLeaves, type Leaves, leafAt, openLeaves, readLeaves, rootOfLeaves } from './leaves.ts'
import { locked } from './lock.ts'

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
  /** What is wrong with memories of other logs, which were not looked at. */
  readonly unread: readonly string[]
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
  return { folder, kept: beginsAnew ? null : known, known, beginsAnew, unread: [] }
}

async function readKept(folder: string): Promise<Kept | null> {
  const [about, checkpoint] = await Promise.all(
    ['memory.json', 'checkpoint'].map((name) => optionalFile(join(folder, name))),
  )
  if (!about || !checkpoint) return null
  const leaves = statSync(join(folder, 'leaves'), { throwIfNoEntry: false })
  if (leaves && !leaves.isFile()) throw new CannotCheck(`what was kept in ${folder} is damaged: leaves is no file`)
  const kept = { ...parseAbout(about.toString('utf8'), folder), checkpoint: checkpoint.toString('utf8') }
  return { ...kept, leaves: Math.floor((leaves?.size ?? 0) / hashBytes) }
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
 * time. The spelling of an address and the name of a file do not matter. One of another log that is damaged is no reason to stop. @throws
 * CannotCheck if what is damaged may be of this log
 */
export async function findMemory(home: string, identity: LogIdentity, beginsAnew = false): Promise<Memory> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(home, name))
  const unread: string[] = []
  const read = folders.map(async (folder) => ({ folder, kept: await readOrNote(folder, identity, unread) }))
  const found = bestOf(await Promise.all(read), identity)
  return { ...(await openMemory(found ?? join(home, folderName(identity)), beginsAnew)), unread }
}

async function readOrNote(folder: string, identity: LogIdentity, unread: string[]): Promise<Kept | null> {
  try {
    return await readKept(folder)
  } catch (error) {
    if (!(error instanceof CannotCheck) || (await mayBeOf(folder, identity))) throw error
    unread.push(error.message)
    return null
  }
}

/** By what can still be read of a damaged memory: its name, its checkpoint, its first leaf. */
async function mayBeOf(folder: string, identity: LogIdentity): Promise<boolean> {
  if (basename(folder) === folderName(identity)) return true
  const checkpoint = await optionalFile(join(folder, 'checkpoint')).catch(() => null)
  if (identity.id !== null && identity.id === idOfOrigin(originOfNote(checkpoint?.toString('utf8') ?? ''))) return true
  const leaves = await optionalFile(join(folder, 'leaves')).catch(() => null)
  return identity.firstLeaf !== null && leaves?.subarray(0, hashBytes).equals(identity.firstLeaf) === true
}

/** Says which memories could not be read, and were taken for those of other logs. */
export function unreadChecks(memory: Memory | null): Check[] {
  return (memory?.unread ?? []).map((because) => ({
    name: 'memory',
    finding: leftOut(`By what is left of it, it is of another log, so it was not looked at: ${because}.`),
  }))
}

interface Found {
  readonly folder: string
  readonly kept: Kept | null
}

function bestOf(known: readonly Found[], identity: LogIdentity): string | null {
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

/**
 * Keeps what a valid check has seen, for the next check: each file is written completely or not at all, the checkpoint last. If another check has
 * written since this one began, only what continues that is written: a smaller log never replaces a larger one. False: the two contradict each
 * other, and nothing was written.
 */
export async function remember(
  memory: Memory,
  about: Omit<About, 'checkedAt'> & { readonly checkedAt: string },
  checkpoint: string,
  leaves: Leaves,
): Promise<boolean> {
  const { folder, beginsAnew } = memory
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return locked(folder, async () => {
    const meanwhile = beginsAnew ? null : await readKept(folder)
    if (meanwhile !== null && meanwhile.checkpoint !== memory.kept?.checkpoint) {
      const way = wayFrom({ folder, kept: meanwhile }, checkpoint, leaves)
      if (way !== 'longer') return way === 'shorter'
    }
    if (beginsAnew) setAside(folder, about.checkedAt)
    flushLeaves(leaves)
    replaceByCopy(leaves.path, join(folder, 'leaves'))
    await replaceFile(join(folder, 'memory.json'), `${JSON.stringify(about, null, 2)}\n`, forOneself)
    await replaceFile(join(folder, 'checkpoint'), checkpoint, forOneself)
    return true
  })
}

/** Whether the log of a checkpoint is longer than the kept one, or shorter, or another one. */
function wayFrom(
  { folder, kept }: { readonly folder: string; readonly kept: Kept },
  checkpoint: string,
  leaves: Leaves,
): 'longer' | 'shorter' | 'contradicts' {
  const [theirs, ours] = [checkpointIn(kept.checkpoint), checkpointIn(checkpoint)]
  if (theirs === null || ours === null) return 'contradicts'
  if (theirs.size <= ours.size) return rootOfLeaves(leaves, theirs.size).equals(theirs.root) ? 'longer' : 'contradicts'
  const longer = openLeaves(join(folder, 'leaves'), kept.leaves * hashBytes)
  try {
    return rootOfLeaves(longer, ours.size).equals(ours.root) ? 'shorter' : 'contradicts'
  } finally {
    longer.dispose()
  }
}

function checkpointIn(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
}

/** Of its own name: another check may write beside it. */
function draftOf(path: string): string {
  return `${path}.${randomUUID()}.new`
}

function replaceByCopy(from: string, path: string): void {
  const draft = draftOf(path)
  try {
    copyFileSync(from, draft)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
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
  const draft = draftOf(path)
  try {
    await writeSynced(draft, content, mode)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function writeSynced(path: string, content: string | Buffer, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
