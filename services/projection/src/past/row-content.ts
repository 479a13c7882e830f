/** Pure: the data that lists and totals need of a proposal in one state, on any day. */
import { hash } from 'node:crypto'
import { figuresOf, lastDay, type Proposal, searchOf, type TitleKeys, titleKey, titleKeys } from '@commitments/domain'
import { agreedOn, label, labelsOf } from '../status/row.ts'

/** Data that seldom change: names, kind, parties. They are stored once for all moments that share them. */
export interface Facets {
  readonly labels: readonly string[]
  readonly search: string
  readonly title_key: string
  readonly planned_end: string
  readonly title: Readonly<Record<string, string>>
  readonly title_keys: TitleKeys
  readonly parties: Proposal['parties']
  readonly renamings: Proposal['renamings'] | null
}

/** Data that change with most events. */
interface RowStatus {
  readonly stage: string
  readonly ending: string | null
  readonly kind: string
  readonly parents: readonly string[]
  readonly fields: readonly string[]
  readonly planned_end: string
  readonly agreed_on: string
  readonly amounts: object
}

export interface RowContent {
  readonly standing: RowStatus
  readonly facets: Facets
  /** The key of the facets: equal facets have equal digests. */
  readonly digest: string
  /** Length of the facets in characters. */
  readonly length: number
  /** Equal contents have equal texts. */
  readonly text: string
  readonly amountsText: string
}

/** A state, and the content made from it. */
interface Made {
  readonly proposal: Proposal
  readonly content: RowContent
}

/**
 * The content of a state. The parts that a state shares with the previous one (most of them) are taken from the previous content: an event
 * leaves unchanged members of a state as the same objects.
 */
export function contentOf(state: Proposal, before?: Made): RowContent {
  const { stage, ending, kind, fields } = state
  const { facets, digest, length } =
    before && sameMembers(state, before.proposal, ofFacets) ? before.content : facetsOf(state)
  const { amounts, amountsText } =
    before && sameMembers(state, before.proposal, ofAmounts) ? amountsIn(before.content) : added(state)
  const { planned_end } = facets
  const parents = facets.labels.flatMap((text) => (text.startsWith(childOf) ? text.slice(childOf.length) : []))
  const agreed_on = agreedOn(state)
  const standing = { stage, ending, kind, parents, fields, planned_end, agreed_on, amounts }
  // Kind, parents, fields and planned end are in the facets.
  return {
    standing,
    facets,
    digest,
    length,
    text: `${stage} ${ending} ${agreed_on} ${digest} ${amountsText}`,
    amountsText,
  }
}

const ofFacets = [
  'title',
  'summary',
  'kind',
  'suspended',
  'contested',
  'parties',
  'fields',
  'links',
  'formerParties',
  'renamings',
  'planned',
] as const
/** The members that amounts depend on. The ending is one of them: after it, requests and pledges lapse, and nothing is still to come. */
const ofAmounts = ['requested', 'pledges', 'lines', 'tranches', 'transactions', 'inKind', 'ending', 'stage'] as const

function sameMembers(a: Proposal, b: Proposal, names: readonly (keyof Proposal)[]): boolean {
  return names.every((name) => a[name] === b[name])
}

function facetsOf(state: Proposal): Pick<RowContent, 'facets' | 'digest' | 'length'> {
  const { title, parties, renamings = null } = state
  const labels = labelsOf(state).filter((text) => !changing.test(text))
  const planned_end = lastDay(state.planned.end) ?? 'infinity'
  const facets = {
    labels,
    search: searchOf(state),
    title_key: titleKey(title),
    planned_end,
    title,
    title_keys: titleKeys(title),
    parties,
    renamings,
  }
  const text = JSON.stringify(facets)
  return { facets, digest: digestOf(text), length: text.length }
}

function added(state: Proposal) {
  const amounts = figuresOf(state)
  return { amounts, amountsText: JSON.stringify(amounts) }
}

function amountsIn({ standing: { amounts }, amountsText }: RowContent) {
  return { amounts, amountsText }
}

/** Stage and ending have columns; as labels, they would make new facets with every act. */
const changing = /^(?:stage|ending):/

const childOf = label.link('child', '')

/** The digest as a uuid, which takes sixteen bytes in the database. */
function digestOf(text: string): string {
  const hex = hash('sha256', text)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
