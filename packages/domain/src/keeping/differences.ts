/** Each member of a wish beside the record: the events that would make up for what differs, and what none makes up for. */
import { difference } from '../accounts.ts'
import { revisedAgenda } from '../agenda.ts'
import type { EventData } from '../event-types.ts'
import { isSame } from '../lists.ts'
import { toMinorUnits } from '../money.ts'
import type { Proposal } from '../proposal.ts'
import { linkOf, parentsOf } from '../relations.ts'
import {
  changedTexts,
  differing,
  differingSets,
  Found,
  isLater,
  isSameAmount,
  type NotPlanned,
  type Step,
} from './found.ts'
import { plannedEvents } from './plannable.ts'
import type { Wish, Wished } from './wish.ts'

interface Differences {
  /** In the order in which they are tried. */
  readonly steps: readonly Step[]
  readonly notPlanned: readonly NotPlanned[]
}

type Given<Member extends keyof Wished> = Exclude<Wished[Member], undefined>
type Item<Member extends keyof Wished> = Given<Member> extends readonly (infer One)[] ? One : never
type Compare<Value> = (found: Found, proposal: Proposal, wished: Value, path: string) => void

/** How each member of a wish is compared with the record. */
const comparisons: { readonly [Member in keyof Required<Wished>]: Compare<Given<Member>> } = {
  title: (found, { title }, wished, path) => compareText(found, 'title', title, wished, path),
  summary: (found, { summary }, wished, path) => compareText(found, 'summary', summary, wished, path),
  kind: (found, { kind }, wished, path) => found.otherwise(differing(kind, wished, path), 1),
  parties: each(compareParty),
  fields(found, { fields }, wished, path) {
    for (const one of differingSets(fields, wished, path)) found.step(one, 'updated', { fields: wished })
  },
  parent: compareParent,
  links: each(compareLink),
  planned: comparePlanned,
  requestedFunding(found, { requested }, wished, path) {
    for (const one of differing(requested, wished, path)) found.step(one, 'updated', { requestedFunding: wished })
  },
  agenda(found, { agenda: present }, wished, path) {
    if (!isSame(revisedAgenda(present, wished), present)) found.step({ path, present, wished }, 'agenda-set', wished)
  },
  proposed: (found, { history }, wished, path) => found.otherDate(path, history.proposed, wished),
  agreed: compareAgreed,
  pledges: each(comparePledge),
  lines: each(compareLine),
  tranches: each(compareTranche),
  transactions: each(compareTransaction),
  milestones: each(compareMilestone),
  started(found, { delivery: { started: present } }, wished, path) {
    if (present === null) found.step({ path, present, wished }, 'started', {}, wished)
    else found.otherDate(path, present, wished)
  },
  delivered: compareDelivered,
  closed(found, { stage: present, stageHistory }, wished, path) {
    const last = present === 'closed' ? stageHistory.findLast(({ stage }) => stage === 'closed') : undefined
    if (last === undefined) found.step({ path, present, wished }, 'closed', {}, wished)
    else found.otherDate(path, last, wished)
  },
  ended: compareEnded,
  suspended(found, { suspended: present }, wished, path) {
    if (present === wished) return
    found.withReason({ path, present, wished }, wished ? 'suspended' : 'resumed', (reason) => ({ reason }))
  },
}

/** The differences between a proposal and a wish, in an order that depends on nothing else. */
export function differencesOf(proposal: Proposal, wish: Wish): Differences {
  const found = new Found(wish)
  for (const [member, compare] of Object.entries(comparisons)) {
    const wished = wish.wished[member as keyof Wished]
    if (wished !== undefined) (compare as Compare<unknown>)(found, proposal, wished, `wished.${member}`)
  }
  const { steps, notPlanned } = found
  return { steps: steps.toSorted((a, b) => rankOf(a) - rankOf(b)), notPlanned }
}

const ranks = new Map(Object.keys(plannedEvents).map((type, rank) => [type, rank]))

