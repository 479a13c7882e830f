/** Compares the tables of moments with a naive fold: all streams are folded for each question. */
import {
  addTotals,
  type Condition,
  conditionOn,
  conditionSteps,
  conditionsInOrder,
  type Day,
  type FigureSum,
  figuresOf,
  isContested,
  isFound,
  lastDay,
  type Proposal,
  parentsOf,
  type RecordedEvent,
  searchOf,
  searchWords,
  stages,
  statusOf,
  titleKey,
  titleKeys,
} from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import t from 'tap'
import { entryOf, portfolioOf } from '../../../../packages/audit-cli/src/status/portfolio.ts'
import type { Filters } from '../../src/lists/filters.ts'
import { countAll, type Page, readPage } from '../../src/lists/list.ts'
import { type Order } from '../../src/lists/orders.ts'
import { readPortfolio } from '../../src/lists/portfolio.ts'
import type { ListQuestion, PageKey } from '../../src/lists/question.ts'
import { currentSource, type Source } from '../../src/lists/source.ts'
import { programmeTotals } from '../../src/lists/tree-money.ts'
import { changedMoments, type Sparse, sparse } from '../../src/past/bitemporal-rows.ts'
import type { PointInTime } from '../../src/past/point-in-time.ts'
import { inSnapshot } from '../../src/projections/snapshot.ts'
import { label, labelsOf } from '../../src/status/row.ts'
import {
  asking,
  type Changed,
  foldAll,
  folds,
  generation,
  idOf,
  low,
  momentsAsked,
  openMade,
  proposals,
  write,
  writeAll,
  zone,
} from '../fixtures/made-ledger.ts'
import { naiveTotals } from '../naive-totals.ts'

const today = '2026-11-23'

const whole = (source: Source) => readPortfolio(source, {}, zone)

for (const [named, limits] of Object.entries({ sparse, low })) {
  t.test(`written in batches, the tables are the same as written at once (${named} bounds)`, async (t) => {
    const { log, pool } = await openMade(t)
    await writeAll(pool, log, limits)
    const atOnce = await readTables(pool)
    await pool.query('TRUNCATE proposal_moments, moment_facets, dense_moments')
    await pool.query('UPDATE projection_generations SET position = 0 WHERE generation = $1', [generation])
    const events = log.flat().toSorted((a, b) => a.position - b.position)
    for (let from = 0; from < events.length; from += 37) {
      await writeSome(pool, log, events.slice(from, from + 37), limits)
    }
    t.same(await readTables(pool), atOnce)
    const [{ dense }] = (await pool.query('SELECT count(*)::int AS dense FROM dense_moments')).rows
    t.equal(dense > 0 && dense < proposals, limits === low, `${dense} are dense`)
  })
}

/** As a projector does: each proposal of the batch with its stream up to there, except dense ones. */
async function writeSome(pool: Pool, log: RecordedEvent[][], batch: RecordedEvent[], limits: Sparse): Promise<void> {
  const dense = new Set((await pool.query('SELECT proposal_id FROM dense_moments')).rows.map((row) => row.proposal_id))
  const counts = await pool.query('SELECT proposal_id, count(*) FROM proposal_moments GROUP BY proposal_id')
  const had = new Map(counts.rows.map((row) => [row.proposal_id, Number(row.count)]))
  const changes = [...Map.groupBy(batch, ({ proposalId }) => proposalId)].flatMap(([id, events]): Changed[] => {
    const stream = log.find((one) => idOf(one) === id) as RecordedEvent[]
    const [first, last] = [events[0] as RecordedEvent, events.at(-1) as RecordedEvent]
    if (dense.has(id)) return []
    return [[id, changedMoments(stream.slice(0, last.version), first.version - 1, zone, had.get(id), limits)]]
  })
  const [first, last] = [batch[0] as RecordedEvent, batch.at(-1) as RecordedEvent]
  await write(pool, changes, { from: first.position - 1, to: last.position })
}

async function readTables(pool: Pool): Promise<unknown> {
  const moments = 'SELECT m::text FROM proposal_moments m ORDER BY proposal_id, known_from, valid_from'
  const facets = 'SELECT f::text FROM moment_facets f ORDER BY proposal_id, facets'
  const dense = 'SELECT d::text FROM dense_moments d ORDER BY proposal_id'
  return [(await pool.query(moments)).rows, (await pool.query(facets)).rows, (await pool.query(dense)).rows]
}

