import { Currency, instantOf, ProposalId } from '@commitments/domain'
import { beginningOf, type Page } from '../source/pages.ts'
import type { Service } from '../source/service.ts'
import { membersOf, textsIn } from '../source/shape.ts'
import type { ServedStatus } from '../status/served.ts'
import { CannotCheck } from '../verdict.ts'
import { anyOf } from './moments.ts'
import { ordersOf } from './orders.ts'
import { inParallel } from './parallel.ts'
import type { Facts } from './streams.ts'

/** The most values of each filter that are requested. */
const valuesAsked = 25
/** The most currencies by whose sums lists are sorted. */
const currenciesAsked = 3
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
  readonly currencies: Set<string>
}

/** A filter of lists. */
interface Filter {
  /** The values that a served status has for it. Statuses themselves are compared elsewhere. */
  readonly valuesOf: (status: ServedStatus['status']) => readonly string[]
  /** Default: `<name>=<value>`. */
  readonly queryOf?: (value: string) => string
  /** Which of the proposals it finds. Default: those with the value among their facts. */
  readonly findsOf?: (facts: readonly Facts[], value: string) => (one: Facts) => boolean
  /** The most values that are requested. */
  readonly most?: number
}

const either = ['true', 'false']

const filters: Readonly<Record<string, Filter>> = {
  stage: { valuesOf: ({ stage }) => textsIn(stage) },
  kind: { valuesOf: ({ kind }) => textsIn(kind) },
  ending: { valuesOf: ({ ending }) => (ending === 'void' ? [] : textsIn(ending ?? 'none')) },
  condition: { valuesOf: ({ condition }) => textsIn(condition) },
  field: { valuesOf: ({ fields }) => textsIn(fields) },
  parent: {
    valuesOf: ({ parent, links }) => [
      'none',
      ...[...textsIn(parent), ...textsIn(membersOf(links, 'other'))].filter(
        (text) => ProposalId.safeParse(text).success,
      ),
    ],
  },
  party: { valuesOf: ({ parties }) => textsIn(membersOf(parties, 'party')) },
  country: { valuesOf: ({ parties }) => textsIn(membersOf(parties, 'country')) },
  role: { valuesOf: ({ parties }) => membersOf(parties, 'roles').flatMap(textsIn) },
  'party role': { valuesOf: ({ parties }) => inRoles(parties, 'party'), queryOf: inRole('party'), most: 10 },
  'country role': { valuesOf: ({ parties }) => inRoles(parties, 'country'), queryOf: inRole('country'), most: 10 },
  formerParty: { valuesOf: ({ formerParties }) => textsIn(membersOf(formerParties, 'party')) },
  suspended: { valuesOf: () => either },
  contested: { valuesOf: () => either },
  hasParts: { valuesOf: () => either, findsOf: wholes },
  updatedSince: {
    valuesOf: ({ lastEventAt }) => textsIn(lastEventAt).filter((text) => instantOf(text) !== null),
    findsOf: (_, value) => {
      const instant = instantOf(value) ?? ''
      return ({ recordedAt }) => recordedAt >= instant
    },
    most: 5,
  },
}

function inRoles(parties: unknown, member: 'party' | 'country'): string[] {
  const all: readonly unknown[] = Array.isArray(parties) ? parties : []
  return all.flatMap((one) => {
    const [name] = textsIn(membersOf([one], member)[0])
    return name === undefined
      ? []
      : membersOf([one], 'roles')
          .flatMap(textsIn)
          .map((role) => `${name} ${role}`)
  })
}

function inRole(member: 'party' | 'country'): (value: string) => string {
  return (value) => {
    const [name = '', role = ''] = value.split(' ')
    return `${member}=${encodeURIComponent(name)}&role=${encodeURIComponent(role)}`
  }
}

/** Proposals with parts. A part that was recorded by mistake does not count. */
function wholes(facts: readonly Facts[], value: string): (one: Facts) => boolean {
  const parents = new Set(shown(facts).flatMap(({ values }) => values['parent'] ?? []))
  return ({ proposalId }) => String(parents.has(proposalId)) === value
}

export function noValues(): Values {
  const byFilter = new Map(Object.keys(filters).map((name) => [name, new Set<string>()]))
  return { ids: [], byFilter, currencies: new Set() }
}

export function noteValues({ ids, byFilter, currencies }: Values, { proposalId, status }: ServedStatus): void {
  ids.push(proposalId)
  if (status['ending'] === 'void') return
  for (const [name, { valuesOf }] of Object.entries(filters))
    for (const value of valuesOf(status)) byFilter.get(name)?.add(value)
  const { committed } = Object(status['money']) as { committed?: unknown }
  for (const currency of Object.keys(Object(committed) as object))
    if (Currency.safeParse(currency).success) currencies.add(currency)
}

/** A filter with one value. */
export interface Narrowing {
  readonly query: string
  readonly finds: (facts: readonly Facts[]) => readonly Facts[]
  readonly isOfDay: boolean
}

/** Each filter, with some of the values that were served. */
export function* narrowings({ byFilter }: Values, mostValues: number): Generator<Narrowing> {
  for (const [name, values] of byFilter) {
    const { queryOf, findsOf, most = mostValues } = filters[name] as Filter
    for (const value of someOf([...values], Math.min(most, mostValues)))
      yield {
        query: queryOf?.(value) ?? `${name}=${encodeURIComponent(value)}`,
        finds: (facts) =>
          shown(facts).filter(
            findsOf?.(facts, value) ?? (({ values: all }: Facts) => all[name]?.includes(value) === true),
          ),
        isOfDay: name === 'condition',
      }
  }
}

/** Lists of today: by each filter, by search, and in every order. */
export function* questionsToday(values: Values): Generator<Question> {
  for (const { query, finds, isOfDay } of narrowings(values, valuesAsked))
    yield { query, right: (facts) => idsOf(finds(facts)), isOfDay }
  for (const id of someOf(values.ids, searchesAsked)) yield searchFor(id)
  for (const { query, sorted, isOfDay } of ordersOf(someOf([...values.currencies], currenciesAsked)))
    yield { query, right: (facts) => idsOf(sorted(shown(facts))), isOfDay }
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

/** All of them, or a random choice. */
export function someOf<One>(all: readonly One[], most: number): readonly One[] {
  if (all.length <= most) return all
  return [...new Set(Array.from({ length: most }, () => anyOf(all) as One))]
}
