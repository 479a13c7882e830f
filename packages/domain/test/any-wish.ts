import type { Wish } from '@commitments/domain'
import * as fc from 'fast-check'

/** Members are absent as often as not: a wish speaks of a part of the state. */
function maybe<Value>(arbitrary: fc.Arbitrary<Value>) {
  return fc.option(arbitrary, { nil: undefined })
}

const dates = fc.constantFrom(null, '2019', '2020-05-04', '[2018..2021]', '2025', '2026-10', '2027-06', '2028')
const past = fc.constantFrom(null, '2019', '2020-05-04', '[2018..2021]', '2025', '2026-10-01')
const evidence = [{ title: 'Export', supports: 'Says so.' }]
const happening = { occurredOn: maybe(past), evidence: maybe(fc.constant(evidence)) }
const texts = fc.dictionary(fc.constantFrom('en', 'vi', 'fr'), fc.constantFrom('A', 'B', 'C'), { minKeys: 1 })
const usd = (...values: string[]) => fc.constantFrom(...values).map((value) => ({ value, currency: 'USD' }))
const parties = fc.constantFrom('most-vn', 'msit-kr', 'lab', 'kist-kr')
const roles = fc.uniqueArray(fc.constantFrom('funder', 'implementer', 'beneficiary'), { minLength: 1, maxLength: 2 })
const lines = fc.constantFrom('a', 'b', 'kr-grant')
const kinds = fc.constantFrom('joint-research', 'forum')

function listOf<Value>(arbitrary: fc.Arbitrary<Value>, by: (value: Value) => unknown) {
  return maybe(fc.uniqueArray(arbitrary, { maxLength: 3, selector: by }))
}

const wished = fc.record({
  title: maybe(texts),
  summary: maybe(texts),
  kind: maybe(kinds),
  parties: listOf(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          party: parties,
          roles,
          name: maybe(texts),
          country: maybe(fc.constantFrom('VN', 'KR')),
        }),
      },
      { weight: 1, arbitrary: parties.map((party) => ({ party, left: true as const })) },
    ),
    ({ party }) => party,
  ),
  fields: maybe(fc.uniqueArray(fc.constantFrom('biotechnology', 'quantum'), { maxLength: 2 })),
  parent: maybe(fc.constantFrom(null, 'other', 'programme')),
  links: listOf(
    fc.record({
      relation: fc.constantFrom('sibling', 'precedes'),
      other: fc.constantFrom('other', 'programme'),
      unlinked: maybe(fc.constant(true as const)),
    }),
    ({ relation, other }) => `${relation} ${other}`,
  ),
  planned: maybe(
    fc
      .record({
        start: maybe(fc.constantFrom(null, '2019', '2026')),
        end: maybe(fc.constantFrom(null, '2027', '2029')),
        place: maybe(texts),
      })
      .filter(({ start, end, place }) => [start, end, place].some((one) => one !== undefined)),
  ),
  requestedFunding: maybe(fc.constantFrom([], [{ provider: 'msit-kr', amount: { value: '5', currency: 'USD' } }])),
  proposed: maybe(fc.record(happening)),
  agreed: maybe(
    fc.record({
      form: fc.constantFrom('agreement', 'memorandum'),
      parties: fc.constant(['most-vn', 'msit-kr']),
      terms: maybe(fc.record({ objectives: texts, start: maybe(fc.constantFrom('2020', '2026')) })),
      ...happening,
    }),
  ),
  pledges: listOf(
    fc.record({
      pledge: fc.constantFrom('kr-pledge', 'p'),
      provider: fc.constant('msit-kr'),
      amount: usd('0', '1000000', '3000000'),
      ...happening,
    }),
    ({ pledge }) => pledge,
  ),
  lines: listOf(
    fc.record({
      line: lines,
      provider: fc.constant('msit-kr'),
      receiver: fc.constant('most-vn'),
      amount: usd('2000000', '2000000.00', '4000000'),
      financeType: fc.constant('grant'),
      decommitted: maybe(usd('0', '500000', '1000000')),
      ...happening,
    }),
    ({ line }) => line,
  ),
  tranches: listOf(
    fc.record({
      tranche: fc.constantFrom('first', 'second'),
      line: lines,
      amount: usd('0', '250000', '1000000'),
      when: maybe(dates),
    }),
    ({ tranche }) => tranche,
  ),
  transactions: listOf(
    fc.record({
      transaction: fc.constantFrom('t1', 't2', 't4'),
      line: lines,
      amount: usd('250000', '1000000'),
      refunded: maybe(usd('0', '250000')),
      ...happening,
    }),
    ({ transaction }) => transaction,
  ),
  milestones: listOf(
    fc.record({
      milestone: fc.constantFrom('opening', 'm'),
      title: fc.constantFrom({ en: 'Opening' }, { en: 'Another' }),
      due: maybe(dates),
      obligatory: maybe(fc.boolean()),
      reached: maybe(fc.record({ outcome: fc.constantFrom('met', 'missed'), ...happening })),
    }),
    ({ milestone }) => milestone,
  ),
  started: maybe(fc.record(happening)),
  delivered: maybe(fc.record({ acceptedBy: fc.constant(['most-vn']), ...happening })),
  closed: maybe(fc.record(happening)),
  ended: maybe(
    fc.record({
      ending: fc.constant('cancelled'),
      by: fc.constant(['most-vn']),
      remaining: fc.constant('keep'),
      ...happening,
    }),
  ),
  suspended: maybe(fc.boolean()),
})

const someNumbers = fc.array(fc.nat(), { minLength: 1, maxLength: 4 })

/** Few members at a time: of many, one is nearly always refused. */
const few = fc.tuple(wished, someNumbers).map(([all, chosen]) => {
  const given = Object.entries(all).filter(([, value]) => value !== undefined)
  const names = new Set(chosen.map((any) => given[any % Math.max(given.length, 1)]?.[0]))
  return Object.fromEntries(given.filter(([name]) => names.has(name)))
})

/** Two wishes that speak of the same members, and of the same day: of registers that do not agree. */
export const contestingWishes: fc.Arbitrary<[Wish, Wish]> = fc
  .tuple(wished, wished, someNumbers, past, fc.constantFrom({ en: 'As the export says.' }, undefined))
  .map(([one, other, chosen, occurredOn, reason]) => {
    const common = Object.keys(one).filter((name) => name in other)
    const names = new Set(chosen.map((any) => common[any % Math.max(common.length, 1)]))
    const wishOf = (all: object) => {
      const given = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)))
      return JSON.parse(JSON.stringify({ occurredOn, wished: given, reason, evidence })) as Wish
    }
    return [wishOf(one), wishOf(other)]
  })

/** Wishes over the ids of the other random histories, as they are sent. */
export const wishes: fc.Arbitrary<Wish> = fc
  .record({
    occurredOn: past,
    wished: few,
    reason: fc.constantFrom({ en: 'As the export says.' }, { en: 'So it is.' }, undefined),
    evidence: fc.constant(evidence),
  })
  .map((wish) => JSON.parse(JSON.stringify(wish)) as Wish)

/** Enough of a wish to begin a proposal. */
export const beginningWishes: fc.Arbitrary<Wish> = wishes.map((wish) => ({
  ...wish,
  wished: {
    title: { en: 'Joint laboratory' },
    kind: 'joint-research',
    ...wish.wished,
    parties: [
      { party: 'most-vn', roles: ['proposer'] },
      { party: 'msit-kr', roles: ['funder'] },
    ],
  },
}))
