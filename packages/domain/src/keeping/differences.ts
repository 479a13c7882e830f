/** Each member of a wish beside the record: the events that would make up for what differs, and what none makes up for. */
import { type Agenda, type AgendaState, revisedAgenda } from '../agenda.ts'
import { isSame } from '../lists.ts'
import type { Proposal } from '../proposal.ts'
import { linkOf, parentsOf } from '../relations.ts'
import type { LanguageMap } from '../texts.ts'
import {
  changedTexts,
  differing,
  differingSets,
  Found,
  isLater,
  mayBe,
  type NotPlanned,
  type Step,
  type Told,
} from './found.ts'
import { compareLine, comparePledge, compareRequests, compareTranche, compareTransaction } from './money.ts'
import type { Fact } from './past.ts'
import { plannedEvents } from './plannable.ts'
import type { Given, Item, Wished } from './wish.ts'

interface Differences {
  /** In the order in which they are tried. */
  readonly steps: readonly Step[]
  readonly notPlanned: readonly NotPlanned[]
  /** What differs and the record may have stated before. */
  readonly facts: readonly Fact[]
}

type Compare<Value> = (found: Found, proposal: Proposal, wished: Value, path: string) => void

/** How each member of a wish is compared with the record. */
const comparisons: { readonly [Member in keyof Required<Wished>]: Compare<Given<Member>> } = {
  title: (found, { title }, wished, path) => compareText(found, 'title', title, wished, path),
  summary: (found, { summary }, wished, path) => compareText(found, 'summary', summary, wished, path),
  kind: (found, { kind }, wished, path) => found.otherwise(differing(kind, wished, path), 1),
  parties: each(compareParty),
  fields(found, { fields }, wished, path) {
    const [one] = differingSets(fields, wished, path)
    if (one && !found.isOver(one, (state) => isSame(state.fields.toSorted(), wished.toSorted())))
      found.step(one, 'updated', { fields: wished })
  },
  parent: compareParent,
  links: each(compareLink),
  planned: comparePlanned,
  requestedFunding: compareRequests,
  agenda: compareAgenda,
  proposed: (found, { history }, wished, path) => found.otherDate(path, history.proposed, wished),
  agreed: compareAgreed,
  pledges: each(comparePledge),
  lines: each(compareLine),
  tranches: each(compareTranche),
  transactions: each(compareTransaction),
  milestones: each(compareMilestone),
  started(found, { delivery: { started: present } }, wished, path) {
    const one = { path, present, wished }
    if (present !== null) found.otherDate(path, present, wished)
    else if (!found.wasUndone(one, (state) => mayBe(state.delivery.started, wished)))
      found.step(one, 'started', {}, wished)
  },
  delivered: compareDelivered,
  closed(found, proposal, wished, path) {
    const one = { path, present: proposal.stage, wished }
    const last = closingOf(proposal)
    if (last !== undefined) found.otherDate(path, last, wished)
    else if (!found.wasUndone(one, (state) => mayBe(closingOf(state), wished))) found.step(one, 'closed', {}, wished)
  },
  ended: compareEnded,
  suspended(found, { suspended: present }, wished, path) {
    const one = { path, present, wished }
    if (present === wished || found.isOver(one, (state) => state.suspended === wished)) return
    found.withReason(one, wished ? 'suspended' : 'resumed', (reason) => ({ reason }))
  },
}

/** The differences between a proposal and a wish, in an order that depends on nothing else. */
export function differencesOf(proposal: Proposal, told: Told): Differences {
  const found = new Found(told)
  for (const [member, compare] of Object.entries(comparisons)) {
    const wished = told.wish.wished[member as keyof Wished]
    if (wished !== undefined) (compare as Compare<unknown>)(found, proposal, wished, `wished.${member}`)
  }
  const { steps, notPlanned, facts } = found
  return { steps: steps.toSorted((a, b) => rankOf(a) - rankOf(b)), notPlanned, facts }
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
  const changed = openTexts(found, present, wished, path, (state) => state[member])
  if (changed) found.step({ path, present, wished }, 'updated', { [member]: changed })
}

/** The texts of a wish that differ, without those that are over. */
function openTexts(
  found: Found,
  present: LanguageMap | null | undefined,
  wished: LanguageMap | undefined,
  path: string,
  textsOf: (state: Proposal) => LanguageMap | null | undefined,
): LanguageMap | undefined {
  const open = Object.entries(changedTexts(present, wished) ?? {}).filter(([language, text]) => {
    const one = { path: `${path}.${language}`, present: present?.[language], wished: text }
    return !found.isOver(one, (state) => textsOf(state)?.[language] === text, text)
  })
  return open.length === 0 ? undefined : Object.fromEntries(open)
}

function compareParty(found: Found, proposal: Proposal, wished: Item<'parties'>, path: string) {
  const { party, left } = wished
  const present = memberOf(proposal, party)
  const one = { path, present, wished }
  if (!left) compareMember(found, proposal, present, wished, path)
  else if (present && !found.isOver(one, ({ formerParties }) => formerParties.some((known) => known.party === party))) {
    found.withReason(one, 'party-left', (reason) => ({ party, reason }))
  }
}

