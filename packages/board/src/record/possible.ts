/** Which events are probably possible now. The service decides; this only orders the choice. */
import type { EventTypes } from '@commitments/client'
import type { Status } from '../proposal/status.ts'

export type EventType = EventTypes['eventTypes'][number]

type Profile = EventTypes['kinds'][number]

export function isPossible({ from }: EventType, status: Status, kinds: readonly Profile[]): boolean {
  if (!isAccepted(from.accepts, status)) return false
  const profile = kinds.find(({ kind }) => kind === status.kind)
  return profile === undefined || (needs[from.text]?.(status, profile) ?? true)
}

function isAccepted(accepts: EventType['from']['accepts'], { ending, stage, suspended }: Status): boolean {
  if (accepts === 'new') return false
  if (accepts === 'any') return true
  return ending === null && stage !== 'closed' && (accepts === 'open' || !suspended)
}

const hasMoney = ({ lines }: Status) => lines.length > 0
const wasAgreed = ({ history }: Status) => history.agreed !== null

/** Of the texts that say from which states an event is possible, those that need more than an open proposal. */
export const needs: Readonly<Record<string, (status: Status, profile: Profile) => boolean>> = {
  suspended: ({ suspended }) => suspended,
  delivered: ({ stage }) => stage === 'delivered',
  'agreed, funded': ({ stage }) => stage === 'agreed' || stage === 'funded',
  'agreed, funded, delivered': (status, { funding }) => funding !== 'none' && wasAgreed(status),
  'as the profile of the kind says: proposed, agreed or funded': ({ stage }, { deliveredAfter }) =>
    deliveredAfter.includes(stage),
  'any, funded': hasMoney,
  'open, funded': hasMoney,
  'open, agreed': wasAgreed,
  'ended, closed': ({ ending, stage }) => ending !== null || stage === 'closed',
  'proposed, or delivered without it': ({ stage, history }) =>
    stage === 'proposed' || (stage === 'delivered' && history.agreed === null),
  'sessions, open': (_, { session }) => session,
}
