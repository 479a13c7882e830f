/** Pure: what lists and totals ask of a proposal in one state, whatever the day. */
import { hash } from 'node:crypto'
import { lastDay, type Proposal, statusOf } from '@commitments/domain'
import { amountsOf } from '../projector/amounts.ts'
import { label, labelsOf, searchOf, titleKey } from '../projector/row.ts'

/** Changes seldom: what a proposal is called, of what kind it is, who takes part. Kept once for all moments that share it. */
export interface Facets {
  readonly labels: readonly string[]
  readonly search: string
  readonly title_key: string
  readonly planned_end: string
  readonly title: Readonly<Record<string, string>>
}

/** Changes with most events. */
export interface Standing {
  readonly stage: string
  readonly ending: string | null
  readonly kind: string
  readonly parents: readonly string[]
  readonly fields: readonly string[]
  readonly planned_end: string
  readonly amounts: object
}

export interface Content {
  readonly standing: Standing
  readonly facets: Facets
  /** Stands for the facets: equal facets have equal digests. */
  readonly digest: string
  /** Equal contents have equal texts. */
  readonly text: string
}

/** Any day and zone do: what depends on them is no part of a content. */
const anyDay = '2000-01-01'
const anyZone = 'UTC'

export function contentOf(state: Proposal): Content {
  const status = statusOf(state, anyDay, anyZone)
  const { stage, ending, kind, fields, title } = status
  const planned_end = lastDay(status.planned.end) ?? 'infinity'
  const labels = labelsOf(status).filter((text) => !changing.test(text))
  const parents = labels.flatMap((text) => (text.startsWith(childOf) ? text.slice(childOf.length) : []))
  const standing = { stage, ending, kind, parents, fields, planned_end, amounts: amountsOf(status) }
  const facets = { labels, search: searchOf(status), title_key: titleKey(title), planned_end, title }
  const digest = digestOf(facets)
  return { standing, facets, digest, text: JSON.stringify([standing, digest]) }
}

/** Of the stage and the ending there are columns; they would make other facets with every act. */
const changing = /^(?:stage|ending):/

const childOf = label.link('child', '')

/** As a uuid, which takes sixteen bytes in the database. */
function digestOf(facets: Facets): string {
  const hex = hash('sha256', JSON.stringify(facets))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
