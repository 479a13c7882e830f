/** Which events are probably possible now. The service decides; this only orders the choice. */
import type { EventTypes } from '@commitments/client'
import type { Status } from '../proposal/status.ts'

export type EventType = EventTypes['eventTypes'][number]

export function isPossible({ from }: EventType, status: Status): boolean {
  return isAccepted(from.accepts, status) && (needs[from.text]?.(status) ?? true)
}

function isAccepted(accepts: EventType['from']['accepts'], { ending, stage, suspended }: Status): boolean {
  if (accepts === 'new') return false
  if (accepts === 'any') return true
  return ending === null && stage !== 'closed' && (accepts === 'open' || !suspended)
}

const hasMoney = ({ lines }: Status) => lines.length > 0
const wasAgreed = ({ stage, history }: Status) => stage !== 'proposed' || history.agreed !== null

/** Of the texts that say from which states an event is possible, those that need more than an open proposal. */
export const needs: Readonly<Record<string, (status: Status) => boolean>> = {
  suspended: ({ suspended }) => suspended,
  delivered: ({ stage }) => stage === 'delivered',
  'agreed, funded': ({ stage }) => stage === 'agreed' || stage === 'funded',
  'agreed, funded, delivered': wasAgreed,
  'any, funded': hasMoney,
  'open, funded': hasMoney,
  'open, agreed': wasAgreed,
  'ended, closed': ({ ending, stage }) => ending !== null || stage === 'closed',
  'proposed, or delivered without it': ({ stage, history }) =>
    stage === 'proposed' || (stage === 'delivered' && history.agreed === null),
  'sessions, open': ({ kind }) => kind === 'committee-session',
}
