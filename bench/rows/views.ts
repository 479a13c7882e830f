import type { Day } from '@commitments/domain'
import { type Database, openPool } from '@commitments/event-store'
import { Kysely, PostgresDialect } from 'kysely'
import { statusBody } from '../../services/projection/src/answers/read-status.ts'
import type { Filters } from '../../services/projection/src/lists/filters.ts'
import { countAll, readPage } from '../../services/projection/src/lists/list.ts'
import { readPortfolio } from '../../services/projection/src/lists/portfolio.ts'
import { currentSource, type Source } from '../../services/projection/src/lists/source.ts'
import { createFoldMemory } from '../../services/projection/src/past/dense.ts'
import { inSnapshot, type Snapshot } from '../../services/projection/src/projections/snapshot.ts'
import { readSeries } from '../../services/projection/src/series/read-series.ts'
import type { Bench } from '../lib/context.ts'
import { withClient } from '../lib/database.ts'
import { eventsOfHistory } from '../lib/made-histories.ts'
import { madeLedger } from '../lib/made-ledger.ts'
import { ledger } from '../lib/product.ts'
import { type Row, spreadOf } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'

const timeZone = 'Asia/Ho_Chi_Minh'
const today: Day = '2026-11-22'
const past = { timeZone, folds: createFoldMemory(1_000_000) }

/** One question, asked of our reads, and as somebody would write it by hand for exactly that. Both give how many proposals they found. */
interface View {
  readonly what: string
  readonly ours: (snapshot: Snapshot) => Promise<number>
  /** The first column of the first row; `live` and `past` stand for the generations. */
  readonly byHand: string
  readonly projection?: 'proposal-moments'
}

const page = (filters: Filters) => async (snapshot: Snapshot) => {
  const source: Source = currentSource(snapshot, today)
  const question = { filters, sort: 'proposalId', limit: 50, began: snapshot.position, after: null } as const
  const { rows } = await readPage(source, question, past)
  JSON.stringify(rows.map(({ proposal }) => statusBody(proposal, null, today, timeZone)))
  return countAll(source, filters)
}

const money = `(SELECT json_agg(m) FROM (SELECT part.key, amount.key AS currency, sum(amount.value::numeric)
  FROM shown, jsonb_each(amounts) AS part, jsonb_each_text(part.value) AS amount
  WHERE jsonb_typeof(part.value) = 'object' GROUP BY 1, 2) m)`

const views: readonly View[] = [
  {
    what: 'list',
    ours: page({ stage: ['agreed', 'funded'] }),
    byHand: `SELECT (SELECT count(*)::int FROM shown) AS total, (SELECT json_agg(s.state) FROM (SELECT p.state FROM shown JOIN
      proposal_status p USING (proposal_id) WHERE p.generation = live ORDER BY p.proposal_id LIMIT 50) s)
      FROM (SELECT) x`,
  },
  {
    what: 'search',
    ours: page({ q: 'institute-77' }),
    byHand: `SELECT count(*)::int AS total, json_agg(p.state) FROM proposal_search x JOIN proposal_status p USING (generation, proposal_id)
      WHERE x.generation = live AND x.search LIKE '%institute-77%' AND p.ending IS DISTINCT FROM 'void'`,
  },
  {
    what: 'portfolio',
    ours: async (snapshot) =>
      (await readPortfolio(currentSource(snapshot, today), { stage: ['agreed', 'funded'] }, timeZone)).total,
    byHand: `SELECT (SELECT count(*)::int FROM shown) AS total, (SELECT json_agg(c) FROM (SELECT stage, ending, kind, count(*) FROM shown
      GROUP BY GROUPING SETS ((stage), (ending), (kind))) c), (SELECT json_agg(l) FROM (SELECT label, count(*), min(proposal_id)
      FROM shown, unnest(labels) AS label GROUP BY label) l), ${money}`,
  },
  {
    what: 'series',
    projection: 'proposal-moments',
    ours: async (snapshot) => {
      const at = { asOf: null, known: snapshot.position, day: today }
      const asked = {
        axis: 'asOf',
        step: 'month',
        filters: {},
        from: '2017-01-01',
        to: '2026-12-31',
        since: null,
      } as const
      const { steps } = await readSeries({ ...asked, at, snapshot, timeZone }, past.folds)
      return steps.at(-1)?.total ?? 0
    },
    byHand: `WITH steps AS (
        SELECT month::date - 1 AS day FROM generate_series('2017-02-01'::date, '2027-01-01', '1 month') AS month
      ), shown AS (
        SELECT s.day, p.stage, p.ending, p.amounts FROM steps s JOIN proposal_moments p ON p.generation = past AND p.known_to > head
          AND p.valid_from <= s.day AND p.valid_to > s.day AND p.ending IS DISTINCT FROM 'void'
      )
      SELECT (SELECT count(*)::int FROM shown WHERE day = '2026-12-31') AS total,
        (SELECT json_agg(c) FROM (SELECT day, stage, ending, count(*) FROM shown GROUP BY 1, 2, 3) c),
        (SELECT json_agg(m) FROM (SELECT day, part.key, amount.key AS currency, sum(amount.value::numeric)
          FROM shown, jsonb_each(amounts) AS part, jsonb_each_text(part.value) AS amount
         WHERE jsonb_typeof(part.value) = 'object' GROUP BY 1, 2, 3) m)`,
  },
]

