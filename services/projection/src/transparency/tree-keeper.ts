/**
 * The keeper of the tree builds it after the log, signs it, and has it cosigned. One instance does this; the others stand by.
 *
 * As with the projector, there is no lock that could stay with a half-open connection. An instance that takes over raises the epoch in the
 * row of the tree. Each write names the epoch of its instance, so writes of the predecessor have no effect. Nothing about the tree is kept
 * in memory between two turns, so nothing can be older than the database.
 *
 * An event is in a served checkpoint within a second after it was recorded. Each batch of the projector starts a turn, at the earliest a
 * quarter of a second after the last turn; without a batch, a turn starts after the same time. A turn that finds nothing new writes nothing
 * and signs nothing. After it, the next one waits until anything changes that the log and its signatures rest on, or for ten seconds.
 */

import { type Listener, nextWithin, pause, readHalt, runLoop, setHalt, withTimeout } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { reached, type View } from '../projections/view.ts'
import { beginTree, build } from './build.ts'
import {
  askAll,
  type Cosigning,
  cosign,
  forgetLines,
  hasProofs,
  isCosigned,
  takeProofs,
  untilRenewal,
} from './cosign.ts'
import { recordLastSigned, recordWitnessed } from './fork-records.ts'
import { HomeAway, readKept } from './kept-checkpoint.ts'
import { judgeQuorum, type Quorum, quorumPatience } from './quorum.ts'
import { haltsWrites, type Refusal, refusal, takeOverRefused } from './refusals.ts'
import { type Claim, faultOfKept, isSpoilt, makeVisible, type Prepared, prepare, publish } from './sign.ts'
import { originOfLog, type Signing } from './signing.ts'
import { confirmTimeline, readTreeState, type TreeState, takeEpoch } from './tree-state.ts'

interface TreeKeeperOptions {
  readonly pool: Pool
  readonly view: View
  /** Wakes it when anything has changed, in the log or in what was signed. */
  readonly listener: Listener
  readonly signing: Signing
  readonly cosigning: Cosigning
  readonly logger: Logger
  /** Milliseconds without a checkpoint of another instance, while there is something to sign, after which this instance takes over. */
  readonly takeOverAfter: number
  /** Milliseconds between two looks if nothing has changed; for tests. */
  readonly longestRest?: number | undefined
  readonly onSigned?: () => void
  readonly onFailure?: () => void
}

export interface TreeKeeper extends TreeKeeperOptions {
  readonly stopping: AbortSignal
  /** Null while another instance keeps the tree. */
  epoch: number | null
  /** What the witnesses cosigned last, as they reported it when this instance took over, or when they objected to a checkpoint. */
  witnessed: readonly Claim[]
  /** Why nothing is signed; null if signing works, or if another instance does it. */
  refused: Refusal | null
  /** Why this instance could not take over from the one that signs; null if it could. */
  unfit: Refusal | null
  /** When it last looked whether it could, on the clock of `performance`. */
  lookedAt: number
  /** The halt that this instance has written for the log; undefined: unknown. */
  halted: string | null | undefined
  /** Whether enough witnesses follow; null without a policy, and while another instance signs. */
  quorum: Quorum | null
  /** When the last turn that signs began, on the clock of `performance`. */
  signedAt: number
  /** Since when something waits to be signed and nobody signs it. -Infinity: unknown, so this instance takes over. */
  overdueSince: number
  /** The signed size when we last looked. */
  seen: number
  /** The size of the tree, if the turn has found nothing to do; null if it has. */
  quietAt: number | null
}

/** The least milliseconds between the starts of two signing turns, and the time between two looks if nothing wakes us. */
const pace = 250
/** Milliseconds between two looks while nothing can be signed. */
const refusedPace = 1_000
/** Milliseconds between two looks of an instance that stands by at what it would need to take over. */
const fitnessPace = 5_000
/** Milliseconds between two looks if nothing has changed: what is kept apart from the database may have, and what a superuser changed in it. */
const usualLongestRest = 10_000
/** Milliseconds after which a turn is abandoned. If it continues anyway, its epoch prevents it from writing. */
const turnLimit = 20_000
/** The most events that the tree takes at once. */
const batchSize = 2_000

export function createTreeKeeper(options: TreeKeeperOptions, stopping: AbortSignal): TreeKeeper {
  const unknown = {
    epoch: null,
    witnessed: [],
    refused: null,
    unfit: null,
    lookedAt: -Infinity,
    halted: undefined,
    quorum: null,
    signedAt: -Infinity,
    overdueSince: -Infinity,
  }
  return { ...options, stopping, ...unknown, seen: -1, quietAt: null }
}

