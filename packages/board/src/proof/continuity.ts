/** Whether the log continues what this browser saw of it last, and still signs with the key that this browser knows. */
import { same } from './bytes.ts'
import { type Checkpoint, keptCheckpoint, type LogKey, parseKey, type VerifiedCheckpoint } from './checkpoint.ts'
import { continues } from './tree.ts'

/** What this browser keeps: the largest checkpoint that it verified, and the keys that it knew by then. */
export interface Kept {
  readonly note: string
  /** The keys that it knows: those that signed when it first saw the log, or that its reader accepted. */
  readonly vkeys: readonly string[]
  /** Keys that signed beside a known one. This alone does not make them known. */
  readonly beside: readonly string[]
  /** When, by the clock of this browser. */
  readonly at: string
}

/** An accepted restore, in the operator's words. */
interface Fork {
  readonly oldLogId: string
  readonly newLogId: string
  readonly reason: string
  readonly firstPosition: number
  readonly recordedAt: string
}

/** How the log is asked. */
export interface LogService {
  readonly consistency: (
    from: number,
    to: number,
  ) => Promise<{ readonly fromRootHash: string; readonly hashes: readonly string[] }>
  readonly forks: () => Promise<readonly Fork[]>
}

export type Continuity =
  | { readonly outcome: 'first' }
  /** Everything up to `from` is where it was. */
  | { readonly outcome: 'continued'; readonly from: number }
  /** Nothing is shown either way: the answer may come from an instance that is behind. */
  | { readonly outcome: 'older'; readonly from: number }
  /** Another log after an accepted restore. `intact`: it was checked here that everything up to `from` is where it was. */
  | { readonly outcome: 'restored'; readonly from: number; readonly fork: Fork; readonly intact: boolean }
  | { readonly outcome: 'rewritten'; readonly from: number }
  /** Another log, and nobody declared a restore. */
  | { readonly outcome: 'other-log'; readonly from: number; readonly logId: string }

/** Nothing vouches for a new key but its owner by another way, not even the old key beside it. */
export type KeyState =
  | { readonly outcome: 'first' }
  | { readonly outcome: 'known' }
  /** The known key still signs, and another one beside it. */
  | { readonly outcome: 'being-replaced'; readonly added: readonly LogKey[] }
  /** The known key does not sign any longer. `wasBeside`: this browser saw the new one beside the known one. */
  | { readonly outcome: 'replaced'; readonly known: readonly string[]; readonly wasBeside: boolean }

export async function checkContinuity(kept: Kept | null, now: Checkpoint, service: LogService): Promise<Continuity> {
  const before = kept === null ? null : keptCheckpoint(kept.note)
  if (before === null) return { outcome: 'first' }
  const from = before.size
  if (before.origin === now.origin) {
    if (from > now.size) return { outcome: 'older', from }
    return { outcome: (await isContinued(before, now, service)) ? 'continued' : 'rewritten', from }
  }
  const fork = declaredFork(await service.forks(), before.logId, now.logId)
  if (fork === null) return { outcome: 'other-log', from, logId: before.logId }
  const intact = from <= now.size && (await isContinued(before, now, service))
  // What the restore did not give up must be where it was.
  if (!intact && from < fork.firstPosition) return { outcome: 'rewritten', from }
  return { outcome: 'restored', from, fork, intact }
}

async function isContinued(before: Checkpoint, now: Checkpoint, service: LogService): Promise<boolean> {
  const { hashes } =
    before.size === 0 || before.size === now.size ? { hashes: [] } : await service.consistency(before.size, now.size)
  return continues(before, now, hashes)
}

/** The restores that lead from one log to another, as one: the last one's words, and the first position that any of them gave up. */
function declaredFork(forks: readonly Fork[], from: string, to: string): Fork | null {
  const way: Fork[] = []
  for (let at = from; at !== to; ) {
    const next = forks.find(({ oldLogId }) => oldLogId === at)
    if (next === undefined || way.includes(next)) return null
    way.push(next)
    at = next.newLogId
  }
  const last = way.at(-1)
  return last === undefined ? null : { ...last, firstPosition: Math.min(...way.map((fork) => fork.firstPosition)) }
}

export async function checkKey(kept: Kept | null, signers: readonly LogKey[]): Promise<KeyState> {
  if (kept === null) return { outcome: 'first' }
  const known = await keysIn(kept.vkeys)
  const added = signers.filter((key) => !isOf(known, key))
  if (added.length === 0) return { outcome: 'known' }
  if (added.length < signers.length) return { outcome: 'being-replaced', added }
  const beside = await keysIn(kept.beside)
  return {
    outcome: 'replaced',
    known: known.map(({ fingerprint }) => fingerprint),
    wasBeside: added.every((key) => isOf(beside, key)),
  }
}

function isOf(keys: readonly LogKey[], { publicKey }: LogKey): boolean {
  return keys.some((key) => same(key.publicKey, publicKey))
}

async function keysIn(vkeys: readonly string[]): Promise<LogKey[]> {
  return (await Promise.all(vkeys.map(parseKey))).filter((key) => key !== null)
}

/**
 * What is to be kept after a check. Whatever contradicts what is kept leaves it as it is: it is the evidence, until the reader begins anew.
 */
export function toKeep(
  kept: Kept | null,
  { note, signers, checkpoint }: VerifiedCheckpoint,
  continuity: Continuity,
  key: KeyState,
  at: string,
): Kept | null {
  const vkeys = signers.map(({ vkey }) => vkey)
  if (kept === null) return { note, vkeys, beside: [], at }
  if (continuity.outcome !== 'continued' || key.outcome === 'replaced') return kept
  const added = key.outcome === 'being-replaced' ? key.added.map(({ vkey }) => vkey) : []
  const beside = [...new Set([...kept.beside, ...added])]
  const isNew = checkpoint.size > continuity.from || beside.length > kept.beside.length
  return isNew ? { note, vkeys: kept.vkeys, beside, at } : kept
}