for (const [named, limits] of Object.entries({ sparse, low })) {
  t.test(`lists and portfolio at a moment equal a fold of every stream (${named} bounds)`, async (t) => {
    const { log, pool, db, head } = await openMade(t)
    await writeAll(pool, log, limits)
    for (const at of momentsAsked(head)) {
      const then = foldAll(log, at)
      const found = await asking(db, at, whole)
      t.same(found, naivePortfolio(then, at), `portfolio ${JSON.stringify(at)}`)
      for (const [index, [filters, matches]] of filterCases(at, then).entries()) {
        const [order, key] = orderCases[(index + at.known) % orderCases.length] as (typeof orderCases)[number]
        const ids = await walk(db, filters, order, at)
        t.same(ids, naiveList(then, matches, order, key, at.day), JSON.stringify([filters, order, at]))
      }
    }
  })
}

t.test('lists of now and their totals equal a fold of every stream', async (t) => {
  const { log, db, head } = await openMade(t)
  const now = foldAll(log, { asOf: null, known: head, day: today })
  for (const [index, [filters, matches]] of filterCases({ day: today }, now).entries()) {
    const [order, key] = orderCases[index % orderCases.length] as (typeof orderCases)[number]
    const ids = await walkNow(db, filters, order, head)
    t.same(ids, naiveList(now, matches, order, key, today), JSON.stringify([filters, order]))
    const total = await inSnapshot(db, (snapshot) => countAll(currentSource(snapshot, today), filters))
    t.equal(total, ids.length, JSON.stringify(filters))
  }
})

t.test('every amount of the ledger is in the totals or named as left out, exactly once, at every moment', async (t) => {
  const { log, pool, db, head } = await openMade(t)
  await writeAll(pool, log, low)
  for (const at of [{ asOf: null, known: head, day: '2026-11-23' }, ...momentsAsked(head)]) {
    const { money, ownMoneyBeside } = await asking(db, at, whole)
    const all = foldAll(log, at).map(figuresOf)
    const named = [money, ownMoneyBeside.money]
    const sum = (name: FigureSum) => addTotals(...all.map((one) => one[name] ?? {}))
    for (const name of programmeTotals) t.same(addTotals(...named.map((one) => one[name])), sum(name), name)
    for (const name of ['requested', 'pledged'] as const) {
      const ofLapsed = name === 'requested' ? 'lapsedRequested' : 'lapsedPledged'
      t.same(addTotals(...named.map(({ lapsed }) => lapsed[name])), sum(ofLapsed), ofLapsed)
    }
  }
})

t.test('the portfolio of now has the totals of the domain rules, and so does the auditor’s command', async (t) => {
  const { log, db, head } = await openMade(t)
  const now = foldAll(log, { asOf: null, known: head, day: '2026-11-23' })
  const found = await inSnapshot(db, (snapshot) => whole(currentSource(snapshot, '2026-11-23')))
  const { money, ownMoneyBeside } = naiveTotals(now)
  t.same(found.money, money)
  t.same(found.ownMoneyBeside, ownMoneyBeside)
  t.same(
    portfolioOf(
      now.map((one) => entryOf(one, '2026-11-23', zone)),
      '2026-11-23',
      zone,
    ),
    found,
  )
})

function walk(db: Kysely<Database>, filters: Filters, order: Order, at: PointInTime): Promise<string[]> {
  return walkWith((read) => asking(db, at, read), { filters, ...order, began: at.known })
}

function walkNow(db: Kysely<Database>, filters: Filters, order: Order, began: number): Promise<string[]> {
  const ask: Ask = (read) => inSnapshot(db, (snapshot) => read(currentSource(snapshot, today)))
  return walkWith(ask, { filters, ...order, began })
}

type Ask = (read: (source: Source) => Promise<Page>) => Promise<Page>

/** Page by page, to test the cursors. */
async function walkWith(ask: Ask, asked: Omit<ListQuestion, 'limit' | 'after'>): Promise<string[]> {
  const ids: string[] = []
  for (let after: PageKey | null = null; ; ) {
    const question: ListQuestion = { ...asked, limit: 7, after }
    const page: Page = await ask((source) => readPage(source, question, { timeZone: zone, folds }))
    ids.push(...page.rows.map(({ proposal }) => proposal.proposalId))
    if (page.next === null) return ids
    after = page.next
  }
}

