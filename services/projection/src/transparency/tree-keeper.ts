/**
 * The keeper of the tree: builds it behind the log, signs it, has it cosigned. One instance does so; the others stand by.
 *
 * As with the projector there is no lock that could stay with a half-open connection: whoever takes over raises the epoch in the row of
 * the tree, and each write of its predecessor, which names its own epoch, comes to nothing. Nothing about the tree is kept in memory
 * between two turns, so there is nothing that could be older than what the database says.
 *
 * An event is in a served checkpoint a second after it was recorded at the latest: a turn comes with each batch of the projector, a
 * quarter of a second after the last turn at the soonest, and after as long at the latest where nothing wakes it. A turn that finds
 * nothing new writes nothing and signs nothing.
 */

import { pause, runLoop, withTimeout } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { reached, type View } from '../projections/view.ts'
import { beginTree, build } from './build.ts'
import { askAll, type Cosigning, contradictionOf, cosign } from './cosign.ts'
import { recordLastSigned } from './fork-records.ts'
import { type Refusal, refusal } from './refusals.ts'
import { type Claim, makeVisible, type Prepared, prepare, publish } from './sign.ts'
import { originOf, type Signing } from './signing.ts'
import { readTreeState, type TreeState, takeEpoch } from './tree-state.ts'

interface TreeKeeperOptions {
  readonly pool: Pool
  readonly view: View
  readonly signing: Signing
  readonly cosigning: Cosigning
  readonly logger: Logger
  /** Milliseconds without a checkpoint of another instance, while there is something to sign, after which this one takes over. */
  readonly takeOverAfter: number
  readonly onSigned?: () => void
  readonly onFailure?: () => void
}

export interface TreeKeeper extends TreeKeeperOptions {
  readonly stopping: AbortSignal
  /** Null while another instance keeps the tree. */
  epoch: number | null
  /** What the witnesses said when this instance took over; asked once. */
  witnessed: readonly Claim[]
  /** Why nothing is signed; null where it is, or is none of our business. */
  refused: Refusal | null
  /** When the last turn that signs began, on the clock of `performance`. */
  signedAt: number
  /** Since when there is something to sign that nobody signs. -Infinity: nothing is known, so this instance takes over. */
  overdueSince: number
  /** Size that was signed when last looked at. */
  seen: number
}

/** Milliseconds between the beginnings of two turns that sign, at the least; and between two looks, where nothing wakes us. */
const pace = 250
/** Milliseconds between two looks while nothing may be signed. */
const refusedPace = 1_000
/** Milliseconds after which a turn is given up. Should it go on all the same, its epoch keeps it from writing. */
const turnLimit = 20_000
/** Events that the tree takes at once, at most. */
const batchSize = 2_000

export function createTreeKeeper(options: TreeKeeperOptions, stopping: AbortSignal): TreeKeeper {
  const unknown = { epoch: null, witnessed: [], refused: null, signedAt: -Infinity, overdueSince: -Infinity }
  return { ...options, stopping, ...unknown, seen: -1 }
}

/** Goes on until `stopping` fires. Faults of database and files are waited out; nothing that happens here ends it. */
export async function keepTree(keeper: TreeKeeper): Promise<void> {
  const { stopping } = keeper
  const onFailure = (error: unknown, failures: number) => afterFailure(keeper, error, failures)
  await runLoop({ turn: () => withTimeout(turnLimit, turn(keeper)), stopping, onFailure })
}

async function turn(keeper: TreeKeeper): Promise<void> {
  const standing = await readTreeState(keeper.pool)
  return keeper.epoch === null ? standBy(keeper, standing) : work(keeper, keeper.epoch, standing)
}

/** Watches another instance do it, and takes over where that leaves something unsigned for too long. */
async function standBy(keeper: TreeKeeper, standing: TreeState): Promise<void> {
  const now = performance.now()
  const size = standing.signed?.size ?? -1
  const isDone = isAllSigned(standing)
  if (keeper.overdueSince > -Infinity && (isDone || size !== keeper.seen)) keeper.overdueSince = now
  if (size > keeper.seen && keeper.seen >= 0) keeper.refused = null
  keeper.seen = size
  if (now - keeper.overdueSince < keeper.takeOverAfter) return pause(pace, keeper.stopping)
  keeper.witnessed = await askAll(keeper.cosigning, originOf(keeper.signing, standing.logId))
  keeper.epoch = await takeEpoch(keeper.pool)
}

/** Whether nothing is left to do: the tree is complete, of this very log, signed as a whole, and served. */
function isAllSigned({ head, tree, signed, logId }: TreeState): boolean {
  return tree.logId === logId && tree.size === head && signed?.size === head && signed.published
}