function memberOf({ parties }: Proposal, party: string) {
  return parties.find((known) => known.party === party)
}

function compareMember(
  found: Found,
  { renamings = [] }: Proposal,
  present: Proposal['parties'][number] | undefined,
  wished: Item<'parties'>,
  path: string,
) {
  const { party, country, group } = wished
  const one = { path, present, wished }
  if (present === undefined && found.isOver(one, (state) => memberOf(state, party) !== undefined, party)) return
  const { roles, more } = openRoles(found, present?.roles ?? [], wished, path)
  const name = openTexts(found, present?.name, wished.name, `${path}.name`, (state) => memberOf(state, party)?.name)
  const isNew = present?.country === undefined && country !== undefined
  const place = { path: `${path}.country`, present: undefined, wished: country }
  const knownCountry =
    isNew && !found.isOver(place, (state) => memberOf(state, party)?.country === country, country) ? { country } : {}
  if (present === undefined) {
    const given = { ...(name && { name }), ...knownCountry, ...(group !== undefined && { group }) }
    if (roles.length > 0) found.step(one, 'party-joined', { party, ...given, roles })
    return
  }
  // A name that an organisation got in all proposals holds in this one, whatever a system calls it.
  const version = renamings.findLast((renaming) => renaming.party === party)?.version
  if (version !== undefined) found.otherwise(differing(present.name, name, `${path}.name`), version)
  if (!isNew) found.otherwise(differing(present.country, country, `${path}.country`))
  found.otherwise(differing(present.group ?? false, group, `${path}.group`))
  const given = { ...(name && version === undefined ? { name } : {}), ...knownCountry }
  if (more || Object.keys(given).length > 0) found.step(one, 'party-joined', { party, ...given, roles })
}

/** The wished roles without those that are over, and whether there is one that the party does not have. */
function openRoles(found: Found, present: readonly string[], { party, roles = [] }: Item<'parties'>, path: string) {
  const open = roles.filter((role, index) => {
    const one = { path: `${path}.roles.${index}`, present: undefined, wished: role }
    const isSo = (state: Proposal) => memberOf(state, party)?.roles.includes(role) ?? false
    return present.includes(role) || !found.isOver(one, isSo, role)
  })
  return { roles: open, more: open.some((role) => !present.includes(role)) }
}

function compareParent(found: Found, proposal: Proposal, wished: string | null, path: string) {
  const parents = parentsOf(proposal)
  const one = { path, present: proposal.parent, wished }
  const isSo = (state: Proposal) => isSame(parentsOf(state), wished === null ? [] : [wished])
  if (isSo(proposal) || found.isOver(one, isSo, wished ?? undefined)) return
  for (const other of parents.filter((parent) => parent !== wished)) {
    found.step(one, 'unlinked', { relation: 'child', other })
  }
  if (wished !== null && !parents.includes(wished)) found.step(one, 'linked', { relation: 'child', other: wished })
}

function compareLink(found: Found, { links }: Proposal, wished: Item<'links'>, path: string) {
  const { relation, other, unlinked = false } = wished
  const one = { path, present: linkOf(links, wished), wished }
  if ((one.present !== undefined) !== unlinked) return
  // A link that was never there has not been unlinked.
  let isKnown = !unlinked
  const isSo = (state: Proposal) => {
    const isThere = linkOf(state.links, wished) !== undefined
    isKnown ||= isThere
    return isKnown && isThere !== unlinked
  }
  if (!found.isOver(one, isSo, other)) found.step(one, unlinked ? 'unlinked' : 'linked', { relation, other })
}

function compareAgenda(found: Found, { agenda: present }: Proposal, wished: Agenda, path: string) {
  if (isSame(revisedAgenda(present, wished), present)) return
  const { declaredCount, items = [] } = wished
  const count = { path: `${path}.declaredCount`, present: present?.declaredCount, wished: declaredCount }
  const isOver =
    count.present !== declaredCount && found.isOver(count, (state) => state.agenda?.declaredCount === declaredCount)
  const open = items.flatMap((item, index) => openItem(found, present, item, `${path}.items.${index}`))
  const data = {
    ...(declaredCount === undefined || isOver ? {} : { declaredCount }),
    ...(open.length === 0 ? {} : { items: open }),
  }
  if (!isSame(revisedAgenda(present, data), present)) found.step({ path, present, wished }, 'agenda-set', data)
}

type AgendaItem = NonNullable<Agenda['items']>[number]

/** An item, with what is over left out; empty if all of it is. */
function openItem(found: Found, agenda: AgendaState | null, wished: AgendaItem, path: string): AgendaItem[] {
  const { item, leadsTo } = wished
  const itemOf = (state: AgendaState | null) => state?.items?.find((known) => known.item === item)
  const present = itemOf(agenda)
  const whole = { path, present, wished }
  if (present === undefined && found.isOver(whole, (state) => itemOf(state.agenda) !== undefined)) return []
  const changed = openTexts(
    found,
    present?.title,
    wished.title,
    `${path}.title`,
    (state) => itemOf(state.agenda)?.title,
  )
  const same = Object.entries(wished.title).filter(([language, text]) => present?.title[language] === text)
  const title = { ...Object.fromEntries(same), ...changed }
  const one = { path: `${path}.leadsTo`, present: present?.leadsTo, wished: leadsTo }
  const isSo = (state: Proposal) => isSame(itemOf(state.agenda)?.leadsTo, leadsTo)
  const leads = leadsTo !== undefined && (isSame(one.present, leadsTo) || !found.isOver(one, isSo)) ? { leadsTo } : {}
  if (Object.keys(title).length > 0) return [{ item, title, ...leads }]
  return present === undefined ? [] : [{ item, title: present.title, ...leads }]
}

