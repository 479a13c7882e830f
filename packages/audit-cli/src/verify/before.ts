import { readFile } from 'node:fs/promises'
import type { LogKeys } from '../log/keys.ts'
import { createLeaves } from '../log/leaves.ts'
import { type Kept, keptLeaves, type Memory } from '../log/memory.ts'
import { lastCosigned, type Witness } from '../log/witnesses.ts'
import { openFeed } from '../source/feed.ts'
import { CannotCheck, type Finding, notChecked } from '../verdict.ts'
import { type Anchor, keptFromLastTime, type OpenedAnchor, openAnchor } from './anchors.ts'
import type { KeptLeaves } from './judge.ts'
import type { VerifyOptions } from './options.ts'
import { scanLines } from './scan.ts'

/** Earlier checkpoints that can be trusted. */
export interface Earlier {
  readonly anchors: readonly Anchor[]
  /** What is wrong with the others. */
  readonly faults: readonly Finding[]
}

/** The kept checkpoint, the given ones, and those of witnesses. @throws CannotCheck if a file does not exist */
export async function earlierAnchors(
  options: VerifyOptions,
  { keys, kept, served, witnesses }: Sources,
): Promise<Earlier> {
  // The kept checkpoint was signed by the keys of that time, which may have been replaced since.
  const vkeys = [...new Set([...(keys?.vkeys ?? []), ...(kept?.vkeys ?? [])])]
  const opened = kept ? [openAnchor(kept.checkpoint, vkeys, keptFromLastTime)] : []
  for (const path of options.earlier ?? [])
    opened.push(openAnchor(await noteFile(path), vkeys, `the earlier checkpoint ${path}`))
  const origin = served?.origin ?? opened.find(({ anchor }) => anchor)?.anchor?.origin
  if (origin !== undefined)
    for (const witness of witnesses) opened.push(...(await toldBy(witness, origin, vkeys, options)))
  return {
    anchors: opened.flatMap(({ anchor }) => anchor ?? []),
    faults: opened.filter(({ anchor }) => anchor === null).map(({ finding }) => finding),
  }
}

interface Sources {
  readonly keys: LogKeys | null
  readonly kept: Kept | null
  readonly served: Anchor | null
  readonly witnesses: readonly Witness[]
}

async function toldBy(
  witness: Witness,
  origin: string,
  vkeys: readonly string[],
  options: VerifyOptions,
): Promise<OpenedAnchor[]> {
  const what = `the checkpoint that the witness ${witness.verifier.name} has cosigned last`
  try {
    const note = await lastCosigned(witness, origin, options)
    return note === null ? [] : [openAnchor(note, vkeys, what)]
  } catch (error) {
    if (error instanceof CannotCheck) return [{ anchor: null, finding: notChecked(error.message) }]
    throw error
  }
}

async function noteFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new CannotCheck(`there is no file ${path}`)
  })
}

/** Earlier leaves: those of the memory, and those of exported lines. The caller disposes of them. */
export async function leavesFromBefore(
  { keptLines = [] }: VerifyOptions,
  memory: Memory | null,
  anchors: readonly Anchor[],
): Promise<KeptLeaves[]> {
  const before: KeptLeaves[] = []
  const leaves = memory && keptLeaves(memory)
  const anchor = anchors.find(({ what }) => what === keptFromLastTime)
  if (leaves && anchor) {
    const what = `that was there at the last check (${memory.kept?.checkedAt})`
    before.push({ leaves, size: Math.min(leaves.size, anchor.size), anchor, what })
  } else leaves?.dispose()
  for (const path of keptLines) before.push(await leavesOfLines(path))
  return before
}

async function leavesOfLines(path: string): Promise<KeptLeaves> {
  const leaves = createLeaves()
  const { good, fault } = await scanLines(openFeed(path), { leaves }).catch((error: unknown) => {
    leaves.dispose()
    throw error
  })
  // An interrupted export leaves half a line at the end.
  if (good === 0 || (fault && !fault.torn)) {
    leaves.dispose()
    throw new CannotCheck(
      `${path} holds no log: ${fault ? `at position ${fault.position} ${fault.because}` : 'it is empty'}`,
    )
  }
  return { leaves, size: leaves.size, anchor: null, what: `that ${path} holds from earlier` }
}
