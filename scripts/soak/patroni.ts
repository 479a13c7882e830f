/** `npm run soak -- patroni [trials [seed]]`. */
import { missingForPatroni, startPatroni } from '../../tests/failover/patroni.ts'
import type { Plan } from '../../tests/failover/plan.ts'
import { runTrial } from '../../tests/failover/trial.ts'
import { runTrials } from './failover.ts'

type Say = (line: string) => void

export async function soakPatroni(given: readonly string[], say: Say): Promise<number> {
  const missing = missingForPatroni()
  if (missing.length > 0) {
    say(`Missing here: ${missing.join(', ')}. On Debian: apt-get install patroni etcd-server haproxy postgresql`)
    return 1
  }
  // Replication is not cut: Patroni is asked what it does by itself.
  const run = (plan: Plan, tell: Say) => runTrial({ ...plan, cutFor: 0 }, tell, startPatroni)
  return runTrials(given, 2, say, run)
}