/** Runs until `stopping` fires. It waits out faults of database and files; no fault ends it. */
export async function keepTree(keeper: TreeKeeper): Promise<void> {
  const { stopping } = keeper
  const onFailure = (error: unknown, failures: number) => afterFailure(keeper, error, failures)
  const turnAndRest = async () => {
    keeper.quietAt = null
    await withTimeout(turnLimit, turn(keeper))
    if (keeper.quietAt !== null) await untilChange(keeper, keeper.quietAt)
  }
  await runLoop({ turn: turnAndRest, stopping, onFailure })
}

async function turn(keeper: TreeKeeper): Promise<void> {
  const proofs = takeProofs(keeper.cosigning)
  const standing = await readTreeState(keeper.pool)
  const claims = proofs.flatMap(({ logId, claim }) => (logId === standing.logId ? claim : []))
  const isOlder = ({ name }: Claim) => claims.some((claim) => claim.name === name)
  keeper.witnessed = [...keeper.witnessed.filter((claim) => !isOlder(claim)), ...claims]
  try {
    await (keeper.epoch === null ? standBy(keeper, standing) : work(keeper, keeper.epoch, standing))
  } catch (error) {
    if (!(error instanceof HomeAway)) throw error
    if (keeper.refused?.code !== 'home-away') keeper.logger.error(error.message)
    await refuseFor(keeper, refusal('home-away', { file: keeper.signing.home.nameOf(standing.logId) }))
  }
}

/** Watches another instance, and takes over if that one leaves something unsigned for too long. */
async function standBy(keeper: TreeKeeper, standing: TreeState): Promise<void> {
  const now = performance.now()
  const size = standing.signed?.size ?? -1
  const isDone = isAllSigned(standing) && isConfirmed(standing)
  // While a signer has stopped the recording, somebody has to look whether that still holds: no event will come to be signed.
  const isQuiet = isDone && !standing.halted
  const patience = isDone ? Math.max(keeper.takeOverAfter, fitnessPace) : keeper.takeOverAfter
  if (keeper.overdueSince > -Infinity && (isQuiet || size !== keeper.seen)) keeper.overdueSince = now
  if (size > keeper.seen && keeper.seen >= 0) Object.assign(keeper, { refused: null, quorum: null })
  keeper.seen = size
  if (now - keeper.overdueSince < patience) {
    if (now - keeper.lookedAt >= fitnessPace) await lookAtFitness(keeper, standing, isDone)
    if (!isQuiet || keeper.refused !== null || keeper.unfit !== null) return pause(pace, keeper.stopping)
    keeper.quietAt = size
    return
  }
  const { logId, signed } = standing
  const origin = await originNow(keeper, standing)
  keeper.witnessed = await askAll(keeper.cosigning, { logId, origin, vkeys: signed?.vkeys ?? null })
  keeper.epoch = await takeEpoch(keeper.pool)
  keeper.halted = undefined
  keeper.unfit = null
  forgetLines(keeper.cosigning)
}

/**
 * Hosts that do not share their home are told as long as all is well, and not when one of them has to take over. Where another instance has
 * signed all there is, what once stood against signing here may be gone, and nothing new may be recorded for long.
 */
async function lookAtFitness(keeper: TreeKeeper, standing: TreeState, isDone: boolean): Promise<void> {
  const { signing, unfit: before } = keeper
  const { logId, signed } = standing
  keeper.lookedAt = performance.now()
  const { kept } = await readKept(signing, logId, signed)
  const fault = faultOfKept(kept, signed, signing.home.nameOf(logId), signing.witnesses.length > 0)
  keeper.unfit = fault && takeOverRefused(fault)
  if (keeper.unfit !== null && before === null) keeper.logger.error({ code: keeper.unfit.code }, keeper.unfit.detail)
  if (keeper.refused !== null && isDone) await refuseAnew(keeper, standing)
}

/**
 * What this instance refused for holds only as long as it still would. Nothing is signed or halted here. A halt by a signer leads to a takeover, which
 * looks at everything; a halt by the comparison of lines does not, and may be about something else.
 */
