import { type Day, type Proposal, proposalAt, type RecordedEvent, statusOf } from '@commitments/domain'
import { type Database, openPool } from '@commitments/event-store'
import { Kysely, PostgresDialect } from 'kysely'
import { statusBody } from '../../services/projection/src/answers/read-status.ts'
import type { Filters } from '../../services/projection/src/lists/filters.ts'
import { readPage } from '../../services/projection/src/lists/list.ts'
import { readPortfolio } from '../../services/projection/src/lists/portfolio.ts'
import { currentSource, pastSource, type Source } from '../../services/projection/src/lists/source.ts'
import { createFoldMemory } from '../../services/projection/src/past/dense.ts'
import type { PointInTime } from '../../services/projection/src/past/point-in-time.ts'
import { inSnapshot } from '../../services/projection/src/projections/snapshot.ts'
import { labelsOf } from '../../services/projection/src/status/row.ts'
import type { Bench } from '../lib/context.ts'
import { queryRows } from '../lib/database.ts'
import { drawn, eventsOfHistory, firstYear, historyId, lastYear, madeEvent } from '../lib/made-histories.ts'
import { madeLedger } from '../lib/made-ledger.ts'
import { ledger } from '../lib/product.ts'
import type { MeasuredRow, Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'

const timeZone = 'Asia/Ho_Chi_Minh'
const today: Day = '2026-11-22'
const pairs = 50
const pageLength = 50

interface FilterCase {
  /** The row of the table that it counts for. */
  readonly what: 'list' | 'filtered list' | 'list of few'
  readonly filters: Filters
  /** The same filter for the naive fold. */
  readonly matches: (proposal: Proposal) => boolean
}

const filterCases: readonly FilterCase[] = [
  { what: 'list', filters: {}, matches: () => true },
  {
    what: 'filtered list',
    filters: { stage: ['agreed', 'funded'] },
    matches: ({ stage }) => stage === 'agreed' || stage === 'funded',
  },
  {
    what: 'filtered list',
    filters: { field: ['ai'], country: ['KR'] },
    matches: hasLabels('field:ai', 'country:KR'),
  },
  { what: 'filtered list', filters: { party: ['institute-77'] }, matches: hasLabels('party:institute-77') },
  {
    what: 'filtered list',
    filters: { parent: historyId(1) },
    matches: hasLabels(`link:child:${historyId(1)}`),
  },
  { what: 'list of few', filters: { stage: ['closed'] }, matches: ({ stage }) => stage === 'closed' },
  { what: 'list of few', filters: { stage: ['delivered'] }, matches: ({ stage }) => stage === 'delivered' },
  { what: 'list of few', filters: { ending: ['cancelled'] }, matches: ({ ending }) => ending === 'cancelled' },
  { what: 'list of few', filters: { kind: ['treaty'] }, matches: ({ kind }) => kind === 'treaty' },
]

function hasLabels(...labels: string[]) {
  return (proposal: Proposal) => {
    const own = labelsOf(statusOf(proposal, today, timeZone))
    return labels.every((label) => own.includes(label))
  }
}

/** The result of the naive fold for a moment. */
interface Naive {
  readonly ids: string[][]
  readonly stages: Map<string, number>
  readonly committed: Map<string, bigint>
}

/** Lists and totals at random moments, each checked, compared with the same requests for today. */
export async function measureMoments(bench: Bench): Promise<Row[]> {
  const { momentProposals: histories } = bench.options
  const url = await madeLedger(bench, histories)
  const moments = Array.from({ length: pairs }, (_, number) => momentOf(number, histories))
  bench.say(`folding ${histories.toLocaleString('en')} proposals at ${pairs} moments, for comparison`)
  const expected = naiveAnswers(moments, histories)
  const pool = openPool(url, { ledger, max: 1 })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const sides = { moment: new Map<string, number[]>(), now: new Map<string, number[]>() }
  for (const [number, at] of moments.entries()) {
    await askAll(db, at, expected[number] as Naive, sides)
    if (number % 10 === 9) bench.say(`${number + 1} of ${pairs} moments`)
  }
  await pool.end()
  const notes = await notesOf(url, histories)
  return [...sides.moment].map(([what, times]) => rowOf(what, times, sides.now.get(what) ?? [], notes))
}

function rowOf(what: string, then: number[], now: number[], notes: string[]): MeasuredRow {
  return {
    what: `${what} at a moment`,
    unit: 'ms',
    ours: median(then),
    rival: { name: 'the same today', figure: median(now) },
    goal: { kind: 'at most', value: 2 },
    notes,
  }
}

async function notesOf(url: string, histories: number): Promise<string[]> {
  const [table] = await queryRows<{ rows: string; bytes: string }>(
    url,
    `SELECT (SELECT count(*) FROM ${ledger}.proposal_moments) AS rows, (SELECT sum(pg_total_relation_size(relid))
       FROM pg_stat_user_tables WHERE relname ~ '^(proposal_moments|moment_facets)_') AS bytes`,
  )
  return [
    `${histories.toLocaleString('en')} made proposals of ${eventsOfHistory} events in three levels, one event in ten a correction; ${pairs} random pairs of asOf and knownAtPosition, each answer compared with a fold of every stream (total, stages, committed money, first page)`,
    `${(Number(table?.rows) / histories).toFixed(1)} rectangles a proposal; ${(Number(table?.bytes) / 1e6).toFixed(0)} MB with their indexes`,
    'in one process with the reads of the service, without HTTP: the portfolio of today is otherwise answered from memory; a page is 50 statuses, made from the database',
  ]
}

function momentOf(number: number, histories: number): PointInTime {
  const year = firstYear + 3 + drawn(lastYear - firstYear - 3, 'asOf', number)
  const day = `${year}-${String(1 + drawn(12, 'asOf month', number)).padStart(2, '0')}-15`
  return { asOf: day, known: 1 + drawn(histories * eventsOfHistory, 'knownAt', number), day }
}

interface Sides {
  readonly moment: Map<string, number[]>
  readonly now: Map<string, number[]>
}

async function askAll(
  db: Kysely<Database>,
  at: PointInTime,
  expected: Naive,
  { moment, now: today }: Sides,
): Promise<void> {
  const found = await timed(db, moment, 'portfolio', at, whole)
  check(at, found.byStage, Object.fromEntries(expected.stages))
  const committed = Object.entries(found.money.committed).map(([currency, value]) => [currency, Number(value)])
  check(at, Object.fromEntries(committed), Object.fromEntries([...expected.committed].map(([c, v]) => [c, Number(v)])))
  await timed(db, today, 'portfolio', null, whole)
  for (const [index, { what, filters }] of filterCases.entries()) {
    const ids = await timed(db, moment, what, at, (source) => pageOf(source, filters))
    check(at, ids, expected.ids[index])
    await timed(db, today, what, null, (source) => pageOf(source, filters))
  }
}

const whole = (source: Source) => readPortfolio(source, {}, timeZone)

/** At a point in time, or now. */
async function timed<T>(
  db: Kysely<Database>,
  times: Map<string, number[]>,
  what: string,
  at: PointInTime | null,
  read: (source: Source) => Promise<T>,
): Promise<T> {
  const began = performance.now()
  const answer = await inSnapshot(
    db,
    (snapshot) => read(at === null ? currentSource(snapshot, today) : pastSource(snapshot, at)),
    at === null ? 'proposal-status' : 'proposal-moments',
  )
  times.set(what, [...(times.get(what) ?? []), performance.now() - began])
  return answer
}

const past = { timeZone, folds: createFoldMemory(1_000_000) }

async function pageOf(source: Source, filters: Filters): Promise<string[]> {
  const { position: began } = source.snapshot
  const question = { filters, sort: 'proposalId', limit: pageLength, began, after: null } as const
  const { rows } = await readPage(source, question, past)
  JSON.stringify(rows.map(({ proposal }) => statusBody(proposal, null, source.day, timeZone)))
  return rows.map(({ proposalId }) => proposalId)
}

function check(at: PointInTime, found: unknown, expected: unknown): void {
  if (canonical(found) === canonical(expected)) return
  throw new Error(`as of ${at.asOf}, known at ${at.known}: ${canonical(found)} instead of ${canonical(expected)}`)
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value)
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** One history after the other, each at all moments: no more than one is in memory. */
function naiveAnswers(moments: readonly PointInTime[], histories: number): Naive[] {
  const answers = moments.map(() => ({
    ids: filterCases.map((): string[] => []),
    stages: new Map<string, number>(),
    committed: new Map<string, bigint>(),
  }))
  const carriedBelow = moments.map(() => new Set<string>())
  // From the last to the first, because parts come after their parents.
  for (let number = histories - 1; number >= 0; number--) {
    const stream = Array.from({ length: eventsOfHistory }, (_, index) => madeEvent(number, index + 1, histories))
    for (const [index, at] of moments.entries())
      addNaive(answers[index] as Naive, carriedBelow[index] as Set<string>, stream, at)
  }
  return answers.map((answer) => ({ ...answer, ids: answer.ids.map((ids) => ids.toReversed().slice(0, pageLength)) }))
}

/**
 * Money counts at the lowest level that has it. A proposal recorded by mistake has none, but its parts are parts of the proposal above it.
 */
function addNaive(
  answer: Naive,
  carriedBelow: Set<string>,
  stream: RecordedEvent[],
  { asOf, known }: PointInTime,
): void {
  const proposal = proposalAt(stream, { asOf: asOf ?? undefined, knownAtPosition: known }, timeZone)
  if (proposal === null) return
  const { proposalId, stage, parent, ending } = proposal
  const { committed } = statusOf(proposal, today, timeZone).money
  const isCarried = carriedBelow.has(proposalId)
  const carries = ending !== 'void' && Object.keys(committed).length > 0
  if (parent !== null && (isCarried || carries)) carriedBelow.add(parent)
  if (ending === 'void') return
  answer.stages.set(stage, (answer.stages.get(stage) ?? 0) + 1)
  for (const [index, { matches }] of filterCases.entries()) if (matches(proposal)) answer.ids[index]?.push(proposalId)
  if (isCarried) return
  for (const [currency, value] of Object.entries(committed)) {
    answer.committed.set(currency, (answer.committed.get(currency) ?? 0n) + BigInt(Math.round(Number(value))))
  }
}