function rankOf({ type }: Step): number {
  return ranks.get(type) ?? ranks.size
}

/** Compares each thing of a list. */
function each<One>(compare: Compare<One>): Compare<readonly One[]> {
  return (found, proposal, wished, path) => {
    for (const [index, one] of wished.entries()) compare(found, proposal, one, `${path}.${index}`)
  }
}

function compareText(
  found: Found,
  member: 'title' | 'summary',
  present: Proposal['title'] | null,
  wished: Proposal['title'],
  path: string,
) {
  const changed = changedTexts(present, wished)
  if (changed) found.step({ path, present, wished }, 'updated', { [member]: changed })
}

function compareParty(found: Found, proposal: Proposal, wished: Item<'parties'>, path: string) {
  const { party, left } = wished
  const present = proposal.parties.find((known) => known.party === party)
  if (!left) compareMember(found, proposal, present, wished, path)
  else if (present) {
    found.withReason({ path, present, wished }, 'party-left', (reason) => ({ party, reason }))
  }
}

function compareMember(
  found: Found,
  { renamings = [] }: Proposal,
  present: Proposal['parties'][number] | undefined,
  wished: Item<'parties'>,
  path: string,
) {
  const { party, country, group, roles = [] } = wished
  const name = changedTexts(present?.name, wished.name)
  if (present === undefined) {
    const given = { name: wished.name, country, group }
    const known = Object.entries(given).filter(([, value]) => value !== undefined)
    found.step({ path, present, wished }, 'party-joined', { party, ...Object.fromEntries(known), roles })
    return
  }
  // A name that an organisation got in all proposals is not taken back by a system that has not noticed.
  const version = renamings.findLast((renaming) => renaming.party === party)?.version
  if (version !== undefined) found.otherwise(differing(present.name, name, `${path}.name`), version)
  if (present.country !== undefined) found.otherwise(differing(present.country, country, `${path}.country`))
  found.otherwise(differing(present.group ?? false, group, `${path}.group`))
  const more = {
    ...(name && version === undefined ? { name } : {}),
    ...(country !== undefined && present.country === undefined ? { country } : {}),
  }
  const hasRoles = roles.every((role) => present.roles.includes(role))
  if (hasRoles && Object.keys(more).length === 0) return
  found.step({ path, present, wished }, 'party-joined', { party, ...more, roles })
}

function compareParent(found: Found, proposal: Proposal, wished: string | null, path: string) {
  const parents = parentsOf(proposal)
  const one = { path, present: proposal.parent, wished }
  for (const other of parents.filter((parent) => parent !== wished)) {
    found.step(one, 'unlinked', { relation: 'child', other })
  }
  if (wished !== null && !parents.includes(wished)) found.step(one, 'linked', { relation: 'child', other: wished })
}

function compareLink(found: Found, { links }: Proposal, wished: Item<'links'>, path: string) {
  const { relation, other, unlinked = false } = wished
  const present = linkOf(links, wished)
  if ((present !== undefined) !== unlinked) return
  found.step({ path, present, wished }, unlinked ? 'unlinked' : 'linked', { relation, other })
}

function comparePlanned(found: Found, { planned }: Proposal, told: Given<'planned'>, path: string) {
  for (const which of ['start', 'end'] as const) {
    const wished = told[which]
    const one = { path: `${path}.${which}`, present: planned[which], wished }
    if (wished === undefined || wished === planned[which]) continue
    if (planned[which] === null) found.step(one, 'updated', { planned: { [which]: wished } })
    else found.withReason(one, 'rescheduled', (reason) => ({ which, to: wished, reason }))
  }
  comparePlace(found, planned.place, told.place, `${path}.place`)
}

