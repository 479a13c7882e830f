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
 * What an auditor keeps from one check to the next, in a folder of three files: `memory.json` (keys, and since when they are trusted),
 * `checkpoint` (the signed note of the last check that came out valid, as it was served) and `leaves` (the leaf hashes up to it: level 0 of
 * the tiles, end to end). Without it a log could show a different past every time. Nothing is made before a check has come out valid.
 */
export interface Memory {
  readonly folder: string
  readonly kept: Kept | null
  /** What is kept there is to be set aside as soon as there is something to take its place. */
  readonly beginsAnew: boolean
}

export interface Kept {
  readonly source: string
  readonly vkeys: readonly string[]
  /** Whether somebody gave the keys; else the service's own word was taken for them. */
  readonly keysGiven: boolean
  readonly trustedSince: string
  readonly checkedAt: string
  readonly checkpoint: string
  /** How many leaves there are. */
  readonly leaves: number
}

/** @throws CannotCheck where the folder holds something that this program did not put there */
export async function openMemory(folder: string, beginsAnew = false): Promise<Memory> {
  return { folder, kept: beginsAnew ? null : await readKept(folder), beginsAnew }
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
    // Said below.
  }
  throw new CannotCheck(`what was kept in ${folder} is damaged: memory.json cannot be read`)
}

/**
 * The memory of that very log among all that are kept in a folder: the one with its Log-Id; else the one of a log that its key signed and that
 * begins with the same event (an accepted restore gives another Log-Id); else the one of the log that this address served the last time. How an
 * address is spelt, and what a file is called, do not matter. @throws CannotCheck
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

/** How certainly something kept is of that log; 0: it is of another one. */
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

/** The leaves that were kept, to be compared with. The caller disposes of them. */
export function keptLeaves({ folder, kept }: Memory): Leaves | null {
  return kept && kept.leaves > 0 ? openLeaves(join(folder, 'leaves'), kept.leaves * hashBytes) : null
}

/** Keeps what a valid check has seen, for the next one: each file whole or not at all, the checkpoint last. */
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

/** Puts a signed checkpoint that contradicts a kept one beside it: the two together are the proof. Returns where. */
export async function keepContradiction({ folder }: Memory, checkpoint: string, now: Date): Promise<string> {
  const path = join(folder, `contradicting-checkpoint-${now.toISOString().replaceAll(':', '-')}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await replaceFile(path, checkpoint, forOneself)
  return path
}

/** Begins a new memory; the old one stays in a folder beside, since nobody should forget a log that changed. */
function setAside(folder: string, now: string): void {
  const names = ['memory.json', 'checkpoint', 'leaves']
  const there = names.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
  if (there.length === 0) return
  const aside = join(folder, `before-${now.replaceAll(':', '-')}`)
  mkdirSync(aside, { recursive: true })
  for (const name of there) renameSync(join(folder, name), join(aside, name))
}

const forOneself = 0o600
/** Of what is handed on: what is usual where the program runs. */
export const forOthers = 0o666

/** Written beside and put in place, so that a cut leaves the old one. */
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
