/**
 * Drift detection compares what is served, for today and for the past, with a new fold of the events: some proposals at a time, in rounds
 * (`watch.ts`), or all of them if an admin requests it.
 *
 * A differing proposal is checked again when another generation has become live, and every minute, so that a repair is noticed soon. A
 * generation that other rules folded is not compared: it differs by intention, a rebuild is due, and that is an alarm. The lines of the log are
 * compared with its tree all the same.
 */

import { readHalt } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { type ProjectionName } from '../projection-names.ts'
import { projections } from '../read-models.ts'
import { type Differences, readDifferences } from './differences.ts'
import { askForRound, type Round, readRounds } from './rounds.ts'

interface DriftOptions {
  readonly pool: Pool
  readonly timeZone: string
  /** Fingerprint of the rules of this code. */
  readonly rules: string
  readonly logger: Logger
  readonly clock: () => Date
  /** Proposals a second in the background; 0: only on request. */
  readonly rate: number
  /** Other instances compare; this one only learns what they found. */
  readonly onlyReads: boolean
  /** Milliseconds that a round takes in a ledger that is small; for tests. */
  readonly shortestRound?: number | undefined
  /** Resolves after so many milliseconds, when the signal fires, or when another instance has found something or was asked; absent: never for that. */
  readonly rest?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** What is known about the drift of a projection, as last read. */
export interface Known {
  readonly round: Round
  readonly differing: Differences
  /** When any instance last saw a difference, as far as this one knows. */
  readonly lastDifferenceAt: Date | null
}

export interface Drift extends DriftOptions {
  readonly startedAt: Date
  /** Empty before the first check. */
  readonly known: Map<ProjectionName, Known>
  /** What is known against the lines of the log, by any instance; null if nothing is. */
  changed: string | null
  /** What was known is gone from the database, and nobody has judged since whether it still holds. */
  isTakenAway: boolean
  /** When this instance last looked whether that still holds. */
  judgedAt: number
  /** The last proposal whose lines were compared alone, because other rules folded the generation. Rounds in the database compare all. */
  linesAfter: string
  /** Failed checks in a row. */
  failures: number
  /** Wakes the watch from its pause. */
  wake: AbortController
}

export function createDrift(options: DriftOptions): Drift {
  const nothing = {
    known: new Map(),
    changed: null,
    isTakenAway: false,
    judgedAt: -Infinity,
    linesAfter: '',
    failures: 0,
  }
  return { ...options, ...nothing, startedAt: options.clock(), wake: new AbortController() }
}

/** Compares all proposals, as fast as reads allow. False if that is already running. */
export async function checkAll(drift: Drift, projection: ProjectionName): Promise<boolean> {
  if (!(await askForRound(drift.pool, projection))) return false
  drift.wake.abort()
  return true
}

/** Reads how far the rounds are, which proposals are known to differ, and what is known against the log, whichever instance found it. */
export async function refresh(drift: Drift): Promise<ReadonlyMap<ProjectionName, Known>> {
  const { pool, known } = drift
  const rounds = await readRounds(pool)
  // Of this look: another one that runs at the same time may have read before it, and end after it.
  const found = new Map<ProjectionName, Known>()
  for (const projection of projections) {
    const round = rounds.find((one) => one.projection === projection.name)
    if (round === undefined)
      throw new Error(`There is no round of ${projection.name}: the ledger was not migrated as a whole.`)
    const differing = await readDifferences(pool, projection)
    const seen = [...differing.values()].map(({ seenAt }) => seenAt)
    const before = known.get(projection.name)?.lastDifferenceAt ?? null
    found.set(projection.name, {
      round,
      differing,
      lastDifferenceAt: latest(before === null ? seen : [before, ...seen]),
    })
  }
  for (const [name, one] of found) known.set(name, one)
  const changed = await readHalt(pool, 'lines')
  drift.isTakenAway ||= drift.changed !== null && changed === null
  drift.changed = changed
  return found
}

function latest(times: readonly Date[]): Date | null {
  return times.reduce<Date | null>((last, time) => (last === null || time > last ? time : last), null)
}

/** Seconds that a round may take in any ledger: the rate grows with the number of proposals. */
export const longestRound = 20 * 3_600

/** Milliseconds. A few proposals need not be compared again and again. */
const usualShortestRound = 60_000

/** Proposals a second in the background: as configured, as long as a round takes its time, and ends in time. */
export function rateOf(
  { rate, shortestRound = usualShortestRound }: Pick<Drift, 'rate' | 'shortestRound'>,
  { total }: Pick<Round, 'total'>,
): number {
  if (rate === 0) return 0
  return Math.max(Math.min(rate, (1_000 * Math.max(1, total)) / shortestRound), total / longestRound)
}

export function secondsOfRound(drift: Pick<Drift, 'rate' | 'shortestRound'>, round: Pick<Round, 'total'>): number {
  return round.total / rateOf(drift, round)
}

/** Whether the live generation was folded by the rules of this code; otherwise there is nothing to compare. */
export function hasOwnRules({ rules }: Pick<Drift, 'rules'>, { round }: Pick<Known, 'round'>): boolean {
  return round.rules === rules
}

export function hasDifferences({ known, changed }: Pick<Drift, 'known' | 'changed'>): boolean {
  return changed !== null || [...known.values()].some(({ differing }) => differing.size > 0)
}

/** All differing proposals, with what is wrong with them in either projection. */
export function differingOf({ known }: Pick<Drift, 'known'>): Map<string, string> {
  const all = new Map<string, string>()
  for (const { differing } of known.values())
    for (const [proposalId, { what }] of differing) {
      const before = all.get(proposalId)
      all.set(proposalId, before === undefined ? what : `${before}; ${what}`)
    }
  return all
}