async function refuseAnew(keeper: TreeKeeper, standing: TreeState): Promise<void> {
  const { pool, signing, witnessed } = keeper
  if (standing.halted) return
  // Without room for another leaf it only compares the end of the tree with the log.
  const compared = await build(pool, standing.epoch, standing.tree, 0)
  const judged = compared.outcome === 'refused' ? compared : await prepare(pool, signing, standing, witnessed)
  keeper.refused = judged.outcome === 'refused' ? judged.refusal : null
  if (keeper.refused === null) keeper.logger.warn(nothingAgainst)
}

async function originNow({ signing }: TreeKeeper, { logId, signed }: TreeState): Promise<string> {
  const { kept } = await readKept(signing, logId, signed)
  return originOfLog(signing, logId, kept.outcome === 'kept' ? kept.note : (signed?.note ?? null))
}

/** Whether nothing is left to do: the tree is complete, belongs to this log, is signed as a whole, and is served. */
function isAllSigned({ head, tree, signed, logId }: TreeState): boolean {
  return tree.logId === logId && tree.size === head && signed?.size === head && signed.published
}

/**
 * Whether it was shown on this server and timeline that the log continues what was signed. A server that was promoted has no more than its own
 * past, by which all can be signed although it lacks the end: so somebody has to look, also if nothing new was recorded.
 */
function isConfirmed({ timeline, confirmed }: TreeState): boolean {
  return timeline === null || timeline === confirmed
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
  // While more than one batch remains, it continues without a pause, and signs what it has at the usual pace.
  if (isBehind && performance.now() - keeper.signedAt < pace) return undefined
  keeper.signedAt = performance.now()
  const prepared = await sign(keeper, { ...standing, tree })
  lookAtQuorum(keeper)
  if (isBehind) return undefined
  const isQuiet = built.outcome === 'idle' && prepared === 'nothing' && isAllSigned(standing) && isFollowed(keeper)
  return rest(keeper, tree.size, isQuiet)
}

/** Records what the predecessor had signed, before the tree of the new log begins. What was known against the old one ends with it. */
async function beginAnew(keeper: TreeKeeper, epoch: number, { tree, logId }: TreeState): Promise<void> {
  const { pool, signing, cosigning, logger } = keeper
  const origin = await recordLastSigned(pool, signing, tree.logId, logId)
  const claims = await askAll(cosigning, { logId: tree.logId, origin, vkeys: null })
  await recordWitnessed(pool, claims, tree.logId, logId)
  await beginTree(pool, epoch, logId)
  keeper.witnessed = []
  logger.warn({ logId, before: tree.logId }, 'the log has a new identity: its tree is rebuilt')
}

/** A difference between the lines and the tree that any instance has found. */
async function changedLines(pool: Pool): Promise<Refusal | null> {
  const detail = await readHalt(pool, 'lines')
  return detail === null ? null : { code: 'log-changed', detail: `Nothing is signed: ${detail}` }
}

function lookAtQuorum(keeper: TreeKeeper): void {
  const { signing, cosigning, quorum, seen } = keeper
  const { policy, quorumPatience: patience = quorumPatience } = signing
  if (!policy || seen <= 0) return
  const { watched, renewAfter } = cosigning
  // Whoever renews in time is never as old as that.
  const following = { policy, watched, freshFor: 2 * renewAfter, patience }
  keeper.quorum = judgeQuorum(following, quorum, seen, performance.now())
  const { missing } = keeper.quorum
  if (missing !== null && quorum?.missing === null) keeper.logger.error(missing)
  if (missing === null && quorum && quorum.missing !== null) keeper.logger.warn('enough witnesses follow again')
}

/** What there was to sign, or that it was refused. */
async function sign(keeper: TreeKeeper, standing: TreeState): Promise<Prepared['outcome']> {
  const { pool, signing, cosigning } = keeper
  const { logId } = standing
  const prepared = await prepare(pool, signing, standing, keeper.witnessed)
  const against = prepared.outcome === 'refused' ? prepared.refusal : await changedLines(pool)
  if (against !== null) {
    await refuse(keeper, against)
    // What was signed before stays signed, and its cosignatures age.
    if (prepared.outcome !== 'refused' && standing.signed !== null) await cosign(cosigning, logId, standing.signed)
    return 'refused'
  }
  const signed = await signPrepared(keeper, prepared, standing)
  // While waiting, it is not yet shown that the tree continues what was signed; nor while what is kept cannot be replaced.
  if (prepared.outcome !== 'waiting') await refuse(keeper, null)
  if (signed === null) return prepared.outcome
  const { timeline, epoch } = standing
  if (prepared.outcome !== 'waiting' && timeline !== null && !isConfirmed(standing))
    await confirmTimeline(pool, epoch, timeline)
  // There is nothing to cosign in the empty tree.
  if (signed.size > 0) await cosign(cosigning, logId, signed)
  if (!signed.published && !hasProofs(cosigning)) await makeVisible(pool, logId, signed.size)
  return prepared.outcome
}

