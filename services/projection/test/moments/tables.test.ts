/** The tables of moments against a naive fold: all streams folded for each question. */
import {
  conditionOn,
  conditionSteps,
  type Day,
  encodeRest,
  lastDay,
  type Proposal,
  proposalAt,
  type RecordedEvent,
  type Status,
  spliceLine,
  statusOf,
  totalOf,
} from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import * as fc from 'fast-check'
import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import t, { type Test } from 'tap'
import { streams as anyStreams } from '../../../../packages/domain/test/history/random-histories.ts'
import type { At } from '../../src/moments/at.ts'
import { type MomentPage, type MomentQuestion, readMomentPage } from '../../src/moments/list.ts'
import { readMomentPortfolio } from '../../src/moments/portfolio.ts'
import { changedMoments, type MomentChanges, momentsOf } from '../../src/moments/rectangles.ts'
import { writeBatch } from '../../src/moments/write.ts'
import { amountsOf } from '../../src/projector/amounts.ts'
import { label, labelsOf, rowOf, titleKey } from '../../src/projector/row.ts'
import type { Filters } from '../../src/read-model/filters.ts'
import type { Place, Sort } from '../../src/read-model/list.ts'
import { programmeTotals } from '../../src/read-model/related.ts'
import { inSnapshot } from '../../src/read-model/snapshot.ts'

const zone = 'Asia/Ho_Chi_Minh'
const proposals = 40
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Streams with ids, parents and endings of their own, their events one after the other in one log. */
function madeLog(): RecordedEvent[][] {
  const made = fc.sample(anyStreams, { numRuns: proposals, seed })
  const all = made.map((stream, number) =>
    stream.map((event) => ({ ...event, ...identityOf(event, number) }) as RecordedEvent),
  )
  const order = all.flat().toSorted((a, b) => a.version - b.version || (a.proposalId < b.proposalId ? -1 : 1))
  const positions = new Map(order.map((event, index) => [event, index + 1]))
  return all.map((stream) => stream.map((event) => ({ ...event, position: positions.get(event) }) as RecordedEvent))
}

