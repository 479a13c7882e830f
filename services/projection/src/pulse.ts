/**
 * What the follower of a ledger looks at, in one statement, so that projectors, signer, webhooks, alarms and the comparison ask nothing
 * themselves while nothing happens. Whatever one of them would find by asking is in it: of rows that somebody may change in place, the
 * number of the transaction that wrote them (`xmin`).
 */
import { type Follower, nextWithin, pause } from '@commitments/event-store'
import type { QueryConfig } from 'pg'
import { dueWebhooks } from './webhooks/claims.ts'

/** Nobody reads the members that are not named here: a change of any of them wakes those who follow. */
export interface Pulse {
  /** Of the last event; 0: there is none. */
  readonly position: number
  /** Why the log takes no writes, in whole sentences; null if it takes them. */
  readonly halt: string | null
  /** Changes with what is known about differences, with the live generations, and with a round of comparison that is asked for. */
  readonly drift: string | null
}

const live = `(SELECT string_agg(generation::text, ' ' ORDER BY generation) FROM projection_generations WHERE state = 'live')`
const logId = '(SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)'

export const pulseQuery: QueryConfig = {
  name: 'read-pulse',
  text: `SELECT ${logId} AS log, coalesce((SELECT position FROM events ORDER BY position DESC LIMIT 1), 0) AS position,
      (SELECT concat_ws(' ', event_id, xmin) FROM events ORDER BY position DESC LIMIT 1) AS head,
      ${live} AS live,
      (SELECT xmin::text FROM log_tree) AS tree,
      (SELECT string_agg(concat_ws(' ', size, xmin), ' ' ORDER BY log_id, size) FROM log_checkpoints) AS checkpoints,
      (SELECT string_agg(xmin::text, ' ' ORDER BY log_id, size, witness) FROM log_cosignatures) AS cosignatures,
      (SELECT string_agg(concat_ws(' ', source, xmin), ' ' ORDER BY source) FROM log_halts WHERE log_id = ${logId}) AS halts,
      (SELECT detail FROM log_halts WHERE log_id = ${logId} ORDER BY source DESC LIMIT 1) AS halt,
      (SELECT concat_ws(' ', count(*), max(seen_at), (SELECT string_agg(projection, ' ' ORDER BY projection) FROM drift_rounds WHERE is_asked),
          ${live}, (SELECT xmin FROM log_halts WHERE log_id = ${logId} AND source = 'lines')) FROM projection_drift) AS drift,
      ${dueWebhooks} AS webhooks`,
}

/** A pause of the comparison, which is not woken by each event. */
export function restUntilDrift(follower: Pick<Follower<Pulse>, 'seen' | 'listener'>) {
  const listener = follower.listener()
  return async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    const until = performance.now() + milliseconds
    const before = follower.seen?.drift
    while (!signal.aborted && follower.seen?.drift === before) {
      const left = until - performance.now()
      if (left <= 0) return
      if ((await nextWithin(listener, left, signal)) === 'closed') await pause(left, signal)
    }
  }
}
