/**
 * How much one proposal may hold. Its state, its read models and whatever is worked out of its events are in memory as a whole at times,
 * in services that serve everybody else as well: what has no bound would let one proposal take the service from all.
 *
 * Each number is ten times what a large commitment of the real world comes to. Of events: a payment a week and a report a month over
 * fifteen years are 960; in lines of 800 bytes, which is what such events take, that is less than 800 KB. Of parties: a consortium of
 * fifty. Of links and of entries of a list: a hundred, as of a committee session with all that it led to. Of levels: programme and project,
 * with none between. What is larger than ten times that is several commitments: its parts are proposals of their own, with this one as
 * their parent. (Of our first portfolio the longest stream has 16 events and 18 KB, and no proposal more than four parties.)
 */
import type { EventBodyWithProposal, EventType } from './event-types.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, type RefusalCode, refused } from './refusals.ts'

export const bounds = {
  events: 10_000,
  /** Bytes of all lines of a proposal, as they stand in the log. */
  bytes: 8 * 1024 * 1024,
  /** Parties, and likewise parties that left. */
  parties: 500,
  /** What this proposal says that it is to others. */
  links: 1_000,
  /** Of funding lines, of pledges, of milestones, of contributions in kind: whatever is gone through at every step. */
  list: 1_000,
  /** Parents of parents. */
  depth: 20,
  /** What precedes what precedes …: a committee that has met twice a year for fifty years. */
  chain: 100,
} as const

/** Beyond the bounds there is room for what puts the record right, ends it, or says where it goes on. */
const reserve = { events: 1_000, bytes: 1024 * 1024 } as const

const mayUseReserve: ReadonlySet<EventType> = new Set([
  'corrected',
  'retracted',
  'contested',
  'contest-resolved',
  'evidence-attached',
  'ended',
  'closed',
  'linked',
  'unlinked',
])

const goOn = 'Record what follows on a proposal of its own, with this one as its parent.'

/** Refuses what would make of a proposal more than {@link bounds} allow, but for its bytes and its parents. */
export function withinBounds(proposal: Proposal | null, event: EventBodyWithProposal): Decision {
  if (proposal === null) return accepted
  const full = roomForEvent(proposal, event)
  return full.outcome === 'refused' ? full : roomInLists(proposal, event)
}

function roomForEvent({ version }: Proposal, { type }: EventBodyWithProposal): Decision {
  const atMost = bounds.events + (mayUseReserve.has(type) ? reserve.events : 0)
  if (version < atMost) return accepted
  const detail = `This proposal has ${version} events, and takes "${type}" up to ${atMost} only. ${goOn}`
  return refused('too-many-events', detail, { limit: atMost })
}

/** Each event adds one to a list at most. One that changes what is in a full list is not in its way. */
function roomInLists(proposal: Proposal, event: EventBodyWithProposal): Decision {
  const added = listOf(proposal, event)
  if (!added || added.length < added.atMost) return accepted
  const detail = `This proposal has ${added.length} ${added.what}, which is the most that one may have. ${goOn}`
  return refused(added.code, detail, { limit: added.atMost })
}

interface List {
  readonly what: string
  readonly length: number
  readonly atMost: number
  readonly code: RefusalCode
}

function list(what: string, { length }: readonly unknown[]): List {
  return { what, length, atMost: bounds.list, code: 'too-many-entries' }
}

function parties(what: string, { length }: readonly unknown[]): List {
  return { what, length, atMost: bounds.parties, code: 'too-many-parties' }
}

/** The list that an event of a type would add to; null where it changes what is there. */
const lists: Lists = {
  'party-joined': (proposal, { data }) =>
    proposal.parties.some(({ party }) => party === data.party) ? null : parties('parties', proposal.parties),
  'party-left': ({ formerParties }) => parties('parties that left', formerParties),
  linked: ({ links }) => ({ what: 'links', length: links.length, atMost: bounds.links, code: 'too-many-links' }),
  funded: ({ lines }) => list('funding lines', lines),
  pledged: ({ pledges }, { data }) =>
    pledges.some(({ pledge }) => pledge === data.pledge) ? null : list('pledges', pledges),
  'milestone-planned': ({ milestones }) => list('milestones', milestones),
  'milestone-reached': ({ milestones }, { data }) =>
    milestones.some(({ milestone }) => milestone === data.milestone) ? null : list('milestones', milestones),
  'contributed-in-kind': ({ inKind }) => list('contributions in kind', inKind),
}

type Lists = {
  readonly [Type in EventType]?: (
    proposal: Proposal,
    event: Extract<EventBodyWithProposal, { type: Type }>,
  ) => List | null
}

function listOf(proposal: Proposal, event: EventBodyWithProposal): List | null {
  const added = lists[event.type] as ((before: Proposal, added: EventBodyWithProposal) => List | null) | undefined
  return added?.(proposal, event) ?? null
}

/**
 * Refuses an event whose line would make a proposal larger than {@link bounds} allow.
 *
 * @param held bytes of the lines that the proposal has
 * @param added bytes of the line of the event
 */
export function roomForBytes(type: EventType, held: number, added: number): Decision {
  const atMost = bounds.bytes + (mayUseReserve.has(type) ? reserve.bytes : 0)
  if (held + added <= atMost) return accepted
  const detail = `The events of this proposal take ${held} bytes, and this one ${added}; "${type}" is taken up to ${atMost} in all. ${goOn}`
  return refused('proposal-too-large', detail, { limit: atMost, bytes: held })
}