type Matches = (proposal: Proposal) => boolean

function filterCases({ day }: Pick<PointInTime, 'day'>, then: readonly Proposal[]): [Filters, Matches][] {
  const isWhole = ({ proposalId }: Proposal) =>
    then.some((part) => part.ending !== 'void' && parentsOf(part).includes(proposalId))
  const has = (text: string) => (proposal: Proposal) => labelsOf(statusOf(proposal, day, zone)).includes(text)
  return [
    [{}, () => true],
    [{ stage: ['agreed', 'funded'] }, ({ stage }) => stage === 'agreed' || stage === 'funded'],
    [{ ending: ['cancelled', 'withdrawn'] }, ({ ending }) => ending === 'cancelled' || ending === 'withdrawn'],
    [{ ending: ['none'] }, ({ ending }) => ending === null],
    [{ parent: 'proposal-01' }, has(label.link('child', 'proposal-01'))],
    [{ party: ['msit-kr'], role: ['funder'] }, has(label.partyInRole('msit-kr', 'funder'))],
    [{ country: ['KR'], kind: ['programme'] }, (one) => has(label.country('KR'))(one) && one.kind === 'programme'],
    [{ q: 'TITLE 3' }, (proposal) => isFound(searchOf(proposal), searchWords('TITLE 3'))],
    [{ condition: ['overdue', 'stale'] }, (one) => ['overdue', 'stale'].includes(conditionAt(one, day))],
    [{ ids: ['proposal-03', 'proposal-07', 'nobody'] }, ({ proposalId }) => /-0[37]$/.test(proposalId)],
    [{ parent: 'none' }, (one) => parentsOf(one).length === 0],
    [{ hasParts: 'true' }, isWhole],
    [{ hasParts: 'false', stage: ['proposed'] }, (one) => !isWhole(one) && one.stage === 'proposed'],
    [{ contested: 'true' }, isContested],
    [{ contested: 'false', kind: ['programme'] }, (one) => !isContested(one) && one.kind === 'programme'],
    [{ updatedSince: '2026-10-05T00:00:00Z' }, ({ recordedAt }) => recordedAt >= '2026-10-05'],
  ]
}

/** The sort key of a proposal as text; null if it has none, and then it comes last in both directions. */
type KeyOf = (proposal: Proposal, day: Day) => string | null

const stage: KeyOf = (one) => String(stages.indexOf(one.stage))
const condition: KeyOf = (one, day) => String(conditionsInOrder.indexOf(conditionAt(one, day)))
const agreedOn: KeyOf = ({ history }) => lastDay(history.agreed?.occurredOn ?? null)
const committed =
  (currency: string): KeyOf =>
  (one) => {
    const value = figuresOf(one).committed?.[currency]
    return value === undefined ? null : value.split('.')[0]?.padStart(40, '0') + (value.split('.')[1] ?? '')
  }
const vietnamese: KeyOf = ({ title }) => titleKeys(title).vi ?? titleKey(title)
const end: KeyOf = ({ planned }) => lastDay(planned.end)

const orderCases: [Order, KeyOf][] = [
  [{ sort: 'proposalId' }, ({ proposalId }) => proposalId],
  [{ sort: '-title' }, ({ title }) => titleKey(title)],
  [{ sort: 'title', language: 'vi' }, vietnamese],
  [{ sort: 'plannedEnd' }, end],
  [{ sort: '-plannedEnd' }, end],
  [{ sort: '-updated' }, ({ position }) => String(position).padStart(9, '0')],
  [{ sort: 'stage' }, stage],
  [{ sort: '-condition' }, condition],
  [{ sort: 'agreed' }, agreedOn],
  [{ sort: '-agreed' }, agreedOn],
  [{ sort: 'committed', currency: 'USD' }, committed('USD')],
  [{ sort: '-committed', currency: 'USD' }, committed('USD')],
]

t.test(
  'every order is that of its keys, and rows without one come last in both directions, now and at a moment',
  async (t) => {
    const { log, pool, db, head } = await openMade(t)
    await writeAll(pool, log, low)
    const now = foldAll(log, { asOf: null, known: head, day: today })
    const at = { asOf: '2021-08-01', known: Math.floor(head / 2), day: '2021-08-01' }
    const then = foldAll(log, at)
    for (const [order, key] of orderCases) {
      const all = () => true
      t.same(await walkNow(db, {}, order, head), naiveList(now, all, order, key, today), JSON.stringify(order))
      t.same(await walk(db, {}, order, at), naiveList(then, all, order, key, at.day), JSON.stringify([order, at]))
    }
  },
)

