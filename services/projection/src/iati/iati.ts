/** The publication of this ledger, as its owner configured it. */
import { createHash } from 'node:crypto'
import { addDays, type Day } from '@commitments/domain'
import type { Publication, Settings } from '@commitments/iati'
import { LRUCache } from 'lru-cache'
import type { PointInTime } from '../past/point-in-time.ts'

export interface Iati {
  readonly settings: Settings
  /** Changes with the settings. */
  readonly fingerprint: string
  /** Today in UTC, as IATI compares. */
  readonly today: () => Day
  /** Milliseconds after which a read ends early, with what it has: a page, or the verdicts on some of the relatives of an activity. */
  readonly pageTime: number
  /** By the tag of a file: whether it has an activity, where that was found out. */
  readonly holding: LRUCache<string, boolean>
}

/** Far less than the time after which a read is given up (routes/reading.ts), also where the machine is busy. */
const usualPageTime = 3_000

export function createIati(settings: Settings, clock: () => Date, pageTime = usualPageTime): Iati {
  return {
    settings,
    pageTime,
    fingerprint: createHash('sha256').update(JSON.stringify(settings)).digest('base64url').slice(0, 16),
    today: () => clock().toISOString().slice(0, 10),
    holding: new LRUCache({ max: 1_000 }),
  }
}

/** The moment that a publication shows. */
export interface IatiMoment {
  readonly logId: string
  /** Without folded dense proposals: those belong to one snapshot. */
  readonly at: PointInTime
  /** `recordedAt` of the last position that is known; null while there is none. */
  readonly recordedAt: string | null
  /** The last day on which something that happened may be written. */
  readonly limit: Day
}

/**
 * The last day on which something that happened may be written: today in UTC. Nothing that is recorded has a later first day than the day after
 * its recording ("tomorrow" in Hanoi), so from then on a file no longer changes with the day.
 */
export function limitOf({ today }: Iati, recordedAt: string | null, asOf: Day | null): Day {
  const recorded = recordedAt?.slice(0, 10) ?? null
  const settled = recorded === null ? null : addDays(recorded, 1)
  return [settled, asOf].reduce<Day>((least, day) => (day !== null && day < least ? day : least), today())
}

/** When the content last changed: with its last record, or with the day after. In whole seconds, as HTTP dates are. */
export function lastModified({ recordedAt, limit }: Pick<IatiMoment, 'recordedAt' | 'limit'>): string {
  const recorded = recordedAt ?? '1970-01-01T00:00:00Z'
  const from = limit > recorded.slice(0, 10) ? `${limit}T00:00:00Z` : recorded
  return new Date(Math.floor(Date.parse(from) / 1_000) * 1_000).toUTCString()
}

export function publicationOf({ settings }: Iati, { logId, limit }: IatiMoment, publicUrl: string): Publication {
  return { settings, limit, logId, publicUrl: publicUrl.replace(/\/+$/, '') }
}
