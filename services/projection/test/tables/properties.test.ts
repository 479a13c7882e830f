/** Tables of random ledgers: what holds for all rows, now and at a moment, with any filters. */
import { addTotals, type Totals } from '@commitments/domain'
import { searchRuns, searchSeed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Filters } from '../../src/lists/filters.ts'
import { readPage } from '../../src/lists/list.ts'
import { readMoneyBeside, readPortfolio } from '../../src/lists/portfolio.ts'
import { currentSource, type Source } from '../../src/lists/source.ts'
import { inSnapshot } from '../../src/projections/snapshot.ts'
import { allTables } from '../../src/tables/all-tables.ts'
import { readTablePage, rowsOf, type TableReading } from '../../src/tables/read-rows.ts'
import { asking, folds, low, openMade, writeAll, zone } from '../fixtures/made-ledger.ts'
import type { Row } from './reading.ts'

const today = '2026-11-23'

type Tables = Readonly<Record<string, readonly Row[]>>

async function readTables(source: Source, filters: Filters): Promise<Tables> {
  const { db, position } = source.snapshot
  const question = { sort: 'proposalId', filters, limit: 1_000, after: null, began: position } as const
  const page = await readPage(source, question, { timeZone: zone, folds })
  const beside = await readMoneyBeside(source, filters)
  const readFrom: TableReading['readFrom'] = (_position, work) => work({ db })
  const reading = { timeZone: zone, language: 'en', linkTo: (id: string) => id, beside, readFrom } as const
  const tables: Record<string, Row[]> = {}
  for (const table of allTables) {
    const names = table.columns.map(({ name }) => name)
    const rows: Row[] = []
    for await (const some of rowsOf(table, await readTablePage(table, page, source), reading))
      rows.push(...some.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))))
    tables[table.name] = rows
  }
  return tables
}

/** The rows in the totals, added up exactly. */
function sum(money: readonly Row[], figure: string): Totals {
  const counted = money.filter((row) => row.counted === 'true' && row.figure === figure && row.amount !== '')
  return addTotals(...counted.map(({ amount = '', currency = '' }) => ({ [currency]: amount })))
}

function count(money: readonly Row[], figure: string): number {
  return money.filter((row) => row.counted === 'true' && row.figure === figure && row.amount === '').length
}

async function moneyIsThatOfThePortfolio(t: Test, source: Source, filters: Filters, tables: Tables, when: string) {
  const { money = [] } = tables
  const { money: totals } = await readPortfolio(source, filters, zone)
  const names = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const
  t.same(
    {
      ...Object.fromEntries(names.map((name) => [name, sum(money, name)])),
      undisclosed: { requested: count(money, 'requested'), committed: count(money, 'committed') },
      lapsed: {
        requested: sum(money, 'lapsed-requested'),
        pledged: sum(money, 'lapsed-pledged'),
        undisclosed: count(money, 'lapsed-requested'),
      },
      inKind: { items: money.filter(({ figure }) => figure === 'in-kind').length, valued: sum(money, 'in-kind') },
    },
    totals,
    when,
  )
}

/** Each row has its own key, which is never empty, and leads to exactly one row of each table that it refers to. */
function keysHold(t: Test, tables: Tables, when: string) {
  for (const { name, key, foreignKeys } of allTables) {
    const rows = tables[name] ?? []
    const keyOf = (row: Row, columns: readonly string[]) => columns.map((column) => row[column] ?? '').join('\n')
    if (rows.some((row) => key.some((column) => row[column] === '')))
      t.fail(`${name} has a row without a key`, { when })
    if (new Set(rows.map((row) => keyOf(row, key))).size !== rows.length) t.fail(`${name} has a key twice`, { when })
    for (const { columns, of } of foreignKeys) {
      const there = new Set((tables[of] ?? []).map((row) => keyOf(row, columns)))
      const lost = rows.find((row) => !there.has(keyOf(row, columns)))
      if (lost) t.fail(`a row of ${name} leads to no row of ${of}`, { lost, when })
    }
  }
}

/** The position of a row is that of the event that it names. */
function positionsHold(t: Test, tables: Tables, when: string) {
  const events = new Map((tables.events ?? []).map((row) => [`${row.proposalId} ${row.version}`, row.position]))
  for (const name of ['parties', 'money', 'milestones', 'links', 'evidence']) {
    const wrong = tables[name]?.find((row) => row.position !== events.get(`${row.proposalId} ${row.version}`))
    if (wrong) t.fail(`${name} names another position than its event`, { wrong, when })
  }
}

function evidenceIsComplete(t: Test, { proposals = [], evidence = [] }: Tables, when: string) {
  for (const { proposalId, evidenceCount } of proposals) {
    const found = evidence.filter((row) => row.proposalId === proposalId).length
    if (String(found) !== evidenceCount)
      t.fail(`${found} pieces of evidence, not ${evidenceCount}`, { proposalId, when })
  }
}

t.test(
  'in every view, now and at a moment, tables join by their keys and money adds up to the totals of the portfolio',
  async (t) => {
    const { log, pool, db, head } = await openMade(t)
    await writeAll(pool, log, low)
    const ids = log.map(([first]) => String(first?.proposalId))
    const view = fc.oneof(
      fc.constant<Filters>({}),
      fc.subarray(ids, { minLength: 1 }).map((some): Filters => ({ ids: some })),
      fc.constantFrom<Filters>({ stage: ['funded'] }, { ending: ['void', 'cancelled', 'none'] }, { hasParts: 'true' }),
    )
    const moment = fc.record({
      asOf: fc.constantFrom(null, '2020-01-04', '2020-05-04', '2021-08-01', '2026-11-22'),
      known: fc.integer({ min: 1, max: head }),
    })
    const check = async (source: Source, filters: Filters) => {
      const when = JSON.stringify([filters, source.at?.asOf, source.at?.known])
      const tables = await readTables(source, filters)
      await moneyIsThatOfThePortfolio(t, source, filters, tables, when)
      keysHold(t, tables, when)
      positionsHold(t, tables, when)
      evidenceIsComplete(t, tables, when)
      return Object.values(tables).flat().length
    }
    let rows = 0
    const runs = { numRuns: searchRuns(12, 300), seed: searchSeed(t) }
    for (const [filters, { asOf, known }] of fc.sample(fc.tuple(view, moment), runs)) {
      rows += await inSnapshot(db, (snapshot) => check(currentSource(snapshot, today), filters))
      rows += await asking(db, { asOf, known, day: asOf ?? today }, (source) => check(source, filters))
    }
    t.ok(rows > 500, `${rows} rows`)
  },
)
