import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { hashBytes } from '@commitments/transparency'
import { CannotCheck } from '../verdict.ts'
import { createLeaves, flushLeaves, type Leaves, openLeaves } from './leaves.ts'
import { optionalFile } from './log.ts'

/**
 * What an auditor keeps from one check to the next, in a folder of three files: `memory.json` (keys, and since when they are trusted),
 * `checkpoint` (the signed note of the last check that came out valid, as it was served) and `leaves` (the leaf hashes up to it: level 0 of
 * the tiles, end to end). Without it a log could show a different past every time.
 */
export interface Memory {
  readonly folder: string
  readonly kept: Kept | null
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
export async function openMemory(folder: string): Promise<Memory> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [about, checkpoint] = await Promise.all(
    ['memory.json', 'checkpoint'].map((name) => optionalFile(join(folder, name))),
  )
  if (!about || !checkpoint) return { folder, kept: null }
  const leaves = statSync(join(folder, 'leaves'), { throwIfNoEntry: false })?.size ?? 0
  const kept = { ...parseAbout(about.toString('utf8'), folder), checkpoint: checkpoint.toString('utf8') }
  return { folder, kept: { ...kept, leaves: Math.floor(leaves / hashBytes) } }
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

/** The leaves that were kept, to be compared with. The caller disposes of them. */
export function keptLeaves({ folder, kept }: Memory): Leaves | null {
  return kept && kept.leaves > 0 ? openLeaves(join(folder, 'leaves'), kept.leaves * hashBytes) : null
}

/** Leaves that take the place of the kept ones when, and if, the check comes out valid. */
export function newLeaves(memory: Memory | null): Leaves {
  return createLeaves(memory ? join(memory.folder, 'leaves.new') : undefined)
}

/** Keeps what a valid check has seen, for the next one: each file whole or not at all, the checkpoint last. */
export async function remember(
  { folder }: Memory,
  about: Omit<About, 'checkedAt'> & { readonly checkedAt: string },
  checkpoint: string,
  leaves: Leaves,
): Promise<void> {
  flushLeaves(leaves)
  renameSync(join(folder, 'leaves.new'), join(folder, 'leaves'))
  await replaceFile(join(folder, 'memory.json'), `${JSON.stringify(about, null, 2)}\n`)
  await replaceFile(join(folder, 'checkpoint'), checkpoint)
}

/** A check that did not come out valid changes nothing of what is kept. */
export function forgetNew({ folder }: Memory): void {
  rmSync(join(folder, 'leaves.new'), { force: true })
}

/** Puts a signed checkpoint that contradicts a kept one beside it: the two together are the proof. Returns where. */
export async function keepContradiction({ folder }: Memory, checkpoint: string, now: Date): Promise<string> {
  const path = join(folder, `contradicting-checkpoint-${now.toISOString().replaceAll(':', '-')}`)
  await replaceFile(path, checkpoint)
  return path
}

/** Begins a new memory; the old one stays in a folder beside, since nobody should forget a log that changed. */
export function setAside(folder: string, now: Date): void {
  const names = ['memory.json', 'checkpoint', 'leaves']
  const there = names.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
  if (there.length === 0) return
  const aside = join(folder, `before-${now.toISOString().replaceAll(':', '-')}`)
  mkdirSync(aside, { recursive: true })
  for (const name of there) renameSync(join(folder, name), join(aside, name))
}

/** Written beside and put in place, so that a cut leaves the old one. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
