/**
 * Drift detection: what is served is compared with a fresh fold of the events that it stands for, some proposals at a
 * time, round and round; and all of them at once when an admin asks.
 *
 * What differed is looked at again when another generation has become live, and every minute, so that a repair is seen
 * soon. A generation that other rules folded is not compared: it differs by intention, and a rebuild is due.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Generation } from '../read-model/generations.ts'
import { within } from '../within.ts'
import { type Compared, compareSome } from './compare.ts'
import { advanceRound, beginRound, type Round } from './round.ts'
import { readStart } from './start.ts'

export interface DriftOptions {
  readonly pool: Pool
  readonly timeZone: string
  /** Fingerprint of the rules of this code. */
  readonly rules: string
  readonly logger: Logger
  readonly clock: () => Date
  /** Proposals a second in the background; 0: only when asked. */
  readonly rate: number
}

/** A proposal that is served otherwise than its events say. */
export interface Difference {
  readonly what: string
  readonly foundAt: Date
  /** When and in which generation it was last seen to differ. */
  readonly seenAt: Date
  readonly generation: number
}

export interface Drift extends DriftOptions {
  readonly startedAt: Date
  /** What was last looked at; null before the first look. */
  live: Generation | null
  round: Round | null
  /** Whether all of the live generation have been looked at once. */
  wholeSeen: boolean
  completedAt: Date | null
  /** By proposal; the first {@link named} that were found. */
  readonly differing: Map<string, Difference>
  lastDifferenceAt: Date | null
  /** Whether an admin waits for this round. */
  asked: boolean
  failures: number
  /** Wakes the loop out of its pause. */
  wake: AbortController
}

/** How many are held at once, to be named and looked at again; where there are more, the round will find them. */
const named = 1_000

/** Proposals that are compared in one snapshot, at most: in the background as few as keep each look short. */
const most = { background: 10, asked: 50 }

/** Milliseconds for that. */
const lookLimit = 15_000

/** Milliseconds after which what differed is looked at again. */
const lookAgainAfter = 60_000

/** The same where nothing goes round: how soon a repair is seen. */
const lookAgainEvery = 5_000

/** In the background a look may take one part in so many of the time; when asked, half of it, so that reads go on. */
const partOfTime = { background: 20, asked: 2 }

export function createDrift(options: DriftOptions): Drift {
  return {
    ...options,
    startedAt: options.clock(),
    live: null,
    round: null,
    wholeSeen: false,
    completedAt: null,
    differing: new Map(),
    lastDifferenceAt: null,
    asked: false,
    failures: 0,
    wake: new AbortController(),
  }
}

/** Compares all proposals, as fast as reads allow. False where that is going on already. */
export function askForRound(drift: Drift): boolean {
  if (drift.asked) return false
  drift.asked = true
  drift.round = null
  drift.wake.abort()
  return true
}

/** Whether the live generation was folded by the rules of this code, so that there is something to compare. */
export function hasOwnRules({ live, rules }: Pick<Drift, 'live' | 'rules'>): boolean {
  return live === null || live.rules === rules
}

/** Goes on until `stopping` fires; faults of the database are waited out. */
export async function watchDrift(drift: Drift, stopping: AbortSignal): Promise<void> {
  stopping.addEventListener('abort', () => drift.wake.abort(), { once: true })
  while (!stopping.aborted) await rest(drift, await turn(drift))
}

/** One look; gives the milliseconds to rest after it. */
async function turn(drift: Drift): Promise<number> {
  const began = performance.now()
  try {
    if (goesRound(drift) || drift.differing.size > 0) await look(drift)
    drift.failures = 0
    return pauseAfter(drift, performance.now() - began)
  } catch (error) {
    drift.failures += 1
    drift.logger.warn({ err: error, failures: drift.failures }, 'the check for drift failed and is tried again')
    return Math.min(1_000 * 2 ** Math.min(drift.failures, 6), 60_000)
  }
}

function goesRound({ rate, asked }: Drift): boolean {
  return rate > 0 || asked
}

async function look(drift: Drift): Promise<void> {
  const { pool, timeZone } = drift
  if (goesRound(drift) && drift.round === null) {
    drift.round = beginRound(await readStart(pool, drift.asked || drift.wholeSeen))
  }
  const { round } = drift
  const limit = batchOf(drift)
  const next = goesRound(drift) ? round : null
  const suspects = (live: Generation) => dueSuspects(drift, live)
  const compared = await within(lookLimit, compareSome(pool, timeZone, { next, limit, suspects }))
  // Asked for anew meanwhile: that round has not begun yet.
  if (drift.round === round) note(drift, compared, limit)
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

function note(drift: Drift, compared: Compared, limit: number): void {
  const { live, looked, suspects } = compared
  const replaced = drift.live !== null && drift.live.generation !== live.generation
  drift.live = live
  if (!hasOwnRules(drift)) return forget(drift)
  if (replaced) return startOver(drift, compared)
  noteDifferences(drift, compared, [...looked, ...suspects])
  if (drift.round !== null && goesRound(drift) && advanceRound(drift.round, looked, limit)) complete(drift)
}

/** Of a generation that is not compared nothing is known. */
function forget(drift: Drift): void {
  drift.differing.clear()
  Object.assign(drift, { round: null, wholeSeen: false, asked: false })
}

/** What was seen of the generation before says nothing of this one; but what differed there is looked at first. */
function startOver(drift: Drift, compared: Compared): void {
  Object.assign(drift, { round: null, wholeSeen: false })
  noteDifferences(drift, compared, [...compared.looked, ...compared.suspects])
}

function noteDifferences(drift: Drift, { live, differing }: Compared, looked: readonly string[]): void {
  const now = drift.clock()
  for (const proposalId of looked) {
    const what = differing.get(proposalId)
    if (what === undefined) settle(drift, proposalId)
    else noteDifference(drift, proposalId, { what, foundAt: now, seenAt: now, generation: live.generation })
  }
}

function noteDifference(drift: Drift, proposalId: string, found: Difference): void {
  const before = drift.differing.get(proposalId)
  drift.lastDifferenceAt = found.seenAt
  if (before === undefined && drift.differing.size >= named) return
  drift.differing.set(proposalId, { ...found, foundAt: before?.foundAt ?? found.foundAt })
  if (before !== undefined) return
  drift.logger.error(
    { proposalId, generation: found.generation, what: found.what },
    'a served status differs from its events',
  )
}

function settle(drift: Drift, proposalId: string): void {
  if (drift.differing.delete(proposalId))
    drift.logger.info({ proposalId }, 'a served status agrees with its events again')
}

function complete(drift: Drift): void {
  Object.assign(drift, { round: null, wholeSeen: true, completedAt: drift.clock(), asked: false })
}

function pauseAfter(drift: Drift, took: number): number {
  if (drift.asked) return took * (partOfTime.asked - 1)
  const generation = drift.live?.generation
  const waiting = [...drift.differing.values()].some((one) => one.generation !== generation)
  const share = took * (partOfTime.background - 1)
  if (waiting) return share
  if (drift.rate > 0) return Math.max(share, (1_000 * batchOf(drift)) / drift.rate)
  return drift.differing.size > 0 ? lookAgainEvery : longRest
}

/** Milliseconds; until somebody asks. */
const longRest = 3_600_000

async function rest(drift: Drift, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: drift.wake.signal }).catch(() => {})
  if (drift.wake.signal.aborted) drift.wake = new AbortController()
}
