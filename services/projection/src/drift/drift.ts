/**
 * Drift detection: what is served is compared with a fresh fold of the events that it stands for, some proposals at a
 * time, round and round (`watch.ts`); and all of them at once when an admin asks.
 *
 * What differed is looked at again when another generation has become live, and every minute, so that a repair is seen
 * soon. A generation that other rules folded is not compared: it differs by intention, and a rebuild is due.
 */
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Generation } from '../projections/generations.ts'
import { type Differences, readDifferences } from './differences.ts'
import type { Round } from './round.ts'

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

export interface Drift extends DriftOptions {
  readonly startedAt: Date
  /** What was last looked at; null before the first look. */
  live: Generation | null
  round: Round | null
  /** Whether all of the live generation have been looked at once. */
  wholeSeen: boolean
  completedAt: Date | null
  /** As they were last read. */
  differing: Differences
  lastDifferenceAt: Date | null
  /** Whether an admin waits for this round. */
  asked: boolean
  failures: number
  /** Wakes the watch out of its pause. */
  wake: AbortController
}

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

/** Reads what is known to differ, whichever instance found it. */
export async function refreshDifferences(drift: Drift): Promise<Differences> {
  drift.differing = await readDifferences(drift.pool)
  for (const { seenAt } of drift.differing.values()) {
    if (drift.lastDifferenceAt === null || seenAt > drift.lastDifferenceAt) drift.lastDifferenceAt = seenAt
  }
  return drift.differing
}

/** Whether the live generation was folded by the rules of this code, so that there is something to compare. */
export function hasOwnRules({ live, rules }: Pick<Drift, 'live' | 'rules'>): boolean {
  return live === null || live.rules === rules
}
