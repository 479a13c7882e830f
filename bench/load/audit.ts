import { CannotCheck, verify } from '@commitments/audit-cli'
import { doJob } from '../lib/job.ts'

/** The input of the auditor's command: where the lines are, and the key that the service requires. */
export interface AuditJob {
  readonly source: string
  readonly apiKey: string
}

export interface Audited {
  /** The verdict's sentence. */
  readonly sentence: string
  readonly outcome: string
  readonly lines: number
  readonly seconds: number
  /** User and system time of this process. */
  readonly cpuSeconds: number
  /** Bytes. */
  readonly peakMemory: number
}

doJob(async ({ source, apiKey }: AuditJob): Promise<Audited> => {
  const [began, used] = [performance.now(), process.cpuUsage()]
  const verdict = await verify({ source, apiKey, status: false }).catch(unchecked)
  const { user, system } = process.cpuUsage(used)
  const { sentence, outcome, subject } = verdict
  const seconds = (performance.now() - began) / 1000
  const peakMemory = process.resourceUsage().maxRSS * 1024
  return { sentence, outcome, lines: Number(subject['lines']), seconds, cpuSeconds: (user + system) / 1e6, peakMemory }
})

function unchecked(error: unknown) {
  if (!(error instanceof CannotCheck)) throw error
  return { sentence: error.message, outcome: 'could-not-be-checked', subject: { lines: 0 } }
}
