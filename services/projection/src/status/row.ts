/** Pure: the row of the read model that stands for what is held of a proposal. */

import { conditionSteps, figuresOf, lastDay, type Proposal, searchOf } from '@commitments/domain'
import { type Parked } from '../projections/parked.ts'
import type { Held } from './apply.ts'

/** As in the tables `proposal_status` and, for what is searched, `proposal_search`; lists are arrays of text, days are `YYYY-MM-DD` or `infinity`. */
export interface Row {
  proposal_id: string
  position: number
  version: number
  updated_at: string
  state: string | null
  parked: Parked | null
  labels: string[]
  search: string
  stage: string
  ending: string | null
  kind: string
  parent: string | null
  fields: string[]
  title_key: string
  planned_end: string
  condition_days: string[]
  conditions: string[]
  amounts: object
}

/** Longest part of a title that sorting looks at: an index entry cannot be of any length. */
const titleKeyLength = 200

/** `timeZone`: of the ledger; it decides on which day a condition changes. */
export function rowOf(held: Held, timeZone: string): Row {
  const { proposalId, version, position, updatedAt, parked } = held
  const own = { proposal_id: proposalId, position, version, updated_at: updatedAt, parked }
  if (held.state === null) return { ...own, ...nothingKnown }
  const { state } = held
  const steps = conditionSteps(state, timeZone)
  return {
    ...own,
    state: JSON.stringify(state),
    labels: labelsOf(state),
    search: searchOf(state),
    stage: state.stage,
    ending: state.ending,
    kind: state.kind,
    parent: state.parent,
    fields: [...state.fields],
    title_key: titleKey(state.title),
    planned_end: lastDay(state.planned.end) ?? 'infinity',
    condition_days: steps.slice(1).map((step) => step.from as string),
    conditions: steps.map((step) => step.condition),
    amounts: figuresOf(state),
  }
}

/** A proposal whose first event is parked: in no list and no total, but found by its id. */
const nothingKnown = {
  state: null,
  labels: [],
  search: '',
  stage: '',
  ending: null,
  kind: '',
  parent: null,
  fields: [],
  title_key: '',
  planned_end: 'infinity',
  condition_days: [],
  conditions: [''],
  amounts: {},
}

/** What lists filter by equality. `label` makes the same texts from a query. */
export const label = {
  stage: (stage: string) => `stage:${stage}`,
  ending: (ending: string) => `ending:${ending}`,
  kind: (kind: string) => `kind:${kind}`,
  field: (field: string) => `field:${field}`,
  party: (party: string) => `party:${party}`,
  role: (role: string) => `role:${role}`,
  partyInRole: (party: string, role: string) => `party-role:${party}:${role}`,
  country: (country: string) => `country:${country}`,
  countryInRole: (country: string, role: string) => `country-role:${country}:${role}`,
  suspended: (suspended: boolean) => `suspended:${suspended}`,
  formerParty: (party: string) => `former-party:${party}`,
  /** Of a proposal that is the `relation` of another: a `child` of its parents. */
  link: (relation: string, other: string) => `link:${relation}:${other}`,
}

type Labelled = Pick<
  Proposal,
  'stage' | 'kind' | 'ending' | 'suspended' | 'fields' | 'links' | 'formerParties' | 'parties'
>

/** What lists can filter a proposal by. */
export function labelsOf(proposal: Labelled): string[] {
  const labels = [
    label.stage(proposal.stage),
    label.kind(proposal.kind),
    label.ending(proposal.ending ?? 'none'),
    label.suspended(proposal.suspended),
    ...proposal.fields.map(label.field),
    ...proposal.links.map(({ relation, other }) => label.link(relation, other)),
    ...proposal.formerParties.map(({ party }) => label.formerParty(party)),
  ]
  for (const { party, country, roles } of proposal.parties) {
    labels.push(label.party(party))
    if (country) labels.push(label.country(country), ...roles.map((role) => label.countryInRole(country, role)))
    for (const role of roles) labels.push(label.role(role), label.partyInRole(party, role))
  }
  return [...new Set(labels)]
}

/** The proposals that these labels link to: what is shown of them has changed as well. */
export function linkTargets(labels: readonly string[]): string[] {
  return labels
    .filter((text) => text.startsWith(linked))
    .map((text) => text.slice(text.indexOf(':', linked.length) + 1))
}

const linked = 'link:'

/** English, or Vietnamese, or what there is: without diacritics, so that `Đề án` stands at D in a sort by bytes. */
export function titleKey(title: Readonly<Record<string, string>>): string {
  const text = title.en ?? title.vi ?? Object.values(title)[0] ?? ''
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFC')
    .slice(0, titleKeyLength)
    .toWellFormed()
}
