/** Faults that do not keep an instance from serving, but that an operator must look at (docs/decisions/0019-ready-or-alarm.md). */
import { codesOf } from '@commitments/domain'
import { type Drift, hasDifferences } from './drift/drift.ts'
import { driftSentence } from './drift/report.ts'
import type { Refusal } from './transparency/refusals.ts'
import { alarmWords } from './words.ts'

export const alarmCodes = codesOf(alarmWords)

interface Alarm {
  readonly alarm: (typeof alarmCodes)[number]
  /** Whole sentences: what is wrong, and what to do. */
  readonly detail: string
}

export interface Alarms {
  readonly drift: Drift
  /** Why nothing is signed; null if that is not known: this instance signs, or another one does, and nothing is known against the log. */
  refused: () => Pick<Refusal, 'detail'> | null
  /** Whether something is known against the log, so that it takes no writes. */
  isHalted: () => boolean
  /** Why too few witnesses have cosigned; null if they are enough. */
  quorumMissing: () => string | null
}

/** As this instance last saw them. */
export function alarmsOf({ drift, refused, quorumMissing }: Alarms): Alarm[] {
  const alarms: Alarm[] = []
  const refusal = refused()
  const differs = driftSentence(drift)
  if (differs !== null) alarms.push({ alarm: 'served-differs', detail: differs })
  if (refusal !== null) alarms.push({ alarm: 'signing-refused', detail: refusal.detail })
  const missing = quorumMissing()
  if (missing !== null) alarms.push({ alarm: 'quorum-missing', detail: missing })
  return alarms
}

/** A header of every answer, so that readers see that something is wrong. */
export function alarmHeader({ drift, refused, quorumMissing }: Alarms): Record<string, string> {
  const codes: Alarm['alarm'][] = []
  if (hasDifferences(drift)) codes.push('served-differs')
  if (refused() !== null) codes.push('signing-refused')
  if (quorumMissing() !== null) codes.push('quorum-missing')
  return codes.length === 0 ? {} : { 'log-alarm': codes.join(', ') }
}
