/** The watch checks some proposals of each projection, pauses, and repeats, in the background. */

import { pause, runLoop, setHalt, withTimeout } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'
import type { Projection } from '../projections/projection.ts'
import { projections } from '../read-models.ts'
import { statusProjection } from '../status/status-projection.ts'
import { logChanged, treeChanged } from './compare-lines.ts'
import { type Compared, compareSome } from './compare-some.ts'
import { type Difference, keepDifferences, mostDifferences, readDifferences } from './differences.ts'
import { type Drift, hasOwnRules, type Known, longestRound, rateOf, refresh } from './drift.ts'
import { missingPositions } from './missing-positions.ts'
import { changedLogSentence } from './report.ts'
import { advanceRound, beginRound, isUnderWay, type Round } from './rounds.ts'

/** The most proposals that are compared in one snapshot: in the background few, to keep each check short. */
const most = { background: 10, asked: 50 }

/** Milliseconds for a check: proposals have bounds, and the largest takes some seconds. */
const lookLimit = 60_000

/** Milliseconds after which a differing proposal is checked again. */
const lookAgainAfter = 60_000

/** The longest pause while one is known: how soon a repair is noticed. */
const lookAgainEvery = 5_000

/** In the background a check may take one part in so many of the time; if requested, half of it, so that reads continue. */
const partOfTime = { background: 20, asked: 2 }

/** Runs until `stopping` fires; it waits out faults of the database. */
export async function watchDrift(drift: Drift, stopping: AbortSignal): Promise<void> {
  stopping.addEventListener('abort', () => drift.wake.abort(), { once: true })
  const onFailure = (error: unknown, failures: number) => {
    drift.failures = failures
    drift.logger.warn({ err: error, failures }, 'the check for drift failed and is tried again')
  }
  await runLoop({ turn: () => turn(drift), stopping, onFailure })
}

/** One check, and the pause after it. */
async function turn(drift: Drift): Promise<void> {
  const { rest = pause } = drift
  const began = performance.now()
  const known = await withTimeout(lookLimit, refresh(drift))
  if (drift.onlyReads) {
    drift.failures = 0
    return rest(lookAgainAfter, drift.wake.signal)
  }
  if (isLogDue(drift)) await judgeLog(drift)
  for (const projection of inQuestion(known)) await withTimeout(lookLimit, look(drift, projection))
  drift.failures = 0
  await rest(pauseAfter(drift, performance.now() - began), drift.wake.signal)
  if (drift.wake.signal.aborted) drift.wake = new AbortController()
}

/** A changed log is judged again after a while, and at once if its halt is gone: another instance has taken it away, or somebody else. */
function isLogDue({ changed, isTakenAway, judgedAt }: Drift): boolean {
  return isTakenAway || (changed !== null && judgedAt + lookAgainAfter <= performance.now())
}

/** Requested proposals come before all others. */
function inQuestion(known: ReadonlyMap<ProjectionName, Known>): readonly Projection[] {
  const asked = projections.filter(({ name }) => known.get(name)?.round.isAsked)
  return asked.length > 0 ? asked : projections
}

async function look(drift: Drift, projection: Projection): Promise<void> {
  const { pool, timeZone, rate } = drift
  const known = drift.known.get(projection.name)
  if (known === undefined) return
  if (!hasOwnRules(drift, known)) return lookAtLines(drift, projection, known)
  const { round, differing } = known
  const isGoing = rate > 0 || round.isAsked
  if (!isGoing && differing.size === 0) return
  const next = isGoing ? await underWay(drift, projection, round) : null
  const limit = batchOf(drift, round)
  const suspects = dueSuspects(drift, known)
  const compared = await compareSome(pool, { projection, timeZone, next, limit, suspects, onlyLines: false })
  // The requested generation has been replaced; the next check begins with the new one.
  if (compared.live.generation !== round.live) return
  await noteDifferences(drift, projection, known, compared, suspects)
  if (next !== null) await advanceRound(pool, next, compared.looked, limit)
  if (compared.differing.size > 0 || suspects.length > 0) await refresh(drift)
}

/**
 * What other rules folded is not compared, and earlier findings about it wait for that. The log has no such rules. An instance with other rules may
 * run beside one that compares all, so its place is not the one of their common round.
 */
async function lookAtLines(drift: Drift, projection: Projection, known: Known): Promise<void> {
  const { pool, timeZone, rate, linesAfter } = drift
  if (projection.name !== 'proposal-status' || (rate === 0 && known.differing.size === 0)) return
  if (rate > 0 && linesAfter === '') await judgeLog(drift)
  const next = rate === 0 ? null : { after: linesAfter, upTo: Infinity }
  const limit = batchOf(drift, known.round)
  const suspects = dueSuspects(drift, known)
  const compared = await compareSome(pool, { projection, timeZone, next, limit, suspects, onlyLines: true })
  const ofLines = new Map([...known.differing].filter(([, { what }]) => isOfLines(what)))
  await noteDifferences(drift, projection, { ...known, differing: ofLines }, compared, suspects)
  drift.linesAfter = compared.looked.length < limit ? '' : (compared.looked.at(-1) as string)
  if (compared.differing.size > 0 || suspects.length > 0) await refresh(drift)
}