function naiveList(then: Proposal[], matches: Matches, { sort }: Order, key: KeyOf, day: Day): string[] {
  const found = then.filter(matches).filter(({ ending }) => ending !== 'void')
  const sign = sort.startsWith('-') ? -1 : 1
  const byId = (a: Proposal, b: Proposal) => sign * (a.proposalId < b.proposalId ? -1 : 1)
  const inOrder = found.toSorted((a, b) => {
    const [left, right] = [key(a, day), key(b, day)]
    if (left === right) return byId(a, b)
    if (left === null || right === null) return left === null ? 1 : -1
    return sign * (left < right ? -1 : 1)
  })
  return inOrder.map(({ proposalId }) => proposalId)
}

function conditionAt(proposal: Proposal, day: Day): Condition {
  return conditionOn(conditionSteps(proposal, zone), day)
}

function naivePortfolio(then: Proposal[], { day }: PointInTime) {
  const shown = then.filter(({ ending }) => ending !== 'void')
  const statuses = shown.map((proposal) => statusOf(proposal, day, zone))
  const count = (names: string[]) =>
    Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
  const overdue = statuses.filter(({ condition }) => condition === 'overdue')
  return {
    day,
    timeZone: zone,
    total: shown.length,
    contested: shown.filter(isContested).length,
    byStage: count(statuses.map(({ stage }) => stage)),
    byEnding: count(statuses.map(({ ending }) => ending ?? 'none')),
    byCondition: count(statuses.map(({ condition }) => condition)),
    byKind: count(statuses.map(({ kind }) => kind)),
    byField: count(statuses.flatMap(({ fields }) => fields)),
    byCountry: count(shown.flatMap(({ parties }) => [...new Set(parties.flatMap(({ country }) => country ?? []))])),
    byParty: naiveParties(shown),
    byParent: mostFrequent(
      Object.entries(count(shown.flatMap((one) => [...new Set(parentsOf(one))]))).map(([proposalId, total]) => ({
        proposalId,
        title: then.find((one) => one.proposalId === proposalId)?.title ?? null,
        total,
      })),
      ({ proposalId }) => proposalId,
    ),
    byParentNone: shown.filter((one) => parentsOf(one).length === 0).length,
    ...naiveTotals(then),
    overdue: {
      total: overdue.length,
      proposals: overdue
        .map(({ proposalId, title, stage, planned }) => ({
          proposalId,
          title,
          stage,
          plannedEnd: lastDay(planned.end),
        }))
        .toSorted((a, b) => (late(a) < late(b) ? -1 : 1)),
    },
  }
}

function naiveParties(shown: Proposal[]) {
  const ids = new Set(shown.flatMap(({ parties }) => parties.map(({ party }) => party)))
  const counts = [...ids].map((party) => {
    const own = shown.flatMap(({ parties }) => parties.filter((one) => one.party === party))
    const roles = [
      ...Map.groupBy(
        own.flatMap((one) => one.roles),
        (role) => role,
      ),
    ]
    const name = naiveName(party, own[0]?.name, shown)
    return { party, name, total: own.length, roles: Object.fromEntries(roles.map(([role, all]) => [role, all.length])) }
  })
  return mostFrequent(counts, ({ party }) => party)
}

/** The recorded name, then each new name over it, in the order of the days from which they count. */
function naiveName(party: string, recorded: Proposal['title'] | undefined, shown: Proposal[]) {
  const places = shown.flatMap(({ renamings = [] }) => renamings).filter((one) => one.party === party)
  const key = ({ countsFrom, position }: (typeof places)[number]) =>
    `${countsFrom} ${String(position).padStart(9, '0')}`
  const later = places.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  const name = later.reduce((before, one) => ({ ...before, ...one.name }), recorded ?? {})
  return Object.keys(name).length === 0 ? null : name
}

function mostFrequent<One extends { total: number }>(all: One[], idOf: (one: One) => string): One[] {
  return all.toSorted((a, b) => b.total - a.total || (idOf(a) < idOf(b) ? -1 : 1)).slice(0, 100)
}

function late({ proposalId, plannedEnd }: { proposalId: string; plannedEnd: Day | null }): string {
  return `${plannedEnd ?? 'infinity'} ${proposalId}`
}
