/** What becomes of each type of event in IATI. The record is total: a new type of event must decide. */
import { type EventType, eventsASlice, type Relation, type Sliced } from '@commitments/domain'
import type { Code } from './codes.ts'
import type { Course, Step } from './course.ts'
import type { Draft } from './draft.ts'
import { textIn } from './languages.ts'
import { phrase } from './words.ts'

/**
 * `expressed`: the activity says what the event says. `partly`: some of it, or only in words. `not`: IATI has nothing for it, and the report counts it.
 */
type Fate = 'expressed' | 'partly' | 'not'

interface Expression<Type extends EventType> {
  readonly fate: Fate
  /** Says in words what has no element; absent where elements say it, which are made from the state and from transactions. */
  readonly say?: (draft: Draft, step: Step<Type>) => void
}

const [expressed, partly, not] = (['expressed', 'partly', 'not'] as const).map((fate) => ({ fate })) as [
  { readonly fate: 'expressed' },
  { readonly fate: 'partly' },
  { readonly fate: 'not' },
]

export const expressions: { readonly [Type in EventType]: Expression<Type> } = {
  proposed: expressed,
  // Not: the form, and who agreed.
  agreed: partly,
  funded: expressed,
  delivered: expressed,
  closed: expressed,
  ended: expressed,
  reopened: expressed,
  suspended: expressed,
  resumed: expressed,
  updated: expressed,
  // The new terms; not that they changed.
  amended: partly,
  started: expressed,
  rescheduled: expressed,
  'milestone-planned': partly,
  'milestone-reached': partly,
  'indicator-reported': partly,
  pledged: expressed,
  disbursed: expressed,
  refunded: expressed,
  decommitted: expressed,
  'tranche-planned': expressed,
  'contributed-in-kind': { fate: 'partly', say: sayContribution },
  'party-joined': expressed,
  'party-left': expressed,
  'party-renamed': expressed,
  linked: { fate: 'partly', say: countRelation },
  unlinked: partly,
  'evidence-attached': partly,
  contested: {
    fate: 'partly',
    say: (draft, { event }) => draft.stateText((language) => phrase('contested', language), event.data.claim),
  },
  'contest-resolved': {
    fate: 'partly',
    say: (draft, { event }) => draft.stateText((language) => phrase('resolved', language), event.data.chosen),
  },
  consented: not,
  'agenda-set': not,
  'agenda-item-resolved': not,
  assessed: not,
  confirmed: not,
  'risk-flagged': not,
  'risk-cleared': not,
  // They act on what the others say; that they happened cannot be said.
  corrected: not,
  retracted: not,
}

/** The relations that IATI has: what the other activity is to this one. */
export const relationCodes: Readonly<Record<Relation, Code<'RelatedActivityType'> | null>> = {
  child: '1',
  sibling: '3',
  'co-funded': '4',
  precedes: null,
  implements: null,
  'agreed-at': null,
  'discussed-at': null,
  'funded-under': null,
  supersedes: null,
}

/** Says what the events have to say in words, and counts what cannot be said. */
export function* sayAndCount(draft: Draft, { steps, rereadings }: Course): Sliced<void> {
  for (const [index, step] of steps.entries()) {
    const { type } = step.event
    const { fate, say } = expressions[type] as Expression<EventType>
    if (fate === 'not') draft.cannotExpress(type)
    say?.(draft, step)
    if (index % eventsASlice === eventsASlice - 1) yield
  }
  for (const { type } of rereadings) draft.cannotExpress(type)
}

/** In words: a valuation is not money. */
function sayContribution(draft: Draft, { event }: Step<'contributed-in-kind'>): void {
  const { item, quantity, unit, provider, valuation } = event.data
  draft.stateText((language) => {
    const amount = valuation && `${valuation.amount.value} ${valuation.amount.currency}`
    const method = valuation && textIn(valuation.method, language)
    const parts = [
      draft.nameOf(provider, language),
      quantity === undefined ? null : `${quantity} ${textIn(unit ?? {}, language)}`.trim(),
      amount === undefined ? null : `${phrase('valued', language, { amount })} (${method})`,
    ]
    return parts.filter((part) => part !== null).join(', ')
  }, item)
}

function countRelation(draft: Draft, { event }: Step<'linked'>): void {
  if (relationCodes[event.data.relation] === null) draft.cannotExpress('relation')
}