/** A place may get a text in another language; other texts are another place. */
function comparePlace(
  found: Found,
  place: Proposal['planned']['place'],
  told: Given<'planned'>['place'],
  path: string,
) {
  const changed = Object.entries(changedTexts(place, told) ?? {})
  const more = changed.filter(([language]) => place?.[language] === undefined)
  if (more.length > 0) {
    found.step({ path, present: place, wished: told }, 'updated', { planned: { place: Object.fromEntries(more) } })
  }
  for (const [language, wished] of changed) {
    const present = place?.[language]
    if (present !== undefined) found.amendment({ path: `${path}.${language}`, present, wished })
  }
}

function compareAgreed(found: Found, proposal: Proposal, wished: Given<'agreed'>, path: string) {
  const { agreement: present, history } = proposal
  const { occurredOn, evidence, ...data } = wished
  if (present === null || history.agreed === null) {
    found.step({ path, present, wished }, 'agreed', data, { occurredOn, evidence })
    return
  }
  const { version } = present
  found.otherwise(differing(present.form, data.form, `${path}.form`), version)
  found.otherwise(differingSets(present.parties, data.parties, `${path}.parties`), version)
  found.otherwise(differing(present.instrument, data.instrument, `${path}.instrument`), version)
  found.otherDate(path, history.agreed, wished)
  for (const one of differing(present.terms, data.terms, `${path}.terms`)) found.amendment(one)
}

function comparePledge(found: Found, { pledges }: Proposal, wished: Item<'pledges'>, path: string) {
  const { pledge, provider, amount } = wished
  const present = pledges.find((known) => known.pledge === pledge)
  const isSaid = present === undefined ? isNothing(amount) : isSameAmount(present.amount, amount)
  if (!isSaid && (present === undefined || isLater(present, wished))) {
    found.step({ path, present, wished }, 'pledged', { pledge, provider, amount }, wished)
  } else if (present) {
    found.otherwise(differing(present.provider, provider, `${path}.provider`), present.version)
    found.otherwise(differing(present.amount, amount, `${path}.amount`), present.version)
    found.otherDate(path, present, wished)
  }
}

function compareLine(found: Found, { lines }: Proposal, wished: Item<'lines'>, path: string) {
  const { decommitted, occurredOn, evidence, ...data } = wished
  const { line } = data
  const present = lines.find((known) => known.line === line)
  if (present === undefined) {
    found.step({ path, present, wished }, 'funded', data, { occurredOn, evidence })
    return
  }
  found.otherwise(differing(present, data, path), present.version)
  found.otherDate(path, present, wished)
  if (decommitted === undefined) return
  const value = { value: present.decommitted, currency: present.currency ?? decommitted.currency }
  const more = moreThan(found, { path: `${path}.decommitted`, present: value, wished: decommitted }, present.version)
  if (more) found.withReason(more, 'decommitted', (reason) => ({ line, amount: more.amount, reason }))
}

type Amount = EventData['disbursed']['amount']

interface Sums {
  readonly path: string
  readonly present: Amount
  readonly wished: Amount
}

/** What was taken off so far is known as a sum. More of it is a further event, which takes off the rest; less of it is none. */
function moreThan(found: Found, sums: Sums, version: number): (Sums & { readonly amount: Amount }) | null {
  const { present, wished } = sums
  const { currency } = wished
  if (isNothing(present) && isNothing(wished)) return null
  if (present.currency !== currency || toMinorUnits(wished) < toMinorUnits(present)) {
    found.otherwise([sums], version)
    return null
  }
  if (isSameAmount(present, wished)) return null
  return { ...sums, amount: { value: difference(wished.value, present.value, currency), currency } }
}

function isNothing(amount: Amount): boolean {
  return toMinorUnits(amount) === 0n
}

function compareTranche(found: Found, { tranches }: Proposal, wished: Item<'tranches'>, path: string) {
  const { tranche, line, amount } = wished
  const present = tranches.find((known) => known.tranche === tranche)
  const { when = present?.when ?? null } = wished
  const isSaid = present ? isSameAmount(present.amount, amount) && when === present.when : isNothing(amount)
  if (present) found.otherwise(differing(present.line, line, `${path}.line`), present.version)
  if (isSaid || (present && present.line !== line)) return
  found.step({ path, present, wished }, 'tranche-planned', { tranche, line, amount, when })
}

