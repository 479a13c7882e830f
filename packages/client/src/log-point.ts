import { ContractBroken } from './errors.ts'
import type { LogPoint } from './types.ts'

/** The position up to which an answer has seen the log, and which log. */
export function logPointOf({ headers }: Response): LogPoint {
  const position = headers.get('Log-Position')
  const logId = headers.get('Log-Id')
  if (position === null || !/^\d{1,15}$/.test(position) || logId === null) {
    throw new ContractBroken('The answer does not say how far in which log it has seen.')
  }
  return { position: Number(position), logId }
}

/** What a read must have seen: a position, or the answer of an earlier call, which also knows its log. */
export type AtLeast = number | LogPoint

/** `atLeast` as a query, and the log of the position, if it is known. */
export function atLeastOf(given: AtLeast | undefined): { query: { atLeast?: number }; logId?: string } {
  if (given === undefined) return { query: {} }
  if (typeof given === 'number') return { query: { atLeast: given } }
  return { query: { atLeast: given.position }, logId: given.logId }
}
