import { Day, instantOf, type Moment, type Proposal, proposalAt, type RecordedEvent } from '@commitments/domain'
import { CannotCheck } from '../verdict.ts'

/** The moment that a command line names. @throws CannotCheck where it names none */
export function momentOf(given: { asOf?: string; knownAt?: string; knownAtPosition?: number }): Moment {
  const { asOf, knownAt, knownAtPosition } = given
  if (asOf !== undefined && !Day.safeParse(asOf).success)
    throw new CannotCheck(`${JSON.stringify(asOf)} is no day such as 2024-01-01`)
  if (knownAt !== undefined && instantOf(knownAt) === null)
    throw new CannotCheck(`${JSON.stringify(knownAt)} is no instant such as 2024-03-01T00:00:00Z`)
  return { asOf, knownAt, knownAtPosition }
}

/** What a stream comes to at a moment; of one that cannot be folded to its end, as much as can be. */
export function stateAt(events: readonly RecordedEvent[], moment: Moment, timeZone: string): Proposal | null {
  for (let known = events; known.length > 0; known = known.slice(0, -1)) {
    try {
      return proposalAt(known, moment, timeZone)
    } catch {
      // The service parks a proposal at an event that cannot follow, and shows what was before it.
    }
  }
  return null
}
