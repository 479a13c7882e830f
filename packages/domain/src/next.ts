import { whollyInFuture } from './dates.ts'
import type { Acceptance, EventDefinition, World } from './define-event.ts'
import { definitionOf, type EventBodyWithProposal } from './event-types.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, refused } from './refusals.ts'
import { withinBounds } from './room.ts'
import { firstRefusal, notInFuture } from './rules.ts'
import { inCurrencyOfItsTime } from './withdrawn-currency.ts'

/**
 * Whether an event may be recorded next on a state: the rules that all events share, then the event's own. It does not check whether the
 * event counts last, or how it changes the rest of the record.
 */
export function decideNext(proposal: Proposal | null, event: EventBodyWithProposal, world: World): Decision {
  const definition = definitionOf(event.type)
  if (!definition) throw new TypeError(`Not an event type: ${event.type}`)
  const standing = mayBeRecorded(proposal, event, world)
  return standing.outcome === 'refused' ? standing : definition.decide(proposal, event, world)
}

/** The rules that all events share. */
export function mayBeRecorded(proposal: Proposal | null, event: EventBodyWithProposal, world: World): Decision {
  const definition = definitionOf(event.type) as EventDefinition
  return firstRefusal(
    () => acceptsNow(definition.accepts, proposal, event),
    () => canHaveHappened(definition, event, world),
    () => withinBounds(proposal, event),
    () => inCurrencyOfItsTime(proposal, event),
  )
}

function acceptsNow(
  accepts: Acceptance,
  proposal: Proposal | null,
  { proposalId, type }: EventBodyWithProposal,
): Decision {
  if (accepts === 'new') return proposal === null ? accepted : alreadyProposed(proposal)
  if (proposal === null) {
    return refused(
      'unknown-proposal',
      `There is no proposal "${proposalId}". Its first event is "proposed", not "${type}".`,
    )
  }
  return accepts === 'any' ? accepted : whileOpen(proposal, accepts)
}

function alreadyProposed({ proposalId, version, stage }: Proposal): Decision {
  const detail = `The id "${proposalId}" belongs to a proposal that is ${stage}, at version ${version}. A new proposal needs a new id.`
  return refused('already-proposed', detail, { version })
}

function whileOpen({ ending, stage, suspended }: Proposal, accepts: 'open' | 'active'): Decision {
  if (ending !== null)
    return refused('ended', `This proposal has ended (${ending}). Reopen it before you record this event.`)
  if (stage === 'closed') return refused('closed', 'This proposal is closed. Reopen it before you record this event.')
  if (!suspended || accepts === 'open') return accepted
  return refused('suspended', 'This proposal is suspended. Resume it before you agree, fund or deliver it.')
}

function canHaveHappened(
  { happens }: EventDefinition,
  event: EventBodyWithProposal,
  { futureBegins }: World,
): Decision {
  const happened = happens ? notInFuture('occurredOn', event.occurredOn, futureBegins) : accepted
  if (happened.outcome === 'refused' || !event.evidence) return happened
  const unpublished = event.evidence.find(({ publishedOn }) => whollyInFuture(publishedOn ?? null, futureBegins))
  return unpublished ? notInFuture('evidence.publishedOn', unpublished.publishedOn, futureBegins) : accepted
}
