import { Day, instantOf, type Moment, type Proposal, proposalAt, type RecordedEvent } from '@commitments/domain'
import { CannotCheck } from '../verdict.ts'

/** The moment on a command line. @throws CannotCheck if it is not valid */
export function momentOf(given: { asOf?: string; knownAt?: string; knownAtPosition?: number }): Moment {
  const { asOf, knownAt, knownAtPosition } = given
  if (asOf !== undefined && !Day.safeParse(asOf).success)
    throw new CannotCheck(`${JSON.stringify(asOf)} is no day such as 2024-01-01`)
  if (knownAt !== undefined && instantOf(knownAt) === null)
    throw new CannotCheck(`${JSON.stringify(knownAt)} is no instant such as 2024-03-01T00:00:00Z`)
  return { asOf, knownAt, knownAtPosition }
}

/** The state of a stream at a moment; if the stream cannot be folded to its end, the state before that. */
export function stateAt(events: readonly RecordedEvent[], moment: Moment, timeZone: string): Proposal | null {
  for (let known = events; known.length > 0; known = known.slice(0, -1)) {
    try {
      return proposalAt(known, moment, timeZone)
    } catch {
      // The service parks a proposal at an event that cannot follow, and shows the state before it.
    }
  }
  return null
}
