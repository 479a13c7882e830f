/** The tables of moments against a naive fold: all streams folded for each question. */
import {
  addTotals,
  conditionOn,
  conditionSteps,
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
  statusOf,
} from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import t from 'tap'
import { entryOf, portfolioOf } from '../../../../packages/audit-cli/src/replay/portfolio.ts'
import type { Filters } from '../../src/lists/filters.ts'
import { countAll, type Page, readPage } from '../../src/lists/list.ts'
import { readPortfolio } from '../../src/lists/portfolio.ts'
import type { ListQuestion, PageKey, Sort } from '../../src/lists/question.ts'
import { currentSource, type Source } from '../../src/lists/source.ts'
import { programmeTotals } from '../../src/lists/tree-money.ts'
import { changedMoments, type Sparse, sparse } from '../../src/past/bitemporal-rows.ts'
import type { PointInTime } from '../../src/past/point-in-time.ts'
import { inSnapshot } from '../../src/projections/snapshot.ts'
import { label, labelsOf, titleKey } from '../../src/status/row.ts'
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

/** As a projector does: each proposal of the batch with its stream up to there, but for those that are dense. */
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
  t.test(`lists and portfolio at a moment are what folding every stream gives (${named} bounds)`, async (t) => {
    const { log, pool, db, head } = await openMade(t)
    await writeAll(pool, log, limits)
    for (const at of momentsAsked(head)) {
      const then = foldAll(log, at)
      const found = await asking(db, at, whole)
      t.same(found, naivePortfolio(then, at), `portfolio ${JSON.stringify(at)}`)
      for (const [index, [filters, matches]] of filterCases(at, then).entries()) {
        const [sort, key] = sortCases[(index + at.known) % sortCases.length] as (typeof sortCases)[number]
        const ids = await walk(db, filters, sort, at)
        t.same(ids, naiveList(then, matches, sort, key), JSON.stringify([filters, sort, at]))
      }
    }
  })
}

t.test('lists and their totals of now are what folding every stream gives', async (t) => {
  const { log, db, head } = await openMade(t)
  const now = foldAll(log, { asOf: null, known: head, day: today })
  for (const [index, [filters, matches]] of filterCases({ day: today }, now).entries()) {
    const [sort, key] = sortCases[index % sortCases.length] as (typeof sortCases)[number]
    const ids = await walkWith((read) => inSnapshot(db, (snapshot) => read(currentSource(snapshot, today))), {
      filters,
      sort,
      began: head,
    })
    t.same(ids, naiveList(now, matches, sort, key), JSON.stringify([filters, sort]))
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

t.test(
  'the portfolio of now has the totals that the domain rules give, and so does the auditor’s command',
  async (t) => {
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
  },
)

function walk(db: Kysely<Database>, filters: Filters, sort: Sort, at: PointInTime): Promise<string[]> {
  return walkWith((read) => asking(db, at, read), { filters, sort, began: at.known })
}

type Ask = (read: (source: Source) => Promise<Page>) => Promise<Page>

/** Page by page, to see that the cursors hold. */
async function walkWith(ask: Ask, asked: Pick<ListQuestion, 'filters' | 'sort' | 'began'>): Promise<string[]> {
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

const sortCases: [Sort, (proposal: Proposal) => string][] = [
  ['proposalId', ({ proposalId }) => proposalId],
  ['-title', ({ title }) => titleKey(title)],
  ['plannedEnd', ({ planned }) => lastDay(planned.end) ?? 'infinity'],
  ['-updated', ({ position }) => String(position).padStart(9, '0')],
]

function naiveList(then: Proposal[], matches: Matches, sort: Sort, key: (proposal: Proposal) => string): string[] {
  const place = (proposal: Proposal) => `${key(proposal)} ${proposal.proposalId}`
  const found = then.filter(matches).filter(({ ending }) => ending !== 'void')
  const ids = found.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)).map(({ proposalId }) => proposalId)
  return sort.startsWith('-') ? ids.toReversed() : ids
}

function conditionAt(proposal: Proposal, day: Day): string {
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
    const name = own[0]?.name ?? null
    return { party, name, total: own.length, roles: Object.fromEntries(roles.map(([role, all]) => [role, all.length])) }
  })
  return mostFrequent(counts, ({ party }) => party)
}

function mostFrequent<One extends { total: number }>(all: One[], idOf: (one: One) => string): One[] {
  return all.toSorted((a, b) => b.total - a.total || (idOf(a) < idOf(b) ? -1 : 1)).slice(0, 100)
}

function late({ proposalId, plannedEnd }: { proposalId: string; plannedEnd: Day | null }): string {
  return `${plannedEnd ?? 'infinity'} ${proposalId}`
}
