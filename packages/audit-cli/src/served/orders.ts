import { compareMoney, conditionsInOrder, stages, type TitleLanguage, titleKey, titleKeys } from '@commitments/domain'
import type { Facts } from './streams.ts'

/** An order of lists, as a query asks for it. */
interface Order {
  readonly query: string
  /** What it shows changes with the day. */
  readonly isOfDay: boolean
  readonly sorted: (facts: readonly Facts[]) => readonly Facts[]
}

/** The key of a proposal; null if it has none, and then it comes last in both directions. */
interface Sort<Key> {
  readonly query: string
  readonly keyOf: (facts: Facts) => Key | null
  readonly compare: (a: Key, b: Key) => number
}

/** Every order, in both directions. */
export function ordersOf(currencies: readonly string[]): readonly Order[] {
  const numbers = [
    { query: 'updated', keyOf: ({ updated }: Facts) => updated, compare: byNumber },
    { query: 'stage', keyOf: ({ stage }: Facts) => stages.indexOf(stage), compare: byNumber },
    { query: 'condition', keyOf: ({ condition }: Facts) => conditionsInOrder.indexOf(condition), compare: byNumber },
  ]
  const texts = [
    { query: 'proposalId', keyOf: ({ proposalId }: Facts) => proposalId, compare: byBytes },
    { query: 'title', keyOf: ({ title }: Facts) => titleKey(title), compare: byBytes },
    ...languages.map((language) => ({ query: `title&lang=${language}`, keyOf: titleIn(language), compare: byBytes })),
    { query: 'plannedEnd', keyOf: ({ plannedEnd }: Facts) => plannedEnd, compare: byBytes },
    { query: 'agreed', keyOf: ({ agreed }: Facts) => agreed, compare: byBytes },
  ]
  const sums = currencies.map((currency) => ({
    query: `committed&currency=${currency}`,
    keyOf: ({ committed }: Facts) => committed[currency] ?? null,
    compare: (a: string, b: string) => compareMoney({ value: a, currency }, { value: b, currency }),
  }))
  return [...numbers.flatMap(bothWays), ...texts.flatMap(bothWays), ...sums.flatMap(bothWays)]
}

const languages = ['vi', 'ko'] as const

function titleIn(language: TitleLanguage): (facts: Facts) => string {
  return ({ title }) => titleKeys(title)[language] ?? titleKey(title)
}

function bothWays<Key>(sort: Sort<Key>): Order[] {
  return [1, -1].map((sign) => ({
    query: `sort=${sign < 0 ? '-' : ''}${sort.query}`,
    isOfDay: sort.query === 'condition',
    sorted: (facts) => {
      const keyed = facts.map((one) => ({ one, key: sort.keyOf(one) }))
      return keyed.toSorted((a, b) => compareKeys(sort, sign, a, b)).map(({ one }) => one)
    },
  }))
}

interface Keyed<Key> {
  readonly one: Facts
  readonly key: Key | null
}

function compareKeys<Key>({ compare }: Sort<Key>, sign: number, a: Keyed<Key>, b: Keyed<Key>): number {
  const byId = sign * byBytes(a.one.proposalId, b.one.proposalId)
  if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || byId
  return sign * compare(a.key, b.key) || byId
}

function byNumber(a: number, b: number): number {
  return a - b
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
