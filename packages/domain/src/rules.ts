import { type Day, type When, whollyInFuture } from './dates.ts'
import type { World } from './define-event.ts'
import { profiles } from './kinds.ts'
import { endsBeforeStart } from './period.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, refused } from './refusals.ts'

/** The first refusal of several rules, in their order; accepted if all rules accept. */
export function firstRefusal(...rules: (() => Decision)[]): Decision {
  for (const rule of rules) {
    const decision = rule()
    if (decision.outcome === 'refused') return decision
  }
  return accepted
}

/** Refuses the first id that is not a party of the proposal. */
export function requireParties({ parties }: Proposal, ids: readonly string[]): Decision {
  const unknown = ids.find((id) => !parties.some(({ party }) => party === id))
  if (unknown === undefined) return accepted
  const known = parties.map(({ party }) => party)
  return refused('not-a-party', `"${unknown}" is not a party of this proposal. Its parties are ${known.join(', ')}.`, {
    parties: known,
  })
}

/** Refuses a date of something that has happened if all its possible days are in the future. */
export function notInFuture(member: string, when: When | null | undefined, futureBegins: Day): Decision {
  if (!whollyInFuture(when ?? null, futureBegins)) return accepted
  const detail = `${member} is ${when}, which is in the future. Give a date that begins before ${futureBegins}, or null if it is unknown.`
  return refused('in-the-future', detail, { member, futureBegins })
}

/** Refuses an event that needs an agreement if there is none. A delivered session may have none. */
export function somethingAgreed({ history }: Proposal): Decision {
  if (history.agreed !== null) return accepted
  return refused('not-agreed', 'This proposal has no agreement yet. Record this event after "agreed".')
}

/** Refuses planned dates that contradict each other. */
export function datesInOrder({ start, end }: { start: When | null; end: When | null }): Decision {
  if (!endsBeforeStart({ start, end })) return accepted
  const detail = `It would start in ${start} and end in ${end}. Give a start and an end that are possible together.`
  return refused('ends-before-start', detail, { start, end })
}

/** Refuses the first id that is not the id of another proposal. */
export function unknownAmong(
  ids: readonly string[],
  { proposalId }: { proposalId: string },
  world: World,
  what = 'An agenda item leads to',
): Decision {
  const unknown = ids.find((other) => other === proposalId || world.find(other) === null)
  if (unknown === undefined) return accepted
  const detail = `${what} "${unknown}", which is not recorded. It must be another recorded proposal.`
  return refused('unknown-related-proposal', detail)
}

/** Refuses an event number that this proposal does not have. */
export function knownEvent({ version }: Proposal, event: number): Decision {
  if (event <= version) return accepted
  return refused('unknown-version', `This proposal has no event ${event}. Its events are 1 to ${version}.`, { version })
}

/** Refuses to reread the record of an erasure: texts that are gone do not come back, and it stays on record why. */
export function noErasure({ proposalId }: Proposal, events: readonly number[], world: World): Decision {
  const history = world.history()
  const version = events.find((event) => history[event - 1]?.type === 'erased')
  if (version === undefined) return accepted
  const detail = `Event ${version} of ${proposalId} records that texts were erased, and stays as it is. Leave it out.`
  return refused('erasure-stands', detail, { version })
}

/** Refuses an event without evidence, with nothing but somebody's word. */
export function proven({ evidence = [] }: { evidence?: readonly unknown[] | undefined }, what: string): Decision {
  if (evidence.length > 0) return accepted
  return refused('needs-evidence', `${what} Give at least one piece of evidence.`)
}

/** Refuses an agenda on a proposal that is not a session. */
export function isSession({ kind }: Proposal): Decision {
  if (profiles[kind].session) return accepted
  const detail = `A proposal of kind ${kind} has no agenda. Only committee sessions, forums and working meetings have one.`
  return refused('not-a-session', detail)
}
