import { Gauge, type Registry } from 'prom-client'
import { type Drift } from './drift.ts'
import { shareOf } from './round.ts'

/** Registers the metrics of the check for drift, which are read when somebody collects them. */
export function addDriftMetrics(registry: Registry, drift: Drift): void {
  gauge(registry, 'drift_checked_share', shareHelp, () => checkedShare(drift))
  gauge(registry, 'drift_check_age_seconds', ageHelp, () => ageOf(drift) / 1_000)
  gauge(
    registry,
    'drift_differing_proposals',
    'Proposals that are served otherwise than their events say.',
    () => drift.differing.size,
  )
  gauge(
    registry,
    'drift_last_difference_timestamp_seconds',
    'When a difference was last seen; 0: never by this instance.',
    () => (drift.lastDifferenceAt?.getTime() ?? 0) / 1_000,
  )
  gauge(
    registry,
    'drift_check_failures',
    'Looks in a row that failed; 0 where the last one did not.',
    () => drift.failures,
  )
}

const shareHelp = 'Of all proposals, how many were compared since this generation was first seen: 1 when all were.'
const ageHelp = 'Since the last round over all proposals ended, or since the start where none has.'

export function checkedShare({ round, wholeSeen }: Drift): number {
  if (wholeSeen) return 1
  return round === null ? 0 : shareOf(round)
}

/** Milliseconds. */
export function ageOf({ completedAt, startedAt, clock }: Drift): number {
  return clock().getTime() - (completedAt ?? startedAt).getTime()
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({
    name,
    help,
    collect: () => {
      made.set(read())
    },
    registers: [registry],
  })
}
