/** What `/v1/projections`, `/health/ready` and the metrics say about drift. */

import { ProposalId } from '@commitments/domain'
import { addGauge, type Check, type CheckResult } from '@commitments/http-kit'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { type ProjectionName } from '../projection-names.ts'
import { logChanged, treeChanged } from './compare-lines.ts'
import { type Drift, differingOf, hasOwnRules, type Known, refresh, secondsOfRound } from './drift.ts'
import { shareOf } from './rounds.ts'

const Instant = z.string().max(40).meta({ format: 'date-time' })

/** How many differing proposals are named. */
const named = 100

export const DriftReport = z
  .object({
    checkedShare: z.number().min(0).max(1).meta({
      description:
        'The share of all proposals that were compared since the live generation was first seen; 1 means all.',
    }),
    asked: z.boolean().meta({ description: 'Whether a round that an admin asked for is running.' }),
    roundSeconds: z.int().min(0).nullable().meta({
      description:
        'How long a round over all proposals takes in the background, about, in seconds; null if rounds run on request only.',
    }),
    completedAt: Instant.nullable().meta({ description: 'When the last round over all proposals ended.' }),
    differing: z.int().min(0).meta({ description: 'Proposals whose served data differ from their events.' }),
    differences: z
      .array(
        z
          .object({
            proposalId: ProposalId,
            what: z.string().max(2_000).meta({ description: 'The members that differ, as a sentence.' }),
            foundAt: Instant.meta({ description: 'When the difference was found.' }),
          })
          .meta({ id: 'Difference', description: 'A proposal whose served data differ from its events.' }),
      )
      .max(named)
      .meta({ description: 'The first 100 of them.' }),
    lastDifferenceAt: Instant.nullable().meta({ description: 'When a difference was last found; null if none was.' }),
  })
  .meta({
    id: 'Drift',
    description: 'The result of comparing served data with fresh folds of their events, for all instances together.',
  })

export type DriftReports = ReadonlyMap<ProjectionName, z.output<typeof DriftReport>>

export async function reportDrift(drift: Drift): Promise<DriftReports> {
  return new Map([...(await refresh(drift))].map(([name, known]) => [name, reportOf(drift, known)]))
}

function reportOf(drift: Drift, known: Known): z.output<typeof DriftReport> {
  const { round, differing, lastDifferenceAt } = known
  return {
    checkedShare: checkedShare(drift, known),
    asked: round.isAsked,
    roundSeconds: drift.rate === 0 ? null : Math.ceil(secondsOfRound(drift, round)),
    completedAt: round.completedAt?.toISOString() ?? null,
    differing: differing.size,
    differences: [...differing].slice(0, named).map(([proposalId, { what, foundAt }]) => ({
      proposalId,
      what: what.slice(0, 2_000),
      foundAt: foundAt.toISOString(),
    })),
    lastDifferenceAt: lastDifferenceAt?.toISOString() ?? null,
  }
}

function checkedShare(drift: Drift, known: Known): number {
  return hasOwnRules(drift, known) ? shareOf(known.round) : 0
}

/** How many differing proposals the sentence names. */
const examples = 3

/** An alarm, and no reason to remove the instance: all others serve the same rows (docs/decisions/0019-ready-or-alarm.md). */
export function driftCheck(drift: Drift): Check {
  return {
    name: 'drift',
    isAlarm: true,
    check: async () => {
      await refresh(drift)
      return judgeDrift(drift)
    },
  }
}

const otherRules =
  'not compared: the live generation was folded by other rules, and a rebuild is due (`npm run rebuild`). If this service was not upgraded, nor its ' +
  'time zone changed, find out who wrote to projection_generations. The lines of the log are compared with its tree all the same'

function judgeDrift(drift: Drift): CheckResult {
  const fault = driftSentence(drift)
  if (fault !== null) return { ok: false, detail: fault }
  const known = [...drift.known.values()]
  if (known.some((one) => !hasOwnRules(drift, one))) return { ok: false, detail: otherRules }
  if (drift.onlyReads) return { ok: true, detail: 'no difference is known; other instances compare' }
  const ends = known.flatMap(({ round }) => round.completedAt?.getTime() ?? [])
  if (known.length > 0 && ends.length === known.length) {
    const earliest = new Date(Math.min(...ends)).toISOString()
    return { ok: true, detail: `all agreed in the rounds that ended ${earliest} or later` }
  }
  if (drift.rate === 0) return { ok: true, detail: 'compared only on request (DRIFT_CHECK_RATE is 0)' }
  return { ok: true, detail: 'no difference found so far; the first round is running' }
}

