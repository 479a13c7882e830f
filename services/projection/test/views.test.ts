/** The portfolio of a view: its figures, and that each is the length of its list. */
import { endings, kinds, type Proposal, parentsOf, roles, stages } from '@commitments/domain'
import { searchRuns, searchSeed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Filters } from '../src/lists/filters.ts'
import { countAll } from '../src/lists/list.ts'
import { type Portfolio, readPortfolio } from '../src/lists/portfolio.ts'
import { currentSource, type Source } from '../src/lists/source.ts'
import type { PointInTime } from '../src/past/point-in-time.ts'
import { inSnapshot } from '../src/projections/snapshot.ts'
import { asking, foldAll, low, openMade, writeAll, zone } from './fixtures/made-ledger.ts'
import { naiveTotals } from './naive-totals.ts'

const today = '2026-11-23'

/** Filters with values that occur in these proposals, and some that do not. */
function anyFilters(proposals: readonly Proposal[]): fc.Arbitrary<Filters> {
  const some = <Value>(values: readonly Value[]) => {
    const all = [...new Set(values)]
    return fc.subarray(all, { minLength: 1, maxLength: Math.min(3, all.length) })
  }
  const yesOrNo = fc.constantFrom('true' as const, 'false' as const)
  const ids = proposals.map(({ proposalId }) => proposalId)
  const parties = proposals.flatMap((one) => one.parties)
  const parents = [...new Set(proposals.flatMap(parentsOf))]
  const all = fc.record(
    {
      ids: fc.subarray(ids, { minLength: 1 }),
      stage: some(stages),
      ending: some(['none' as const, ...endings]),
      kind: some(kinds),
      condition: some(['overdue', 'unknown', 'done', 'ended', 'stale'] as const),
      party: some([...parties.map(({ party }) => party), 'nobody']),
      role: some(roles.slice(0, 6)),
      field: some([...proposals.flatMap(({ fields }) => fields), 'nothing']),
      country: some([...parties.flatMap(({ country }) => country ?? []), 'FR']),
      parent: fc.constantFrom('none', ...parents),
      hasParts: yesOrNo,
      suspended: yesOrNo,
      contested: yesOrNo,
      q: fc.constantFrom('title 1', 'proposal', 'no such text'),
      updatedSince: fc.constantFrom('2026-10-05T00:00:00Z'),
    },
    { requiredKeys: [] },
  )
  // Most pairs match nothing: two or three at a time show more than fifteen.
  return all.chain((filters) =>
    fc
      .shuffledSubarray(Object.keys(filters) as (keyof Filters)[])
      .map((names) => names.slice(0, 3))
      .map((names): Filters => Object.fromEntries(names.map((name) => [name, (filters as Filters)[name]]))),
  )
}

/** Each figure with the filters of its list. */
function figuresOf(portfolio: Portfolio, filters: Filters): [name: string, figure: number, list: Filters][] {
  const of = (name: string, counts: Readonly<Record<string, number>>, filter: (value: string) => Filters) =>
    Object.entries(counts).map(([value, figure]): [string, number, Filters] => [
      `${name} ${value}`,
      figure,
      { ...filters, ...filter(value) },
    ])
  const one = (name: keyof Filters) => (value: string) => ({ [name]: [value] }) as Filters
  const { byParty, byParent } = portfolio
  return [
    ['total', portfolio.total, filters],
    ...of('stage', portfolio.byStage, one('stage')),
    ...of('ending', portfolio.byEnding, one('ending')),
    ...of('condition', portfolio.byCondition, one('condition')),
    ...of('kind', portfolio.byKind, one('kind')),
    ...of('field', portfolio.byField, one('field')),
    ...of('country', portfolio.byCountry, one('country')),
    ...of('party', Object.fromEntries(byParty.map(({ party, total }) => [party, total])), one('party')),
    ...byParty.flatMap(({ party, roles: own }) =>
      of(`party ${party} as`, own, (role) => ({ party: [party], role: [role as 'funder'] })),
    ),
    ...of('parent', Object.fromEntries(byParent.map(({ proposalId, total }) => [proposalId, total])), (parent) => ({
      parent,
    })),
  ]
}

type Ask = <T>(read: (source: Source) => Promise<T>) => Promise<T>

async function checkView(t: Test, ask: Ask, filters: Filters, when: string): Promise<number> {
  const portfolio = await ask((source) => readPortfolio(source, filters, zone))
  const figures = figuresOf(portfolio, filters)
  // For these figures, a view that filters for one side has nothing on the other.
  if (filters.parent === undefined) figures.push(['roots', portfolio.byParentNone, { ...filters, parent: 'none' }])
  if (filters.contested === undefined)
    figures.push(['contested', portfolio.contested, { ...filters, contested: 'true' }])
  for (const [name, figure, list] of figures) {
    const total = await ask((source) => countAll(source, list))
    if (total !== figure) t.fail(`${name} is ${figure}, its list has ${total}`, { filters, list, when })
  }
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, count) => all + count, 0)
  const { total, byStage, byEnding, byCondition, byKind } = portfolio
  t.same([byStage, byEnding, byCondition, byKind].map(sum), [total, total, total, total], when)
  return figures.length
}

t.test('every figure of a portfolio is the total of the list with its filter, now and at a moment', async (t) => {
  const { log, pool, db, head } = await openMade(t)
  await writeAll(pool, log, low)
  const now: Ask = (read) => inSnapshot(db, (snapshot) => read(currentSource(snapshot, today)))
  const moment = fc.record({
    asOf: fc.constantFrom(null, '2020-05-04', '2021-08-01', '2024-01-01', '2026-11-22'),
    known: fc.integer({ min: 1, max: head }),
  })
  const all = foldAll(log, { asOf: null, known: head, day: today })
  const runs = { numRuns: searchRuns(25, 500), seed: searchSeed(t) }
  let figures = 0
  for (const [filters, { asOf, known }] of fc.sample(fc.tuple(anyFilters(all), moment), runs)) {
    const at = { asOf, known, day: asOf ?? today }
    figures += await checkView(t, now, filters, `now ${JSON.stringify(filters)}`)
    figures += await checkView(t, (read) => asking(db, at, read), filters, JSON.stringify([filters, at]))
  }
  t.ok(figures > 500, `${figures} figures were compared`)
})

t.test('the money of a view counts within the view, also below proposals that do not match', async (t) => {
  const { log, pool, db, head } = await openMade(t)
  await writeAll(pool, log, low)
  const at: PointInTime = { asOf: null, known: head, day: today }
  const all = foldAll(log, at)
  for (const ids of fc.sample(
    fc.subarray(
      all.map(({ proposalId }) => proposalId),
      { minLength: 1 },
    ),
    { numRuns: 25, seed: searchSeed(t) },
  )) {
    const expected = naiveTotals(all, new Set(ids))
    for (const ask of [
      (read: (source: Source) => Promise<Portfolio>) =>
        inSnapshot(db, (snapshot) => read(currentSource(snapshot, today))),
      (read: (source: Source) => Promise<Portfolio>) => asking(db, at, read),
    ]) {
      const { money, ownMoneyBeside } = await ask((source) => readPortfolio(source, { ids }, zone))
      t.same({ money, ownMoneyBeside }, expected, JSON.stringify(ids))
    }
  }
})
