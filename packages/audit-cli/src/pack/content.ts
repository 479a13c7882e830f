import { type Day, type Evidence, type RecordedEvent, type Status, statusOf } from '@commitments/domain'
import { foldAll } from '../status/fold.ts'

/** The part of a pack that is not lines and proofs: everything derived from them, and when and how it was made. */
export interface About {
  /** The version of the pack format. */
  readonly form: 2
  readonly proposalId: string
  readonly madeAt: string
  readonly timeZone: string
  /** The day for which the status is valid. */
  readonly day: Day
  /** What was checked over the whole log when the pack was made, in sentences. */
  readonly checked: readonly string[]
}

/** One piece of evidence, and the event that cites it. */
export interface CitedEvidence extends Evidence {
  readonly position: number
  readonly version: number
  readonly type: string
}

/** Every piece of evidence, in the order of the events. */
export function evidenceOf(events: readonly RecordedEvent[]): CitedEvidence[] {
  return events.flatMap(({ position, version, type, evidence = [] }) =>
    evidence.map((one) => ({ position, version, type, ...one })),
  )
}

/** The status that the events give on the day of the pack; null if they give none. */
export function statusIn(events: readonly RecordedEvent[], { day, timeZone }: About): Status | null {
  const { proposal } = foldAll(events, timeZone)
  return proposal && statusOf(proposal, day, timeZone)
}

/** What everything else in a pack is made from. */
export interface PackContent {
  readonly about: About
  readonly events: readonly RecordedEvent[]
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string }
  readonly vkeys: readonly string[]
}
