import type { Check, CheckResult } from '@commitments/http-kit'
import { type Drift, hasOwnRules, refreshDifferences } from './drift.ts'

/** How many differing proposals the sentence names. */
const examples = 3

/** Not ready while a served status is known to differ from its events: a wrong answer is worse than none. */
export function driftCheck(drift: Drift): Check {
  return {
    name: 'drift',
    check: async () => {
      await refreshDifferences(drift)
      return judgeDrift(drift)
    },
  }
}

export function judgeDrift(drift: Drift): CheckResult {
  const { differing } = drift
  if (differing.size > 0) return { ok: false, detail: sentence(drift) }
  if (!hasOwnRules(drift)) {
    return { ok: true, detail: 'not compared: the live generation was folded by other rules, and a rebuild is due' }
  }
  const { completedAt } = drift
  if (completedAt !== null)
    return { ok: true, detail: `all agreed in the round that ended ${completedAt.toISOString()}` }
  if (drift.rate === 0) return { ok: true, detail: 'compared only when it is asked for (DRIFT_CHECK_RATE is 0)' }
  return { ok: true, detail: 'no difference found so far; the first round goes on' }
}

function sentence({ differing }: Drift): string {
  const named = [...differing].slice(0, examples).map(([proposalId, { what }]) => `${proposalId} (${what})`)
  const more = differing.size > examples ? ` and ${differing.size - examples} more` : ''
  return (
    `what is served differs from the events of ${named.join(', ')}${more}. Find out who wrote to the read model; then run ` +
    '`npm run rebuild`, and where it stops because the two differ, as they will, run it again with ' +
    '--accept-differences=<generation>. This clears by itself once the proposals have been compared again'
  )
}