/** The first three are programmes; others are parts of them, or of nothing. */
function identityOf(event: RecordedEvent, number: number): Partial<RecordedEvent> {
  const proposalId = `proposal-${String(number).padStart(2, '0')}`
  const eventId = `00000000-0000-7000-8000-${String(number * 1000 + event.version).padStart(12, '0')}`
  if (event.type !== 'proposed') return { proposalId, eventId }
  const parent = number > 2 && number % 3 > 0 ? { parent: `proposal-0${number % 3}` } : {}
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
  t.comment(`seed ${seed}`)
  const pool = (await openDatabase(t)).pool()
  const log = madeLog()
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
  await insert(pool, 'proposal_status', log.map(statusRow))
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

t.test('written in batches, the tables are the same as written at once', async (t) => {
  const { log, pool } = await open(t)
  await writeAll(pool, log)
  const atOnce = await readTables(pool)
  await pool.query('TRUNCATE proposal_moments, moment_facets')
  await pool.query('UPDATE projection_generations SET position = 0 WHERE generation = $1', [generation])
  const events = log.flat().toSorted((a, b) => a.position - b.position)
  for (let from = 0; from < events.length; from += 37) await writeSome(pool, log, events.slice(from, from + 37))
  t.same(await readTables(pool), atOnce)
})

/** Of the moments: they are the second projection that the migrations make. */
const generation = 2

async function writeAll(pool: Pool, log: RecordedEvent[][]): Promise<void> {
  const changes = log.map((stream) => momentsOf(stream, zone))
  await write(pool, changes, { from: 0, to: log.flat().length })
}

async function write(pool: Pool, changes: MomentChanges[], { from, to }: { from: number; to: number }): Promise<void> {
  const moments = changes.map((one) => ({ proposalId: '', changes: one, parked: null }))
  const written = await writeBatch(pool, { generation, state: 'live', from, to, moments })
  if (!written) throw new Error(`The checkpoint was not at ${from}.`)
}

/** As a projector does: each proposal of the batch with its stream up to there. */
async function writeSome(pool: Pool, log: RecordedEvent[][], batch: RecordedEvent[]): Promise<void> {
  const changes = [...Map.groupBy(batch, ({ proposalId }) => proposalId)].map(([proposalId, events]) => {
    const stream = log.find(([first]) => first?.proposalId === proposalId) as RecordedEvent[]
    const [first, last] = [events[0] as RecordedEvent, events.at(-1) as RecordedEvent]
    return changedMoments(stream.slice(0, last.version), first.version - 1, zone)
  })
  const [first, last] = [batch[0] as RecordedEvent, batch.at(-1) as RecordedEvent]
  await write(pool, changes, { from: first.position - 1, to: last.position })
}

async function readTables(pool: Pool): Promise<unknown> {
  const moments = 'SELECT m::text FROM proposal_moments m ORDER BY proposal_id, known_from, valid_from'
  const facets = 'SELECT f::text FROM moment_facets f ORDER BY proposal_id, facets'
  return [(await pool.query(moments)).rows, (await pool.query(facets)).rows]
}

t.test('lists and portfolio at a moment are what folding every stream gives', async (t) => {
  const { log, pool, db, head } = await open(t)
  await writeAll(pool, log)
  for (const at of momentsAsked(head)) {
    const then = foldAll(log, at)
    const found = await inSnapshot(db, (snapshot) => readMomentPortfolio(snapshot, at), 'proposal-moments')
    t.same(found, naivePortfolio(then, at), `portfolio ${JSON.stringify(at)}`)
    for (const [index, [filters, matches]] of filterCases(at).entries()) {
      const [sort, key] = sortCases[(index + at.known) % sortCases.length] as (typeof sortCases)[number]
      const ids = await walk(db, filters, sort, at)
      t.same(ids, naiveList(then, matches, sort, key), JSON.stringify([filters, sort, at]))
    }
  }
})

function momentsAsked(head: number): At[] {
  const days: (Day | null)[] = ['2019-01-01', '2020-05-04', '2021-08-01', '2026-11-22', null]
  const positions = [1, Math.floor(head / 4), Math.floor(head / 2), head]
  return days.flatMap((asOf) => positions.map((known) => ({ asOf, known, day: asOf ?? '2026-11-23' })))
}

/** Page by page, to see that the cursors hold. */
async function walk(db: Kysely<Database>, filters: Filters, sort: Sort, at: At): Promise<string[]> {
  const ids: string[] = []
  for (let after: Place | null = null; ; ) {
    const question: MomentQuestion = { filters, sort, at, limit: 7, after }
    const page: MomentPage = await inSnapshot(
      db,
      (snapshot) => readMomentPage(snapshot, question, zone),
      'proposal-moments',
    )
    ids.push(...page.rows.map(({ proposal }) => proposal.proposalId))
    if (page.next === null) return ids
    after = page.next
  }
}

function foldAll(log: RecordedEvent[][], { asOf, known }: At): Proposal[] {
  return log.flatMap((stream) => proposalAt(stream, { asOf: asOf ?? undefined, knownAtPosition: known }, zone) ?? [])
}

type Matches = (proposal: Proposal) => boolean

function filterCases({ day }: At): [Filters, Matches][] {
  const has = (text: string) => (proposal: Proposal) => labelsOf(statusOf(proposal, day, zone)).includes(text)
  return [
    [{}, () => true],
    [{ stage: ['agreed', 'funded'] }, ({ stage }) => stage === 'agreed' || stage === 'funded'],
    [{ ending: ['cancelled', 'withdrawn'] }, ({ ending }) => ending === 'cancelled' || ending === 'withdrawn'],
    [{ ending: ['none'] }, ({ ending }) => ending === null],
    [{ parent: 'proposal-01' }, has(label.link('child', 'proposal-01'))],
    [{ party: ['msit-kr'], role: ['funder'] }, has(label.partyInRole('msit-kr', 'funder'))],
    [{ country: ['KR'], kind: ['programme'] }, (one) => has(label.country('KR'))(one) && one.kind === 'programme'],
    [{ q: 'TITLE 3' }, ({ title }) => (title.en ?? '').startsWith('Title 3')],
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

function naivePortfolio(then: Proposal[], { day }: At) {
  const shown = then.filter(({ ending }) => ending !== 'void')
  const statuses = shown.map((proposal) => statusOf(proposal, day, zone))
  const parents = new Set(
    statuses.flatMap(({ links }) => links.flatMap(({ relation, other }) => (relation === 'child' ? other : []))),
  )
  const amounts = shown.filter(({ proposalId }) => !parents.has(proposalId)).map(amountsOf)
  const count = (names: string[]) =>
    Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
  const sum = (of: (one: (typeof amounts)[number]) => object) =>
    totalOf(amounts.flatMap((one) => Object.entries(of(one)).map(([currency, value]) => ({ currency, value }))))
  const add = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  const overdue = statuses.filter(({ condition }) => condition === 'overdue')
  return {
    day,
    total: shown.length,
    byStage: count(statuses.map(({ stage }) => stage)),
    byEnding: count(statuses.map(({ ending }) => ending ?? 'none')),
    byCondition: count(statuses.map(({ condition }) => condition)),
    byKind: count(statuses.map(({ kind }) => kind)),
    byField: count(statuses.flatMap(({ fields }) => fields)),
    money: {
      ...Object.fromEntries(programmeTotals.map((name) => [name, sum((one) => one[name])])),
      undisclosed: {
        requested: add(amounts.map(({ undisclosed }) => undisclosed.requested)),
        committed: add(amounts.map(({ undisclosed }) => undisclosed.committed)),
      },
      inKind: { items: add(amounts.map(({ inKind }) => inKind.items)), valued: sum(({ inKind }) => inKind.valued) },
    },
    ownMoneyBeside: naiveOwnMoney(statuses),
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

/** Who has a sum of its own of which some leaf below it has one as well. */
function naiveOwnMoney(statuses: readonly Status[]) {
  const partsOf = (id: string) =>
    statuses.filter(({ links }) => links.some(({ relation, other }) => relation === 'child' && other === id))
  const leavesOf = (status: Status): Status[] => {
    const parts = partsOf(status.proposalId)
    return parts.length === 0 ? [status] : parts.flatMap(leavesOf)
  }
  const has = (status: Status, name: (typeof programmeTotals)[number]) => Object.keys(status.money[name]).length > 0
  const flagged = statuses.filter(
    (status) =>
      partsOf(status.proposalId).length > 0 &&
      programmeTotals.some((name) => has(status, name) && leavesOf(status).some((leaf) => has(leaf, name))),
  )
  return { total: flagged.length, proposals: flagged.map(({ proposalId }) => proposalId).toSorted() }
}

function late({ proposalId, plannedEnd }: { proposalId: string; plannedEnd: Day | null }): string {
  return `${plannedEnd ?? 'infinity'} ${proposalId}`
}
