/** The tables of moments against a naive fold: all streams folded for each question. */
import {
  addTotals,
  conditionOn,
  conditionSteps,
  type Day,
  encodeRest,
  type FigureSum,
  figuresOf,
  isFound,
  lastDay,
  type Proposal,
  proposalAt,
  type RecordedEvent,
  searchOf,
  searchWords,
  spliceLine,
  statusOf,
} from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { openDatabase, searchSeed } from '@commitments/test-kit'
import { streams as anyStreams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import t, { type Test } from 'tap'
import { entryOf, portfolioOf } from '../../../../packages/audit-cli/src/replay/portfolio.ts'
import type { Filters } from '../../src/lists/filters.ts'
import { type Page, readPage } from '../../src/lists/list.ts'
import { readPortfolio } from '../../src/lists/portfolio.ts'
import type { ListQuestion, PageKey, Sort } from '../../src/lists/question.ts'
import { currentSource, pastSource, type Source } from '../../src/lists/source.ts'
import { programmeTotals } from '../../src/lists/tree-money.ts'
import { changedMoments, type MomentChanges, momentsOf, type Sparse, sparse } from '../../src/past/bitemporal-rows.ts'
import { createFoldMemory, withDense } from '../../src/past/dense.ts'
import type { PointInTime } from '../../src/past/point-in-time.ts'
import { writePastBatch } from '../../src/past/write-past.ts'
import { inSnapshot } from '../../src/projections/snapshot.ts'
import { label, labelsOf, rowOf, titleKey } from '../../src/status/row.ts'
import { naiveTotals } from '../naive-totals.ts'

const zone = 'Asia/Ho_Chi_Minh'
const proposals = 40

/** Streams with ids, parents and endings of their own, their events one after the other in one log. */
function madeLog(seed: number): RecordedEvent[][] {
  const made = fc.sample(anyStreams, { numRuns: proposals, seed })
  const all = made.map((stream, number) =>
    stream.map((event) => ({ ...event, ...identityOf(event, number) }) as RecordedEvent),
  )
  const order = all.flat().toSorted((a, b) => a.version - b.version || (a.proposalId < b.proposalId ? -1 : 1))
  const positions = new Map(order.map((event, index) => [event, index + 1]))
  return all.map((stream) => stream.map((event) => ({ ...event, position: positions.get(event) }) as RecordedEvent))
}

/** A tree of some depth: two of three are parts of one before, the third is of nothing. */
function identityOf(event: RecordedEvent, number: number): Partial<RecordedEvent> {
  const proposalId = `proposal-${String(number).padStart(2, '0')}`
  const eventId = `00000000-0000-7000-8000-${String(number * 1000 + event.version).padStart(12, '0')}`
  if (event.type !== 'proposed') return { proposalId, eventId }
  const above = String(Math.floor(number / 3)).padStart(2, '0')
  const parent = number % 3 > 0 ? { parent: `proposal-${above}` } : {}
  const title = { en: `Title ${(number * 7) % proposals}` }
  return { proposalId, eventId, data: { ...event.data, ...parent, title } }
}

interface Made {
  readonly log: RecordedEvent[][]
  readonly db: Kysely<Database>
  readonly pool: Pool
  readonly head: number
}

async function open(t: Test): Promise<Made> {
  const seed = searchSeed(t)
  const pool = (await openDatabase(t)).pool()
  const log = madeLog(seed)
  await writeLog(pool, log)
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  return { log, db, pool, head: log.flat().length }
}

async function writeLog(pool: Pool, log: RecordedEvent[][]): Promise<void> {
  const events = log.flat().map(({ position, recordedAt, ...rest }) => ({
    position,
    proposal_id: rest.proposalId,
    version: rest.version,
    event_id: rest.eventId,
    recorded_at: recordedAt,
    line: spliceLine(position, recordedAt, encodeRest(rest)),
  }))
  await insert(pool, 'events', events)
  await pool.query("UPDATE projection_generations SET position = $1 WHERE projection = 'proposal-status'", [
    events.length,
  ])
  const rows = log.map(statusRow)
  await insert(
    pool,
    'proposal_status',
    rows.map(({ search: _search, ...row }) => row),
  )
  await insert(
    pool,
    'proposal_search',
    rows.map(({ proposal_id, search }) => ({ generation: 1, proposal_id, search })),
  )
}

function statusRow(stream: RecordedEvent[]) {
  const state = proposalAt(stream, {}, zone) as Proposal
  const { proposalId, version, position, recordedAt } = state
  return {
    generation: 1,
    ...rowOf({ proposalId, state, version, position, updatedAt: recordedAt, parked: null }, zone),
  }
}

async function insert(pool: Pool, table: string, rows: object[]): Promise<void> {
  const columns = Object.keys(rows[0] as object).join(', ')
  await pool.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
    [JSON.stringify(rows)],
  )
}

/** Most of these proposals are dense by them, some only at their last events. */
const low: Sparse = { events: 8, rectangles: 12, facets: 16_384 }