function compareTransaction(found: Found, { transactions }: Proposal, wished: Item<'transactions'>, path: string) {
  const { refunded, occurredOn, evidence, ...data } = wished
  const { transaction } = data
  const present = transactions.find((known) => known.transaction === transaction)
  if (present === undefined) {
    found.step({ path, present, wished }, 'disbursed', data, { occurredOn, evidence })
    return
  }
  found.otherwise(differing(present, data, path), present.version)
  found.otherDate(path, present, wished)
  if (refunded === undefined) return
  const value = { value: present.refunded, currency: present.amount.currency }
  const more = moreThan(found, { path: `${path}.refunded`, present: value, wished: refunded }, present.version)
  if (more) found.withReason(more, 'refunded', (reason) => ({ transaction, amount: more.amount, reason }))
}

function compareMilestone(found: Found, { milestones }: Proposal, wished: Item<'milestones'>, path: string) {
  const { milestone, title, due, obligatory, reached } = wished
  const present = milestones.find((known) => known.milestone === milestone)
  if (present === undefined) {
    const given = obligatory === undefined ? {} : { obligatory }
    const data = { milestone, title, due: due ?? null, ...given }
    found.step({ path, present, wished }, 'milestone-planned', data)
    return
  }
  found.otherwise(differing(present.title, title, `${path}.title`), present.version)
  found.otherwise(differing(present.obligatory, obligatory, `${path}.obligatory`), present.version)
  if (due !== undefined && due !== present.due) {
    const one = { path: `${path}.due`, present: present.due, wished: due }
    found.withReason(one, 'rescheduled', (reason) => ({ which: milestone, to: due, reason }))
  }
  if (reached !== undefined) compareOutcome(found, present, reached, `${path}.reached`)
}

function compareOutcome(
  found: Found,
  { milestone, reached: present }: Proposal['milestones'][number],
  wished: NonNullable<Item<'milestones'>['reached']>,
  path: string,
) {
  const { outcome, reason } = wished
  if (present === null || (present.outcome !== outcome && isLater(present, wished))) {
    const why = reason === undefined ? {} : { reason }
    found.step({ path, present, wished }, 'milestone-reached', { milestone, outcome, ...why }, wished)
    return
  }
  found.otherwise(differing(present, { outcome, reason }, path), present.version)
  found.otherDate(path, present, wished)
}

function compareDelivered(found: Found, { delivery, history }: Proposal, wished: Given<'delivered'>, path: string) {
  const { occurredOn, evidence, ...data } = wished
  const present = history.delivered
  if (present === null) {
    found.step({ path, present, wished }, 'delivered', data, { occurredOn, evidence })
    return
  }
  const { version } = present
  found.otherwise(differing(delivery.deliverables, data.deliverables, `${path}.deliverables`), version)
  found.otherwise(differingSets(delivery.acceptedBy, data.acceptedBy, `${path}.acceptedBy`), version)
  found.otherDate(path, present, wished)
}

function compareEnded(found: Found, { end: present, ending }: Proposal, wished: Given<'ended'>, path: string) {
  const { occurredOn, evidence, ...data } = wished
  if (ending === null || present === null) {
    const happening = { occurredOn, evidence }
    found.withReason({ path, present: ending, wished }, 'ended', (reason) => ({ ...data, reason }), happening)
    return
  }
  const { version } = present
  found.otherwise(differing(present.ending, data.ending, `${path}.ending`), version)
  found.otherwise(differingSets(present.by, data.by, `${path}.by`), version)
  found.otherwise(differing(present.remaining, data.remaining, `${path}.remaining`), version)
  found.otherDate(path, present, wished)
}
