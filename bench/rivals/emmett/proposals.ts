import {
  type Decision,
  decide,
  type EventBodyWithProposal,
  evolve,
  futureBegins,
  type Proposal,
  type RecordedEvent,
} from '@commitments/domain'
import type { Event, ReadEvent } from '@event-driven-io/emmett'

/**
 * What Emmett stores of an event: its `type` separately, and as `data` everything that we record except what Emmett knows itself (stream,
 * version, id).
 */
export type ProposalEvent = Event<string, ProposalEventData>

export type ProposalEventData = Omit<EventBodyWithProposal, 'type'> & {
  schemaVersion: number
  recordedAt: string
  recordedBy: string
}

/** Only the fold: Emmett's state of a stream is our state. It is wrapped, because Emmett's states must not be null. */
export interface State {
  proposal: Proposal | null
}

/** The product's default. */
const timeZone = 'Asia/Ho_Chi_Minh'

export const initialState = (): State => ({ proposal: null })

/** Folds with the domain's own `evolve`. An event that is being appended has no position yet; the fold of these four events needs none. */
export function evolveState(state: State, event: ProposalEvent | ReadEvent<ProposalEvent>): State {
  return { proposal: evolve(state.proposal, recorded(event, (state.proposal?.version ?? 0) + 1), timeZone) }
}

/** Decides with the domain's own rules. `find` is never needed: no proposal of the load refers to another. */
export function decideOn(state: State, body: EventBodyWithProposal): Decision {
  const now = new Date()
  const world = {
    futureBegins: futureBegins(now),
    now: now.toISOString(),
    timeZone,
    find: () => null,
    history: () => [],
  }
  return decide(state.proposal, body, world)
}

/** The event to append for an accepted body. */
export function eventOf(body: EventBodyWithProposal, recordedBy: string): ProposalEvent {
  const { type, ...rest } = body
  return {
    type,
    data: { ...rest, schemaVersion: 1, recordedAt: new Date().toISOString(), recordedBy },
  }
}

function recorded(event: ProposalEvent | ReadEvent<ProposalEvent>, version: number): RecordedEvent {
  const metadata = 'metadata' in event ? event.metadata : undefined
  const place = metadata as { messageId?: string; globalPosition?: bigint } | undefined
  return {
    ...event.data,
    type: event.type,
    version,
    position: Number(place?.globalPosition ?? 0n),
    eventId: place?.messageId ?? '',
    nonce: '',
  } as unknown as RecordedEvent
}
