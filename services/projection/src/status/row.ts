/** Pure: the row of the read model for the state of a proposal. */

import {
  conditionSteps,
  figuresOf,
  isContested,
  lastDay,
  type Proposal,
  searchOf,
  type TitleKeys,
  titleKey,
  titleKeys,
} from '@commitments/domain'
import { type Parked } from '../projections/parked.ts'
import type { Held } from './apply.ts'

/**
 * A row of `proposal_status` and, for the search texts, `proposal_search`; lists are arrays of text, days are `YYYY-MM-DD` or `infinity`.
 */
export interface Row {
  proposal_id: string
  position: number
  version: number
  updated_at: string
  state: string | null
  parked: Parked | null
  labels: string[]
  search: string
  parties: Proposal['parties']
  renamings: Proposal['renamings'] | null
  stage: string
  ending: string | null
  kind: string
  parent: string | null
  fields: string[]
  title_key: string
  planned_end: string
  agreed_on: string
  title_keys: TitleKeys
  condition_days: string[]
  conditions: string[]
  amounts: object
}

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
    parties: state.parties,
    renamings: state.renamings ?? null,
    stage: state.stage,
    ending: state.ending,
    kind: state.kind,
    parent: state.parent,
    fields: [...state.fields],
    title_key: titleKey(state.title),
    planned_end: lastDay(state.planned.end) ?? 'infinity',
    agreed_on: agreedOn(state),
    title_keys: titleKeys(state.title),
    condition_days: steps.slice(1).map((step) => step.from as string),
    conditions: steps.map((step) => step.condition),
    amounts: figuresOf(state),
  }
}

/** A proposal whose first event is parked: it is in no list and no total, but can be read by its id. */
const nothingKnown = {
  state: null,
  labels: [],
  search: '',
  parties: [],
  renamings: null,
  stage: '',
  ending: null,
  kind: '',
  parent: null,
  fields: [],
  title_key: '',
  planned_end: 'infinity',
  agreed_on: 'infinity',
  title_keys: {},
  condition_days: [],
  conditions: [''],
  amounts: {},
}

/** Labels are the texts that lists filter by equality. `label` makes the same texts for a query. */
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
  contested: (contested: boolean) => `contested:${contested}`,
  /** Label of a proposal that records a new name of an organisation. */
  renames: 'renames',
  formerParty: (party: string) => `former-party:${party}`,
  /** Label of a proposal that is the `relation` of another: a `child` of its parents. */
  link: (relation: string, other: string) => `link:${relation}:${other}`,
}

type Labelled = Pick<
  Proposal,
  | 'stage'
  | 'kind'
  | 'ending'
  | 'suspended'
  | 'contested'
  | 'fields'
  | 'links'
  | 'formerParties'
  | 'parties'
  | 'renamings'
>

/** All labels that a proposal can be filtered by. */
export function labelsOf(proposal: Labelled): string[] {
  const labels = [
    label.stage(proposal.stage),
    label.kind(proposal.kind),
    label.ending(proposal.ending ?? 'none'),
    label.suspended(proposal.suspended),
    label.contested(isContested(proposal)),
    ...proposal.fields.map(label.field),
    ...proposal.links.map(({ relation, other }) => label.link(relation, other)),
    ...proposal.formerParties.map(({ party }) => label.formerParty(party)),
    ...(proposal.renamings ? [label.renames] : []),
  ]
  for (const { party, country, roles } of proposal.parties) {
    labels.push(label.party(party))
    if (country) labels.push(label.country(country), ...roles.map((role) => label.countryInRole(country, role)))
    for (const role of roles) labels.push(label.role(role), label.partyInRole(party, role))
  }
  return [...new Set(labels)]
}

/** The proposals that these labels link to: their status shows this proposal, so it has changed as well. */
export function linkTargets(labels: readonly string[]): string[] {
  return labels
    .filter((text) => text.startsWith(linked))
    .map((text) => text.slice(text.indexOf(':', linked.length) + 1))
}

const linked = 'link:'

/** The last possible day of the agreement, as a day of the database. */
export function agreedOn({ history: { agreed } }: Pick<Proposal, 'history'>): string {
  return lastDay(agreed?.occurredOn ?? null) ?? 'infinity'
}