function isOfLines(what: string): boolean {
  return what.split('; ').every((part) => part.startsWith(logChanged) || part.startsWith(treeChanged))
}

/** A round of the statuses begins with a look at the log itself. */
async function underWay(drift: Drift, { name }: Projection, round: Round): Promise<Round | null> {
  if (isUnderWay(round)) return round
  if (name === 'proposal-status') await judgeLog(drift)
  return beginRound(drift.pool, round)
}

/** Proposals that together took too long are tried one by one. */
function batchOf(drift: Drift, round: Pick<Round, 'isAsked'>): number {
  if (drift.failures > 0) return 1
  return round.isAsked ? most.asked : most.background
}

/** Some of the differing proposals: those that differed in another generation, or some time ago. */
function dueSuspects({ clock }: Drift, { differing, round }: Known): string[] {
  const before = clock().getTime() - lookAgainAfter
  const due = [...differing].filter(([, one]) => one.generation !== round.live || one.seenAt.getTime() <= before)
  return due.slice(0, most.background).map(([proposalId]) => proposalId)
}

/** Milliseconds to pause after a check that took so long. */
export function pauseAfter(drift: Drift, took: number): number {
  const known = [...drift.known.values()]
  if (known.some(({ round }) => round.isAsked)) return took * (partOfTime.asked - 1)
  const isWaiting = (one: Known) =>
    hasOwnRules(drift, one) && [...one.differing.values()].some(({ generation }) => generation !== one.round.live)
  const share = took * (partOfTime.background - 1)
  if (known.some(isWaiting)) return share
  const most = known.some(({ differing }) => differing.size > 0) ? lookAgainEvery : lookAgainAfter
  if (drift.rate === 0) return most
  const total = Math.max(1, ...known.map(({ round }) => round.total))
  const batch = 1_000 * Math.min(batchOf(drift, { isAsked: false }), total)
  // The share of the time is exceeded if the round would otherwise not end in time.
  return Math.min(Math.max(share, Math.min(most, batch / rateOf(drift, { total }))), (batch * longestRound) / total)
}

/** Records the findings of a check, in the database and in the log. */
async function noteDifferences(
  drift: Drift,
  projection: Projection,
  { differing: before }: Known,
  compared: Compared,
  suspects: readonly string[],
): Promise<void> {
  const { pool, logger } = drift
  const { name } = projection
  const found = foundIn(drift, before, compared)
  const looked = [...compared.looked, ...suspects]
  const settled = looked.filter((proposalId) => before.has(proposalId) && !compared.differing.has(proposalId))
  await keepDifferences(pool, projection, found, settled)
  if (name === 'proposal-status' && (found.size > 0 || settled.length > 0)) await judgeLog(drift)
  for (const [proposalId, { what, generation }] of found) {
    if (before.has(proposalId)) continue
    logger.error({ projection: name, proposalId, generation, what }, 'what is served differs from its events')
  }
  for (const proposalId of settled)
    logger.info({ projection: name, proposalId }, 'what is served agrees with its events again')
}

/** If the lines of the log differ from its tree, or some are missing, nothing more is recorded or signed until they are corrected. */
async function judgeLog(drift: Drift): Promise<void> {
  const { pool, logger, changed: before } = drift
  const changed = [...(await readDifferences(pool, statusProjection))]
    .filter(([, { what }]) => what.includes(logChanged))
    .map(([proposalId, { what }]) => `${proposalId} (${what})`)
  const faults = [...(await missingPositions(pool)), ...changed]
  const sentence = faults.length === 0 ? null : changedLogSentence(faults)
  await setHalt(pool, 'lines', sentence)
  Object.assign(drift, { changed: sentence, isTakenAway: false, judgedAt: performance.now() })
  if (sentence !== null && before === null) logger.error(sentence)
}

/**
 * Somebody misses events of the log: unless that is known, the log is judged at once, and not with the next round. An instance that only reads
 * leaves that to the others.
 */
export async function judgeMissing(drift: Drift): Promise<void> {
  if (drift.changed === null && !drift.onlyReads) await judgeLog(drift)
}

/** As many as can be kept; known ones have priority. */
function foundIn({ clock }: Drift, before: Known['differing'], { live, differing }: Compared): Map<string, Difference> {
  const now = clock()
  const found = [...differing].map(([proposalId, what]) => {
    const foundAt = before.get(proposalId)?.foundAt ?? now
    return [proposalId, { what, foundAt, seenAt: now, generation: live.generation }] as const
  })
  const free = Math.max(0, mostDifferences - before.size)
  const known = found.filter(([proposalId]) => before.has(proposalId))
  return new Map([...known, ...found.filter(([proposalId]) => !before.has(proposalId)).slice(0, free)])
}
