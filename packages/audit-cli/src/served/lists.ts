import { askJson, type Service } from '../source/service.ts'
import { positionOf } from '../status/served.ts'
import { type Finding, held } from '../verdict.ts'
import { anyOf } from './moments.ts'
import type { Facts } from './streams.ts'

/** The most values of each filter that are requested. */
const valuesAsked = 25
/** The most proposals that are searched by id: all of a ledger like the first portfolio, another choice at each run of a larger one. */
const searchesAsked = 200
const pageSize = 500

/**
 * Checks the first page of filtered and sorted lists of today, and of searches today and in the past: which proposals it has, and in which
 * order. Each filter is requested with the values that the fold of the lines has, or with a random choice of many.
 *
 * @param facts of all proposals, by their ids
 */
export async function compareLists(service: Service, facts: readonly Facts[], verified: number): Promise<Finding> {
  let asked = 0
  for (const question of questions(facts, verified)) {
    const served = await idsServed(service, question.query)
    // Something was recorded meanwhile that nobody has verified yet.
    if (served.position > verified) continue
    asked += 1
    const wrong = firstDifference(served, question.right)
    if (wrong !== null)
      return {
        outcome: 'broken',
        because: `the served list ${question.query} ${wrong}: the signed lines are right, and what is served is not`,
      }
  }
  return held(
    `${asked} lists, by each filter, by search, by last update and by planned end, have the proposals that the lines give them.`,
  )
}

interface Question {
  readonly query: string
  /** Ids of the proposals that belong on the list, in its order; for a search, the one that must be found. */
  readonly right: readonly string[] | { readonly found: string }
}

function* questions(facts: readonly Facts[], verified: number): Generator<Question> {
  const shown = facts.filter(({ isVoid }) => !isVoid)
  const names = Object.keys(facts[0]?.values ?? {})
  for (const name of names) {
    const all = [...new Set(shown.flatMap(({ values }) => values[name] ?? []))]
    for (const value of someOf(all, valuesAsked)) {
      const right = shown.filter(({ values }) => values[name]?.includes(value)).map(({ proposalId }) => proposalId)
      yield { query: `${name}=${encodeURIComponent(value)}`, right }
    }
  }
  for (const { proposalId } of someOf(shown, searchesAsked))
    yield { query: `q=${proposalId}`, right: { found: proposalId } }
  for (const { proposalId } of someOf(shown, valuesAsked))
    yield { query: `q=${proposalId}&knownAtPosition=${verified}`, right: { found: proposalId } }
  const latest = shown.toSorted((a, b) => b.updated - a.updated).map(({ proposalId }) => proposalId)
  yield { query: 'sort=-updated', right: latest }
  // The sort keeps the order of the ids where the days are the same, or not known.
  const byEnd = shown.toSorted((a, b) => Number(endOf(a) > endOf(b)) - Number(endOf(a) < endOf(b)))
  yield { query: 'sort=plannedEnd', right: byEnd.map(({ proposalId }) => proposalId) }
}

function endOf({ plannedEnd }: Facts): string {
  return plannedEnd ?? 'infinity'
}

/** All of them, or a random choice. */
export function someOf<One>(all: readonly One[], most: number): readonly One[] {
  if (all.length <= most) return all
  return [...new Set(Array.from({ length: most }, () => anyOf(all) as One))]
}

interface Page {
  readonly ids: readonly string[]
  readonly isWhole: boolean
  readonly position: number
}

async function idsServed(service: Service, query: string): Promise<Page> {
  const answer = await askJson(service, `/v1/proposals?limit=${pageSize}&${query}`)
  const { proposals = [], next = null } = (answer?.value ?? {}) as {
    proposals?: { proposalId: string }[]
    next?: string | null
  }
  const ids = proposals.map(({ proposalId }) => proposalId)
  return { ids, isWhole: next === null, position: answer ? positionOf(answer.headers) : 0 }
}

function firstDifference({ ids, isWhole }: Page, right: Question['right']): string | null {
  if ('found' in right) return ids.includes(right.found) || !isWhole ? null : `does not find ${right.found}`
  const length = isWhole ? Math.max(ids.length, right.length) : ids.length
  for (let at = 0; at < length; at += 1)
    if (ids[at] !== right[at]) return `has ${ids[at] ?? 'nobody'} where the lines give ${right[at] ?? 'nobody'}`
  return null
}
