/** The watch: a look, a rest, and so on, in the background. */
import { pause, runLoop, withTimeout } from '@commitments/event-store'
import type { Generation } from '../projections/generations.ts'
import { compareSome } from './compare-streams.ts'
import { type Drift, hasOwnRules, refreshDifferences } from './drift.ts'
import { noteLook } from './note.ts'
import { beginRound } from './round.ts'
import { readStart } from './round-start.ts'

/** Proposals that are compared in one snapshot, at most: in the background as few as keep each look short. */
const most = { background: 10, asked: 50 }

/** Milliseconds for that. */
const lookLimit = 15_000

/** Milliseconds after which what differed is looked at again. */
const lookAgainAfter = 60_000

/** The same where nothing goes round: how soon something is done about what differs. */
const lookAgainEvery = 5_000

/** In the background a look may take one part in so many of the time; when asked, half of it, so that reads go on. */
const partOfTime = { background: 20, asked: 2 }

/** Goes on until `stopping` fires; faults of the database are waited out. */
export async function watchDrift(drift: Drift, stopping: AbortSignal): Promise<void> {
  stopping.addEventListener('abort', () => drift.wake.abort(), { once: true })
  const onFailure = (error: unknown, failures: number) => {
    drift.failures = failures
    drift.logger.warn({ err: error, failures }, 'the check for drift failed and is tried again')
  }
  await runLoop({ turn: () => turn(drift), stopping, onFailure })
}

/** One look, and the rest after it. */
async function turn(drift: Drift): Promise<void> {
  const began = performance.now()
  await withTimeout(lookLimit, look(drift))
  drift.failures = 0
  await pause(pauseAfter(drift, performance.now() - began), drift.wake.signal)
  if (drift.wake.signal.aborted) drift.wake = new AbortController()
}

async function look(drift: Drift): Promise<void> {
  const { pool, timeZone } = drift
  const { size } = await refreshDifferences(drift)
  const isGoing = drift.rate > 0 || drift.asked
  if (!isGoing && size === 0) return
  if (isGoing && drift.round === null) {
    drift.round = beginRound(await readStart(pool, drift.asked || drift.wholeSeen))
  }
  const { round: next } = drift
  const limit = batchOf(drift)
  const suspects = (live: Generation) => dueSuspects(drift, live)
  const compared = await compareSome(pool, timeZone, { next, limit, suspects })
  // Asked for anew meanwhile: that round has not begun yet.
  if (drift.round === next) await noteLook(drift, compared, limit)
}

function batchOf({ asked, rate }: Drift): number {
  return asked ? most.asked : Math.min(most.background, Math.max(1, rate))
}

/** Of what differed: those that were seen so in another generation, or some time ago; some at a time. */
function dueSuspects({ differing, clock }: Drift, { generation }: Generation): string[] {
  const before = clock().getTime() - lookAgainAfter
  const due = [...differing].filter(([, one]) => one.generation !== generation || one.seenAt.getTime() <= before)
  return due.slice(0, most.background).map(([proposalId]) => proposalId)
}

/** Milliseconds to rest after a look that took so many. */
export function pauseAfter(drift: Drift, took: number): number {
  if (drift.asked) return took * (partOfTime.asked - 1)
  const generation = drift.live?.generation
  const waiting = hasOwnRules(drift) && [...drift.differing.values()].some((one) => one.generation !== generation)
  const share = took * (partOfTime.background - 1)
  if (waiting) return share
  return drift.rate > 0 ? Math.max(share, (1_000 * batchOf(drift)) / drift.rate) : lookAgainEvery
}