for (const [named, limits] of Object.entries({ sparse, low })) {
  t.test(`written in batches, the tables are the same as written at once (${named} bounds)`, async (t) => {
    const { log, pool } = await open(t)
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

/** Of the moments: they are the second projection that the migrations make. */
const generation = 2

async function writeAll(pool: Pool, log: RecordedEvent[][], limits: Sparse): Promise<void> {
  const changes = log.map((stream) => [idOf(stream), momentsOf(stream, zone, limits)] as const)
  await write(pool, changes, { from: 0, to: log.flat().length })
}

function idOf(stream: readonly RecordedEvent[]): string {
  return (stream[0] as RecordedEvent).proposalId
}

type Changed = readonly [proposalId: string, changes: MomentChanges]

async function write(pool: Pool, all: Changed[], { from, to }: { from: number; to: number }): Promise<void> {
  const moments = all.map(([proposalId, changes]) => ({ proposalId, changes, parked: null }))
  const written = await writePastBatch(pool, { generation, state: 'live', from, to, moments })
  if (!written) throw new Error(`The checkpoint was not at ${from}.`)
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
    const { log, pool, db, head } = await open(t)
    await writeAll(pool, log, limits)
    for (const at of momentsAsked(head)) {
      const then = foldAll(log, at)
      const found = await asking(db, at, readPortfolio)
      t.same(found, naivePortfolio(then, at), `portfolio ${JSON.stringify(at)}`)
      for (const [index, [filters, matches]] of filterCases(at).entries()) {
        const [sort, key] = sortCases[(index + at.known) % sortCases.length] as (typeof sortCases)[number]
        const ids = await walk(db, filters, sort, at)
        t.same(ids, naiveList(then, matches, sort, key), JSON.stringify([filters, sort, at]))
      }
    }
  })
}

const folds = createFoldMemory(1_000_000)

/** As every route does: with the dense proposals beside the tables. */
function asking<T>(db: Kysely<Database>, at: PointInTime, read: (source: Source) => Promise<T>): Promise<T> {
  return inSnapshot(
    db,
    async (snapshot) => read(pastSource(snapshot, await withDense(at, snapshot, zone, folds))),
    'proposal-moments',
  )
}

t.test('every amount of the ledger is in the totals or named as left out, exactly once, at every moment', async (t) => {
  const { log, pool, db, head } = await open(t)
  await writeAll(pool, log, low)
  for (const at of [{ asOf: null, known: head, day: '2026-11-23' }, ...momentsAsked(head)]) {
    const { money, ownMoneyBeside } = await asking(db, at, readPortfolio)
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
    const { log, db, head } = await open(t)
    const now = foldAll(log, { asOf: null, known: head, day: '2026-11-23' })
    const found = await inSnapshot(db, (snapshot) => readPortfolio(currentSource(snapshot, '2026-11-23')))
    const { money, ownMoneyBeside } = naiveTotals(now)
    t.same(found.money, money)
    t.same(found.ownMoneyBeside, ownMoneyBeside)
    t.same(
      portfolioOf(
        now.map((one) => entryOf(one, '2026-11-23', zone)),
        '2026-11-23',
      ),
      found,
    )
  },
)

function momentsAsked(head: number): PointInTime[] {
  const days: (Day | null)[] = ['2019-01-01', '2020-05-04', '2021-08-01', '2026-11-22', null]
  const positions = [1, Math.floor(head / 4), Math.floor(head / 2), head]
  return days.flatMap((asOf) => positions.map((known) => ({ asOf, known, day: asOf ?? '2026-11-23' })))
}

/** Page by page, to see that the cursors hold. */
async function walk(db: Kysely<Database>, filters: Filters, sort: Sort, at: PointInTime): Promise<string[]> {
  const ids: string[] = []
  for (let after: PageKey | null = null; ; ) {
    const question: ListQuestion = { filters, sort, limit: 7, after, began: at.known }
    const page: Page = await asking(db, at, (source) => readPage(source, question, { timeZone: zone, folds }))
    ids.push(...page.rows.map(({ proposal }) => proposal.proposalId))
    if (page.next === null) return ids
    after = page.next
  }
}

function foldAll(log: RecordedEvent[][], { asOf, known }: PointInTime): Proposal[] {
  return log.flatMap((stream) => proposalAt(stream, { asOf: asOf ?? undefined, knownAtPosition: known }, zone) ?? [])
}

type Matches = (proposal: Proposal) => boolean

function filterCases({ day }: PointInTime): [Filters, Matches][] {
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
    total: shown.length,
    byStage: count(statuses.map(({ stage }) => stage)),
    byEnding: count(statuses.map(({ ending }) => ending ?? 'none')),
    byCondition: count(statuses.map(({ condition }) => condition)),
    byKind: count(statuses.map(({ kind }) => kind)),
    byField: count(statuses.flatMap(({ fields }) => fields)),
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

function late({ proposalId, plannedEnd }: { proposalId: string; plannedEnd: Day | null }): string {
  return `${plannedEnd ?? 'infinity'} ${proposalId}`
}