async function work(keeper: TreeKeeper, epoch: number, standing: TreeState): Promise<void> {
  if (standing.epoch !== epoch) return giveWay(keeper)
  keeper.seen = standing.signed?.size ?? -1
  if (standing.tree.logId !== standing.logId) return beginAnew(keeper, epoch, standing)
  const { head, tree: before } = standing
  if (head < before.size) return refuseFor(keeper, refusal('log-cut', { size: before.size, head }))
  const built = await build(keeper.pool, epoch, before, batchSize)
  if (built.outcome === 'superseded') return giveWay(keeper)
  if (built.outcome === 'refused') return refuseFor(keeper, built.refusal)
  const tree = built.outcome === 'built' ? built.tree : before
  const isBehind = built.outcome === 'built' && built.more
  // While there is more to take in than one batch, it goes on without a rest, and what it has is signed at the usual pace.
  if (isBehind && performance.now() - keeper.signedAt < pace) return undefined
  keeper.signedAt = performance.now()
  await sign(keeper, { ...standing, tree })
  return isBehind ? undefined : rest(keeper, tree.size)
}

/** What the predecessor had signed goes on record before the tree of the new log begins. */
async function beginAnew(
  { pool, signing, logger }: TreeKeeper,
  epoch: number,
  { tree, logId }: TreeState,
): Promise<void> {
  await recordLastSigned(pool, signing, tree.logId, logId)
  await beginTree(pool, epoch, logId)
  logger.warn({ logId, before: tree.logId }, 'the log has a new identity: its tree is rebuilt')
}

async function sign(keeper: TreeKeeper, standing: TreeState): Promise<void> {
  const { pool, signing, cosigning } = keeper
  const { logId } = standing
  const prepared = await prepare(pool, signing, standing, keeper.witnessed)
  const against = prepared.outcome === 'refused' ? prepared.refusal : contradictionOf(cosigning)
  if (against !== null) {
    refuse(keeper, against)
    // A witness that no longer contradicts us is heard.
    if (prepared.outcome !== 'refused' && standing.signed !== null) await cosign(cosigning, logId, standing.signed)
    return
  }
  refuse(keeper, null)
  const signed = await signPrepared(keeper, prepared, standing)
  if (signed === null) return
  // There is nothing to cosign in the empty tree.
  if (signed.size > 0) await cosign(cosigning, logId, signed)
  if (!signed.published && contradictionOf(cosigning) === null) await makeVisible(pool, logId, signed.size)
}

/** The checkpoint that is the last one now, whether it was signed here or before. */
async function signPrepared(keeper: TreeKeeper, prepared: Prepared, { signed }: TreeState) {
  const { pool, signing, cosigning } = keeper
  if (prepared.outcome !== 'ready') return signed
  const { candidate } = prepared
  const isVisible = cosigning.watched.length === 0
  if ((await publish(pool, signing, candidate, isVisible)) === 'superseded') return null
  keeper.witnessed = []
  keeper.onSigned?.()
  return { ...candidate, published: isVisible }
}

function refuse(keeper: TreeKeeper, why: Refusal | null): void {
  if (why !== null && why.detail !== keeper.refused?.detail) keeper.logger.error({ code: why.code }, why.detail)
  if (why === null && keeper.refused !== null) keeper.logger.warn('what stood against signing is gone')
  keeper.refused = why
}

async function refuseFor(keeper: TreeKeeper, why: Refusal): Promise<void> {
  refuse(keeper, why)
  await pause(refusedPace, keeper.stopping)
}

/** Another instance took over. What stood against signing here is gone when that one signs. */
function giveWay(keeper: TreeKeeper): void {
  keeper.epoch = null
  keeper.overdueSince = performance.now()
}

/** Until the read model has applied more than is in the tree, or it is time to look anyway. */
async function rest(keeper: TreeKeeper, size: number): Promise<void> {
  const { view, stopping, refused } = keeper
  if (refused !== null) return pause(refusedPace, stopping)
  await reached(view, size + 1, pace, stopping)
  await keepPace(keeper)
}

async function keepPace(keeper: TreeKeeper): Promise<void> {
  const left = keeper.signedAt + pace - performance.now()
  if (left > 0) await pause(left, keeper.stopping)
}

/**
 * Nothing is known of a turn that failed, so the next one begins by taking over: under a new epoch that one can write nothing any more.
 * Where that fails again, another instance is let have its chance.
 */
function afterFailure(keeper: TreeKeeper, error: unknown, failures: number): void {
  keeper.epoch = null
  keeper.overdueSince = failures === 1 ? -Infinity : performance.now()
  keeper.onFailure?.()
  keeper.logger.warn({ err: error, failures }, 'the keeper of the tree failed and tries again')
}
