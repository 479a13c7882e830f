/** Why a proposal is parked in a projection. */
import { codesOf, ImpossibleHistory } from '@commitments/domain'
import { parkedWords } from '../words.ts'

/** The event at `position` could not be applied, so the proposal is parked. */
export interface Parked {
  readonly position: number
  readonly code: ParkedCode
  /** A sentence for people, without data of other proposals. Rows of earlier releases have none. */
  readonly reason?: string | undefined
}

export const parkedCodes = codesOf(parkedWords)
export type ParkedCode = (typeof parkedCodes)[number]

/** The code for an error that a fold threw for an event. */
export function codeOf(error: unknown): 'impossible' | 'fault' {
  return error instanceof ImpossibleHistory ? 'impossible' : 'fault'
}

/** Why a proposal is parked, in words. */
export function parkedAt(position: number, code: ParkedCode, cause?: unknown): Parked {
  return { position, code, reason: reasonOf(code, cause) }
}

function reasonOf(code: ParkedCode, cause: unknown): string {
  switch (code) {
    case 'unreadable':
      return 'The line is not JSON, or its members contradict the columns of the log.'
    case 'impossible':
      return `The event cannot follow those before it: ${cause instanceof Error ? cause.message : 'it makes no proposal'}.`
    case 'unstorable':
      return 'The database refuses the row that the event makes.'
    case 'fault':
      return `The rules of this service fail on the event (${cause instanceof Error ? cause.name : typeof cause}). Its log has the details.`
    case 'too-costly':
      return 'To apply the event, with what went before it, takes more than the service has: it ended the process each time.'
    default:
      return code satisfies never
  }
}