/** What is wrong with the log, or with what is served; null if nothing is known. */
export function driftSentence(drift: Pick<Drift, 'known' | 'changed'>): string | null {
  if (drift.changed !== null) return drift.changed
  const differing = differingOf(drift)
  return differing.size > 0 ? differenceSentence(differing) : null
}

/** What differs, and what to do about it. */
export function differenceSentence(differing: ReadonlyMap<string, string>): string {
  const ofLog = [...differing].filter(([, what]) => what.includes(logChanged))
  if (ofLog.length > 0) return changedLogSentence(ofLog.map(([proposalId, what]) => `${proposalId} (${what})`))
  const ofTree = new Map([...differing].filter(([, what]) => what.includes(treeChanged)))
  if (ofTree.size > 0) return changedTreeSentence(ofTree)
  const first = [...differing].slice(0, examples).map(([proposalId, what]) => `${proposalId} (${what})`)
  const more = differing.size > examples ? ` and ${differing.size - examples} more` : ''
  return (
    `what is served differs from the events of ${first.join(', ')}${more}. Find out who wrote to the read model; then run ` +
    '`npm run rebuild` and, when it stops because the two differ, run it again with ' +
    '--accept-differences=<generation>. This clears by itself once the proposals have been compared again'
  )
}

/** A rebuild would fold the forged events, and so make what is served agree with them. It is the last step here. */
export function changedLogSentence(faults: readonly string[]): string {
  const more = faults.length > examples ? ` and ${faults.length - examples} more` : ''
  return (
    `the log itself was changed behind the service: ${faults.slice(0, examples).join(', ')}${more}. What is served may still be right: do not rebuild it. ` +
    'Find out who wrote to the table of events, keep what is there, and put the recorded lines back from a backup or an export. ' +
    'This clears by itself once the proposals have been compared again'
  )
}

/** Lines and statuses may be right: only what proves them is damaged. */
function changedTreeSentence(differing: ReadonlyMap<string, string>): string {
  const first = [...differing].slice(0, examples).map(([proposalId, what]) => `${proposalId} (${what})`)
  const more = differing.size > examples ? ` and ${differing.size - examples} more` : ''
  return (
    `the tree of the log was changed behind the service: ${first.join(', ')}${more}. Find out who wrote to its tiles; then ` +
    '`npm run rebuild -- --tree` rebuilds it from the log and compares it with the signed checkpoints. This clears by itself once the ' +
    'proposals have been compared again'
  )
}

/** Registers the metrics of the drift check, which report its last known state. */
export function addDriftMetrics(registry: Registry, drift: Drift): void {
  const known = () => [...drift.known.values()]
  addGauge(registry, 'drift_checked_share', shareHelp, () =>
    Math.min(...known().map((one) => checkedShare(drift, one)), known().length === 0 ? 0 : 1),
  )
  addGauge(registry, 'drift_check_age_seconds', ageHelp, () => ageOf(drift) / 1_000)
  addGauge(
    registry,
    'drift_differing_proposals',
    'Proposals whose served data differ from their events.',
    () => differingOf(drift).size,
  )
  addGauge(registry, 'drift_last_difference_timestamp_seconds', 'When a difference was last seen; 0: never.', () =>
    Math.max(0, ...known().map(({ lastDifferenceAt }) => (lastDifferenceAt?.getTime() ?? 0) / 1_000)),
  )
  addGauge(
    registry,
    'drift_check_failures',
    'Consecutive comparisons that failed; 0 if the last one did not.',
    () => drift.failures,
  )
}

const shareHelp =
  'Of all proposals, how many were compared since this generation was first seen: 1 when all were; of the projection with the fewer.'
const ageHelp =
  'Since the last round over all proposals ended, or since the start where none has; of the projection where that is longer ago.'

/** Milliseconds. */
function ageOf({ known, startedAt, clock }: Drift): number {
  const ends = [...known.values()].map(({ round }) => (round.completedAt ?? startedAt).getTime())
  return clock().getTime() - Math.min(...ends, known.size === 0 ? startedAt.getTime() : Infinity)
}
