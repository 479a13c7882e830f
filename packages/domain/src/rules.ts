import { type Day, type When, whollyInFuture } from './dates.ts'
import type { Proposal } from './proposal.ts'
import { accepted, type Decision, refused } from './refusals.ts'

/** The first refusal of several rules, in their order; accepted where all accept. */
export function firstRefusal(...rules: (() => Decision)[]): Decision {
  for (const rule of rules) {
    const decision = rule()
    if (decision.outcome === 'refused') return decision
  }
  return accepted
}

/** Refuses the first of some ids that is not a party of the proposal. */
export function strangerAmong({ parties }: Proposal, ids: readonly string[]): Decision {
  const stranger = ids.find((id) => !parties.some(({ party }) => party === id))
  if (stranger === undefined) return accepted
  const known = parties.map(({ party }) => party)
  return refused('not-a-party', `"${stranger}" is not a party of this proposal. Its parties are ${known.join(', ')}.`, {
    parties: known,
  })
}

/** Refuses a date of something that happened, where no possible day of it has come yet. */
export function notInFuture(member: string, when: When | null | undefined, futureBegins: Day): Decision {
  if (!whollyInFuture(when ?? null, futureBegins)) return accepted
  const detail = `${member} is ${when}, which has not come yet. It may be any date that begins before ${futureBegins}, or null where it is unknown.`
  return refused('in-the-future', detail, { member, futureBegins })
}
