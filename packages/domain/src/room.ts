import { bounds } from './bounds.ts'
import type { EventBodyWithProposal, EventType } from './event-types.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, type RefusalCode, refused } from './refusals.ts'

/** Above the bounds, there is reserved room for events that correct or end the record, or say where it continues. */
const reserve = { events: 1_000, bytes: 1024 * 1024 } as const

const mayUseReserve: ReadonlySet<string> = new Set([
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

const goOn = 'Record further events on a new proposal, with this one as its parent.'

/** Refuses an event that would exceed {@link bounds}, except for bytes and parents, which are checked elsewhere. */
export function withinBounds(proposal: Proposal | null, event: EventBodyWithProposal): Decision {
  if (proposal === null) return accepted
  const full = roomForEvent(proposal, event)
  return full.outcome === 'refused' ? full : roomInLists(proposal, event)
}

function roomForEvent({ version }: Proposal, { type }: EventBodyWithProposal): Decision {
  const atMost = bounds.events + (mayUseReserve.has(type) ? reserve.events : 0)
  if (version < atMost) return accepted
  const detail = `This proposal has ${version} events; "${type}" is accepted only up to ${atMost}. ${goOn}`
  return refused('too-many-events', detail, { limit: atMost })
}

/** Each event adds at most one member to a list. An event that changes a member of a full list is accepted. */
function roomInLists(proposal: Proposal, event: EventBodyWithProposal): Decision {
  const added = listOf(proposal, event)
  if (!added || added.length < added.atMost) return accepted
  const detail = `This proposal has ${added.length} ${added.what}, which is the maximum. ${goOn}`
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

/** The list to which an event of this type would add a member; null if it changes an existing one. */
const lists: Lists = {
  'party-joined': (proposal, { data }) =>
    proposal.parties.some(({ party }) => party === data.party) ? null : parties('parties', proposal.parties),
  'party-left': ({ formerParties }) => parties('parties that left', formerParties),
  'party-renamed': ({ renamings = [] }) => list('renamings', renamings),
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
  const added = lists[event.type as EventType] as
    | ((before: Proposal, added: EventBodyWithProposal) => List | null)
    | undefined
  return added?.(proposal, event) ?? null
}

/**
 * Refuses an event whose line would make a proposal larger than {@link bounds} allow.
 *
 * @param held bytes of the proposal's lines so far
 * @param added bytes of the event's line
 */
export function roomForBytes(type: string, held: number, added: number): Decision {
  const atMost = bounds.bytes + (mayUseReserve.has(type) ? reserve.bytes : 0)
  if (held + added <= atMost) return accepted
  const detail = `The events of this proposal take ${held} bytes, and this one takes ${added}; "${type}" is accepted up to ${atMost} in total. ${goOn}`
  return refused('proposal-too-large', detail, { limit: atMost, bytes: held })
}