function comparePlanned(found: Found, { planned }: Proposal, told: Given<'planned'>, path: string) {
  for (const which of ['start', 'end'] as const) {
    const wished = told[which]
    const one = { path: `${path}.${which}`, present: planned[which], wished }
    if (wished === undefined || wished === planned[which]) continue
    if (found.isOver(one, (state) => state.planned[which] === wished, wished ?? undefined)) continue
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
  const added = changed.filter(([language]) => place?.[language] === undefined)
  const more = openTexts(found, place, Object.fromEntries(added), path, (state) => state.planned.place)
  if (more) found.step({ path, present: place, wished: told }, 'updated', { planned: { place: more } })
  for (const [language, wished] of changed) {
    const present = place?.[language]
    if (present !== undefined) found.amendment({ path: `${path}.${language}`, present, wished })
  }
}

function compareAgreed(found: Found, proposal: Proposal, wished: Given<'agreed'>, path: string) {
  const { agreement: present, history } = proposal
  const { occurredOn, evidence, ...data } = wished
  if (present === null || history.agreed === null) {
    const one = { path, present, wished }
    if (!found.wasUndone(one, (state) => mayBe(state.history.agreed, wished)))
      found.step(one, 'agreed', data, { occurredOn, evidence })
    return
  }
  const { version } = present
  found.otherwise(differing(present.form, data.form, `${path}.form`), version)
  found.otherwise(differingSets(present.parties, data.parties, `${path}.parties`), version)
  found.otherwise(differing(present.instrument, data.instrument, `${path}.instrument`), version)
  found.otherDate(path, history.agreed, wished)
  for (const one of differing(present.terms, data.terms, `${path}.terms`)) found.amendment(one)
}

function compareMilestone(found: Found, proposal: Proposal, wished: Item<'milestones'>, path: string) {
  const { milestone, title, due, obligatory, reached } = wished
  const present = milestoneOf(proposal, milestone)
  if (present === undefined) {
    const one = { path, present, wished }
    if (found.isOver(one, (state) => milestoneOf(state, milestone) !== undefined, milestone)) return
    const given = obligatory === undefined ? {} : { obligatory }
    const data = { milestone, title, due: due ?? null, ...given }
    found.step(one, 'milestone-planned', data)
    return
  }
  found.otherwise(differing(present.title, title, `${path}.title`), present.version)
  found.otherwise(differing(present.obligatory, obligatory, `${path}.obligatory`), present.version)
  const one = { path: `${path}.due`, present: present.due, wished: due }
  const isDue = (state: Proposal) => milestoneOf(state, milestone)?.due === due
  if (due !== undefined && due !== present.due && !found.isOver(one, isDue, due ?? undefined)) {
    found.withReason(one, 'rescheduled', (reason) => ({ which: milestone, to: due, reason }))
  }
  if (reached !== undefined) compareOutcome(found, present, reached, `${path}.reached`)
}

function milestoneOf({ milestones }: Proposal, milestone: string) {
  return milestones.find((known) => known.milestone === milestone)
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
    const one = { path, present, wished }
    if (!found.wasUndone(one, (state) => mayBe(milestoneOf(state, milestone)?.reached, wished)))
      found.step(one, 'milestone-reached', { milestone, outcome, ...why }, wished)
    return
  }
  found.otherwise(differing(present, { outcome, reason }, path), present.version)
  found.otherDate(path, present, wished)
}

function compareDelivered(found: Found, { delivery, history }: Proposal, wished: Given<'delivered'>, path: string) {
  const { occurredOn, evidence, ...data } = wished
  const present = history.delivered
  if (present === null) {
    const one = { path, present, wished }
    if (!found.wasUndone(one, (state) => mayBe(state.history.delivered, wished)))
      found.step(one, 'delivered', data, { occurredOn, evidence })
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
    const one = { path, present: ending, wished }
    if (!found.wasUndone(one, (state) => mayBe(state.end, wished)))
      found.withReason(one, 'ended', (reason) => ({ ...data, reason }), { occurredOn, evidence })
    return
  }
  const { version } = present
  found.otherwise(differing(present.ending, data.ending, `${path}.ending`), version)
  found.otherwise(differingSets(present.by, data.by, `${path}.by`), version)
  found.otherwise(differing(present.remaining, data.remaining, `${path}.remaining`), version)
  found.otherDate(path, present, wished)
}

function closingOf({ stage, stageHistory }: Proposal) {
  return stage === 'closed' ? stageHistory.findLast((step) => step.stage === 'closed') : undefined
}
