/** Pure: what lists and totals ask of a proposal in one state, whatever the day. */
import { hash } from 'node:crypto'
import { figuresOf, lastDay, type Proposal, searchOf } from '@commitments/domain'
import { agreedOn, label, labelsOf, type TitleKeys, titleKey, titleKeys } from '../status/row.ts'

/** Changes seldom: what a proposal is called, of what kind it is, who takes part. Kept once for all moments that share it. */
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

/** Changes with most events. */
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
  /** Stands for the facets: equal facets have equal digests. */
  readonly digest: string
  /** Characters that the facets take. */
  readonly length: number
  /** Equal contents have equal texts. */
  readonly text: string
  readonly amountsText: string
}

/** A state, and the content that was made of it. */
interface Made {
  readonly proposal: Proposal
  readonly content: RowContent
}

/**
 * The content of a state. What a state shares with the one before it, as most do, is taken over from that one's content: an
 * event leaves the members of a state that it does not change the same objects.
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
  // The kind, the parents, the fields and the planned end are in the facets.
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
/** Of an ended proposal requests and pledges lapse, and nothing is to come any more. */
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

/** Of the stage and the ending there are columns; they would make other facets with every act. */
const changing = /^(?:stage|ending):/

const childOf = label.link('child', '')

/** As a uuid, which takes sixteen bytes in the database. */
function digestOf(text: string): string {
  const hex = hash('sha256', text)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
