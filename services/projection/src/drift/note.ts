/** What a look has found is noted: in the database, in the log, and in the round that it belongs to. */
import type { Compared } from './compare-streams.ts'
import { type Difference, keepDifferences, mostDifferences } from './differences.ts'
import { type Drift, hasOwnRules, refreshDifferences } from './drift.ts'
import { advanceRound } from './round.ts'

/** @param limit how many proposals the look could have taken */
export async function noteLook(drift: Drift, compared: Compared, limit: number): Promise<void> {
  const { live, looked, suspects } = compared
  const replaced = drift.live !== null && drift.live.generation !== live.generation
  drift.live = live
  // Of a generation that is not compared nothing is known, and what was known before still waits to be compared.
  if (!hasOwnRules(drift)) return startOver(drift, { asked: false })
  await noteDifferences(drift, compared, [...looked, ...suspects])
  // What was seen of the generation before says nothing of this one.
  if (replaced) return startOver(drift, {})
  if (drift.round !== null && advanceRound(drift.round, looked, limit)) complete(drift)
}

function startOver(drift: Drift, rest: { asked?: false }): void {
  Object.assign(drift, { round: null, wholeSeen: false, ...rest })
}

function complete(drift: Drift): void {
  Object.assign(drift, { round: null, wholeSeen: true, completedAt: drift.clock(), asked: false })
}

async function noteDifferences(drift: Drift, compared: Compared, looked: readonly string[]): Promise<void> {
  const { differing: before } = drift
  const found = foundIn(drift, compared)
  const settled = looked.filter((proposalId) => before.has(proposalId) && !compared.differing.has(proposalId))
  await keepDifferences(drift.pool, found, settled)
  for (const [proposalId, { what, generation }] of found) {
    if (before.has(proposalId)) continue
    drift.logger.error({ proposalId, generation, what }, 'a served status differs from its events')
  }
  for (const proposalId of settled) drift.logger.info({ proposalId }, 'a served status agrees with its events again')
  if (found.size > 0 || settled.length > 0) await refreshDifferences(drift)
}

/** No more than can be kept; those that are known already among them. */
function foundIn({ differing: before, clock }: Drift, { live, differing }: Compared): Map<string, Difference> {
  const now = clock()
  const found = [...differing].map(([proposalId, what]) => {
    const foundAt = before.get(proposalId)?.foundAt ?? now
    return [proposalId, { what, foundAt, seenAt: now, generation: live.generation }] as const
  })
  const free = Math.max(0, mostDifferences - before.size)
  const known = found.filter(([proposalId]) => before.has(proposalId))
  return new Map([...known, ...found.filter(([proposalId]) => !before.has(proposalId)).slice(0, free)])
}
