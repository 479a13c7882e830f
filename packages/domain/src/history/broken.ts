import type { World } from '../define-event.ts'
import type { EventBodyWithProposal, RecordedEvent } from '../event-types.ts'
import { ImpossibleHistory } from '../evolve.ts'
import type { Proposal } from '../proposal.ts'
import type { Decision, RefusalCode } from '../refusals.ts'
import { reread } from './effective.ts'
import { readInOrder } from './fold.ts'
import { rereadingOf } from './rereading.ts'

/** An event of a stream that, as the stream is understood now, would be refused at its place. */
export interface Broken {
  readonly version: number
  readonly type: string
  /** Why it would be refused. */
  readonly code: RefusalCode
  readonly detail: string
}

/** How an event is judged: `decide`. It comes in as an argument because it judges corrections by this module. */
export type Judge = (proposal: Proposal | null, event: EventBodyWithProposal, world: World) => Decision

/**
 * The events of a stream that are broken: reading the stream as it is understood now, their own rules refuse them at their place. Other
 * proposals are looked at as they stand now.
 *
 * A corrected event may name what was recorded up to now. Where its correction names a funding line, a milestone … that came later, its
 * place is where that thing is there (see `readInOrder`); parties, pledges and versions of events that came later are taken to be known at
 * its own place.
 */
export function brokenEvents(stream: readonly RecordedEvent[], world: World, judge: Judge): readonly Broken[] {
  const rereading = rereadingOf(stream)
  const events = reread(stream, rereading)
  const laterKnowledge = once(() => everKnown(stream.length, events))
  const broken: Broken[] = []
  const judgeOne = (event: RecordedEvent, before: Proposal | null) => {
    const state = before && atItsPlace(before, event)
    const replay = worldOfReplay(world, state)
    let decision = judge(state, event, replay)
    if (decision.outcome === 'refused' && state && rereading.corrections.has(event.version)) {
      decision = judge(knowing(state, laterKnowledge()), event, replay)
    }
    if (decision.outcome === 'refused') broken.push(brokenBy(event, decision))
  }
  const { proposal, waiting } = readInOrder(events, judgeOne)
  for (const event of waiting) {
    const known = broken.length
    judgeOne(event, proposal)
    // A rule that accepts what the fold cannot take would let a stream into the log that nobody can read.
    if (broken.length === known) throw new ImpossibleHistory('nothing-there', event)
  }
  return broken.toSorted((a, b) => a.version - b.version)
}

function brokenBy(
  { version, type }: RecordedEvent,
  { code, detail }: Extract<Decision, { outcome: 'refused' }>,
): Broken {
  return { version, type, code, detail }
}

/** Versions that were left out are versions nevertheless: what was retracted is still in the record, and may be contested. */
function atItsPlace(before: Proposal, { version }: RecordedEvent): Proposal {
  return { ...before, version: version - 1 }
}

/** A rule that comes by its own proposal on the way through others must find it as it was then. */
function worldOfReplay(world: World, before: Proposal | null): World {
  return {
    futureBegins: world.futureBegins,
    find: (proposalId) => (proposalId === before?.proposalId ? before : world.find(proposalId)),
    history: () => world.history(),
  }
}

interface Knowledge extends Pick<Proposal, 'version' | 'parties' | 'pledges'> {}

/** All that was ever there in a stream, of what an event can name without changing it. */
function everKnown(version: number, events: readonly RecordedEvent[]): Knowledge {
  const parties = new Map<string, Proposal['parties'][number]>()
  const pledges = new Map<string, Proposal['pledges'][number]>()
  const note = (proposal: Proposal | null) => {
    for (const party of proposal?.parties ?? []) parties.set(party.party, party)
    for (const pledge of proposal?.pledges ?? []) pledges.set(pledge.pledge, pledge)
  }
  const { proposal } = readInOrder(events, (_event, before) => note(before))
  note(proposal)
  return { version, parties: [...parties.values()], pledges: [...pledges.values()] }
}

function knowing(before: Proposal, { version, parties, pledges }: Knowledge): Proposal {
  return {
    ...before,
    version,
    parties: [
      ...before.parties,
      ...parties.filter(({ party }) => before.parties.every((known) => known.party !== party)),
    ],
    pledges: [
      ...before.pledges,
      ...pledges.filter(({ pledge }) => before.pledges.every((known) => known.pledge !== pledge)),
    ],
  }
}

function once<Value>(make: () => Value): () => Value {
  let value: { readonly made: Value } | undefined
  return () => (value ??= { made: make() }).made
}
