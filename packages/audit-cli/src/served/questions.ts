import { ProposalId } from '@commitments/domain'
import { beginningOf, type Page } from '../source/pages.ts'
import type { Service } from '../source/service.ts'
import { membersOf, textsIn } from '../source/shape.ts'
import type { ServedStatus } from '../status/served.ts'
import { CannotCheck } from '../verdict.ts'
import { anyOf } from './moments.ts'
import { inParallel } from './parallel.ts'
import type { Facts } from './streams.ts'

/** The most values of each filter that are requested. */
const valuesAsked = 25
/** The most proposals that are searched by id: all of a ledger like the first portfolio, another choice at each run of a larger one. */
const searchesAsked = 200
export const pageSize = 500

/** A list, and what belongs on it by the lines. */
interface Question {
  readonly query: string
  /** Ids of the proposals that belong on the list, in its order; for a search, the one that must be found. */
  readonly right: (facts: readonly Facts[]) => readonly string[] | { readonly found: string }
  /** What it shows changes with the day. */
  readonly isOfDay: boolean
}

export interface Answered {
  readonly question: Question
  /** Null where there is none (404); the reason where it cannot be read. */
  readonly page: Page | null | CannotCheck
}

/** The values of all served statuses for each filter, and their ids: the lists to request are made from these. */
export interface Values {
  readonly ids: string[]
  readonly byFilter: ReadonlyMap<string, Set<string>>
}

/** The filters of lists, and the values that a served status has for each. Statuses themselves are compared elsewhere. */
const filters: Readonly<Record<string, (status: ServedStatus['status']) => readonly string[]>> = {
  stage: ({ stage }) => textsIn(stage),
  kind: ({ kind }) => textsIn(kind),
  ending: ({ ending }) => (ending === 'void' ? [] : textsIn(ending ?? 'none')),
  condition: ({ condition }) => textsIn(condition),
  field: ({ fields }) => textsIn(fields),
  parent: ({ parent, links }) => [...textsIn(parent), ...textsIn(membersOf(links, 'other'))].filter(isId),
  party: ({ parties }) => textsIn(membersOf(parties, 'party')),
  country: ({ parties }) => textsIn(membersOf(parties, 'country')),
  role: ({ parties }) => membersOf(parties, 'roles').flatMap(textsIn),
  suspended: ({ suspended }) => [String(suspended === true)],
}

function isId(text: string): boolean {
  return ProposalId.safeParse(text).success
}

export function noValues(): Values {
  return { ids: [], byFilter: new Map(Object.keys(filters).map((name) => [name, new Set<string>()])) }
}

export function noteValues({ ids, byFilter }: Values, { proposalId, status }: ServedStatus): void {
  ids.push(proposalId)
  if (status['ending'] === 'void') return
  for (const [name, valuesOf] of Object.entries(filters))
    for (const value of valuesOf(status)) byFilter.get(name)?.add(value)
}

/** Lists of today: by each filter, by search, and in two orders. */
export function* questionsToday({ ids, byFilter }: Values): Generator<Question> {
  for (const [name, values] of byFilter)
    for (const value of someOf([...values], valuesAsked))
      yield {
        query: `${name}=${encodeURIComponent(value)}`,
        right: (facts) => idsOf(shown(facts).filter(({ values: all }) => all[name]?.includes(value))),
        isOfDay: name === 'condition',
      }
  for (const id of someOf(ids, searchesAsked)) yield searchFor(id)
  yield {
    query: 'sort=-updated',
    right: (facts) => idsOf(shown(facts).toSorted((a, b) => b.updated - a.updated)),
    isOfDay: false,
  }
  yield { query: 'sort=plannedEnd', right: (facts) => idsOf(shown(facts).toSorted(byEnd)), isOfDay: false }
}

/** Searches in the past, at the end of the verified log. */
export function questionsThen(facts: readonly Facts[], verified: number): Question[] {
  return someOf(idsOf(shown(facts)), valuesAsked).map((id) => searchFor(id, `&knownAtPosition=${verified}`))
}

function searchFor(id: string, moment = ''): Question {
  const right = (facts: readonly Facts[]) =>
    shown(facts).some(({ proposalId }) => proposalId === id) ? { found: id } : { found: '' }
  return { query: `q=${id}${moment}`, right, isOfDay: false }
}

export async function askAll(service: Service, questions: Iterable<Question>): Promise<Answered[]> {
  const answered: Answered[] = []
  await inParallel(questions, async (question) => {
    const page = await beginningOf(service, pageSize, `${question.query}&fields=proposalId`).catch((error: unknown) => {
      if (error instanceof CannotCheck) return error
      throw error
    })
    answered.push({ question, page })
    return true
  })
  return answered
}

function shown(facts: readonly Facts[]): readonly Facts[] {
  return facts.filter(({ isVoid }) => !isVoid)
}

function idsOf(facts: readonly Facts[]): readonly string[] {
  return facts.map(({ proposalId }) => proposalId)
}

/** The sort keeps the order of the ids where the days are the same, or not known. */
function byEnd(a: Facts, b: Facts): number {
  return Number(endOf(a) > endOf(b)) - Number(endOf(a) < endOf(b))
}

function endOf({ plannedEnd }: Facts): string {
  return plannedEnd ?? 'infinity'
}

/** All of them, or a random choice. */
export function someOf<One>(all: readonly One[], most: number): readonly One[] {
  if (all.length <= most) return all
  return [...new Set(Array.from({ length: most }, () => anyOf(all) as One))]
}
