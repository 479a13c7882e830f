/** What a wish can bring about, and what it cannot: for every type of event, and for every member of the state. */
import type { EventType } from '../event-types.ts'
import type { Proposal } from '../proposal.ts'
import type { Wished } from './wish.ts'

export type WishedMember = keyof Wished

/** The members of a wish that can lead to such an event, or why none does. */
type Planned = readonly WishedMember[] | string

const ofItsOwn = 'it has no id by which a second one could be told from the first: record it as an event'
const ofTheRecord = 'it is about the record, and what is wrong in a record is never guessed: record it as an event'

/**
 * Every type of event, in the order in which planned events are recorded: what others refer to comes first. A new type must decide here
 * what becomes of it.
 */
export const plannedEvents: Readonly<Record<EventType, Planned>> = {
  proposed: [
    'title',
    'summary',
    'kind',
    'parties',
    'fields',
    'parent',
    'planned',
    'requestedFunding',
    'agenda',
    'proposed',
  ],
  resumed: ['suspended'],
  'party-joined': ['parties'],
  updated: ['title', 'summary', 'fields', 'planned', 'requestedFunding'],
  rescheduled: ['planned', 'milestones'],
  unlinked: ['parent', 'links'],
  linked: ['parent', 'links'],
  'agenda-set': ['agenda'],
  agreed: ['agreed'],
  pledged: ['pledges'],
  funded: ['lines'],
  'tranche-planned': ['tranches'],
  disbursed: ['transactions'],
  refunded: ['transactions'],
  decommitted: ['lines'],
  'milestone-planned': ['milestones'],
  'milestone-reached': ['milestones'],
  started: ['started'],
  delivered: ['delivered'],
  'party-left': ['parties'],
  suspended: ['suspended'],
  closed: ['closed'],
  ended: ['ended'],
  'agenda-item-resolved': 'it is what a session decided: record it as an event',
  amended: 'agreed terms change by a decision of the parties, with their reason: record it as an event',
  assessed: 'it is the judgement of an outsider: record it as an event',
  confirmed: 'that nothing changed is a statement of its own: record it as an event',
  consented: 'it is a step towards an agreement, and by itself changes nothing: record it as an event',
  'contributed-in-kind': ofItsOwn,
  'indicator-reported': ofItsOwn,
  'party-renamed': 'it gives a name in all proposals: record it once, as an event',
  reopened: 'that an end did not hold is an act of its own: record it as an event',
  'risk-flagged': ofItsOwn,
  'risk-cleared': ofItsOwn,
  contested: ofTheRecord,
  'contest-resolved': ofTheRecord,
  corrected: ofTheRecord,
  'evidence-attached': ofTheRecord,
  retracted: ofTheRecord,
}

const byOwnEvents = 'is what events say that a wish does not record'
const follows = 'follows from the rest'

/** Every member of the state: the members of a wish that are compared with it, or why none is. */
export const comparedState: Readonly<Record<keyof Proposal, Planned>> = {
  proposalId: 'is the proposal itself, and never changes',
  title: ['title'],
  summary: ['summary'],
  kind: ['kind'],
  stage: follows,
  ending: ['ended'],
  suspended: ['suspended'],
  atRisk: byOwnEvents,
  parties: ['parties'],
  fields: ['fields'],
  parent: ['parent'],
  planned: ['planned'],
  firstPlanned: follows,
  requested: ['requestedFunding'],
  agenda: ['agenda'],
  agreement: ['agreed'],
  lines: ['lines'],
  delivery: ['started', 'delivered'],
  history: ['proposed', 'agreed', 'started', 'delivered'],
  stageHistory: ['closed'],
  end: ['ended'],
  suspension: ['suspended'],
  risks: byOwnEvents,
  milestones: ['milestones'],
  reschedulings: follows,
  pledges: ['pledges'],
  tranches: ['tranches'],
  transactions: ['transactions'],
  inKind: byOwnEvents,
  indicators: byOwnEvents,
  consents: byOwnEvents,
  amendments: byOwnEvents,
  assessments: byOwnEvents,
  contested: byOwnEvents,
  attachedEvidence: byOwnEvents,
  links: ['links', 'parent'],
  formerParties: follows,
  renamings: byOwnEvents,
  evidenceCount: follows,
  lastConfirmedOn: byOwnEvents,
  countsFrom: follows,
  version: follows,
  position: follows,
  recordedAt: follows,
}