const shownNow = `WITH shown AS (SELECT proposal_id, stage, ending, kind, labels, amounts FROM proposal_status
  WHERE generation = live AND stage IN ('agreed', 'funded') AND ending IS DISTINCT FROM 'void') `

/** What people look at, each against the same question written by hand, in the same process over one connection each, in turns. */
export async function measureViews(bench: Bench): Promise<Row[]> {
  const { momentProposals: histories, rounds } = bench.options
  const url = await madeLedger(bench, histories)
  const pool = openPool(url, { ledger, max: 1 })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const rows: Row[] = []
  await withClient(url, async (client) => {
    await client.query(`SET search_path TO ${ledger}, public`)
    const { rows: found } = await client.query(
      `SELECT generation, projection, position FROM projection_generations WHERE state = 'live'`,
    )
    const generationOf = (name: string) => String(found.find(({ projection }) => projection === name)?.generation)
    for (const { what, ours, byHand, projection } of views) {
      const whole = (byHand.includes('FROM shown') && !byHand.startsWith('WITH') ? shownNow : '') + byHand
      const text = whole
        .replaceAll(/\blive\b/g, generationOf('proposal-status'))
        .replaceAll(/\bpast\b/g, generationOf('proposal-moments'))
        .replaceAll(/\bhead\b/g, String(found[0]?.position))
      const times = { ours: [] as number[], byHand: [] as number[] }
      // The first round is not counted: by then pages are in memory. A series written by hand takes so long that one more is enough.
      for (let round = 0; round <= (what === 'series' ? 1 : rounds); round += 1) {
        const began = performance.now()
        const total = await inSnapshot(db, ours, projection)
        const between = performance.now()
        const { rows: counted } = await client.query(text)
        const ended = performance.now()
        if (counted[0]?.total !== total) throw new Error(`${what}: ${total} proposals, by hand ${counted[0]?.total}`)
        if (round === 0) continue
        times.ours.push(between - began)
        times.byHand.push(ended - between)
      }
      rows.push({
        what: what === 'list' ? 'filtered page' : what,
        unit: 'ms',
        ours: median(times.ours),
        rival: { name: 'SQL written by hand', figure: median(times.byHand) },
        spread: spreadOf(times.ours, times.byHand),
        goal: { kind: 'at most', value: 2 },
        notes: [
          `${histories.toLocaleString('en')} made proposals of ${eventsOfHistory} events; without HTTP, nothing kept from one round to the next; both found as many proposals`,
          'by hand: the same rows, counts by stage, ending, kind and label, and sums of money; not what programmes and their parts have in common, nor names and conditions',
        ],
      })
    }
  })
  await pool.end()
  return rows
}