const spoilt =
  'the checkpoint in the database, which was served, was not the one that this key signed: it was signed again. Find out who changed it'

/** The checkpoint that is now the last one, whether it was signed now or before. */
async function signPrepared(keeper: TreeKeeper, prepared: Prepared, { signed }: TreeState) {
  const { pool, signing, cosigning } = keeper
  if (prepared.outcome !== 'ready') return signed
  const { candidate } = prepared
  const isVisible = cosigning.watched.length === 0
  if ((await publish(pool, signing, candidate, isVisible)) === 'superseded') return null
  if (isSpoilt(candidate)) keeper.logger.error({ size: candidate.size }, spoilt)
  keeper.witnessed = []
  keeper.onSigned?.()
  return { ...candidate, published: isVisible }
}

const nothingAgainst = 'what stood against signing is gone'

/**
 * A refusal against the log itself is also written to the database: then nothing more is recorded. One that says nothing about the log
 * leaves it at what was known before: only a log that has shown that it continues what was signed is written to again.
 */
async function refuse(keeper: TreeKeeper, why: Refusal | null): Promise<void> {
  if (why === null || haltsWrites(why)) {
    const halt = why?.detail ?? null
    // Set again each time, because somebody may have taken it away: the log has not shown anything since.
    if (halt !== null || keeper.halted !== null) await setHalt(keeper.pool, 'signer', halt)
    keeper.halted = halt
  }
  if (why !== null && why.detail !== keeper.refused?.detail) keeper.logger.error({ code: why.code }, why.detail)
  if (why === null && keeper.refused !== null) keeper.logger.warn(nothingAgainst)
  keeper.refused = why
}

async function refuseFor(keeper: TreeKeeper, why: Refusal): Promise<void> {
  await refuse(keeper, why)
  await pause(refusedPace, keeper.stopping)
}

/** Another instance took over. A refusal to sign here no longer matters when that one signs. */
function giveWay(keeper: TreeKeeper): void {
  keeper.epoch = null
  keeper.quorum = null
  keeper.overdueSince = performance.now()
}

/** Whether nothing is wanted of any witness. */
function isFollowed({ cosigning, quorum, seen }: TreeKeeper): boolean {
  return isCosigned(cosigning, seen, performance.now()) && (quorum === null || quorum.size >= seen)
}

/** Waits until the read model has applied more than is in the tree, or until it is time to look anyway. */
async function rest(keeper: TreeKeeper, size: number, isQuiet: boolean): Promise<void> {
  const { view, stopping, refused } = keeper
  if (refused !== null) return pause(refusedPace, stopping)
  if (isQuiet) keeper.quietAt = size
  else await reached(view, size + 1, pace, stopping)
  await keepPace(keeper)
}

/**
 * Waits for a change, and then for the read model, because others wait for that; at most until a witness is due. A closed follower knows of no
 * change: then it is looked at the usual pace.
 */
async function untilChange(keeper: TreeKeeper, size: number): Promise<void> {
  const { listener, stopping, cosigning, view, longestRest = usualLongestRest } = keeper
  await nextWithin(listener, Math.min(longestRest, untilRenewal(cosigning, performance.now())), stopping)
  await reached(view, size + 1, pace, stopping)
  // What has come meanwhile has not waited for longer.
  if (keeper.epoch === null) keeper.overdueSince = performance.now()
}

async function keepPace(keeper: TreeKeeper): Promise<void> {
  const left = keeper.signedAt + pace - performance.now()
  if (left > 0) await pause(left, keeper.stopping)
}

/**
 * Nothing is known about a failed turn. So the next one takes over: under a new epoch, the failed turn can write nothing any more. If that
 * fails again, another instance may take over.
 */
function afterFailure(keeper: TreeKeeper, error: unknown, failures: number): void {
  keeper.epoch = null
  keeper.overdueSince = failures === 1 ? -Infinity : performance.now()
  keeper.onFailure?.()
  keeper.logger.warn({ err: error, failures }, 'the keeper of the tree failed and tries again')
}
