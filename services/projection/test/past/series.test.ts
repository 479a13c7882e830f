/** Compares `GET /v1/portfolio/series` with `GET /v1/portfolio` at each of its moments. */

import type { RecordedEvent } from '@commitments/domain'
import { agreed, proposed, searchSeed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { madeLog, writeEvents } from '../fixtures/made-ledger.ts'
import { openLedger, startService, type TestService } from '../support.ts'

const today = '2026-11-22'
const clock = () => new Date(`${today}T00:00:00Z`)

interface Step {
  readonly at: string | number
  readonly total: number
  readonly byStage: object
  readonly byEnding: object
  readonly money: object
  readonly byRecordOnly: object
}

interface Answer {
  readonly from: string | number
  readonly to: string | number
  readonly steps: readonly Step[]
  readonly changePoints: readonly (string | number)[]
  readonly changePointsTotal: number
}

async function made(t: Test) {
  const ledger = await openLedger(t)
  const log: RecordedEvent[][] = madeLog(searchSeed(t))
  const head = await writeEvents(ledger.pool, log)
  const service = await startService(t, ledger, { clock })
  await service.applied(head)
  await service.get(`/v1/portfolio?asOf=${today}&atLeast=${head}`)
  return { ledger, log, head, service }
}

async function seriesOf(t: Test, service: TestService, query: string): Promise<Answer> {
  const answer = await service.get(`/v1/portfolio/series?${query}`)
  t.equal(answer.statusCode, 200, `${query}: ${answer.body.slice(0, 500)}`)
  return answer.json()
}

/** Before the beginning, the portfolio is 404, and a series has a step with nothing in it. */
async function portfolioAt(service: TestService, moment: string): Promise<Omit<Step, 'at' | 'byRecordOnly'>> {
  const answer = await service.get(`/v1/portfolio?${moment}`)
  if (answer.statusCode === 404)
    return { ...nothing, money: (await service.get(`/v1/portfolio?party=nobody`)).json().money }
  const { total, byStage, byEnding, money } = answer.json()
  return { total, byStage, byEnding, money }
}

const nothing = { total: 0, byStage: {}, byEnding: {} }

const views = [
  '',
  'stage=agreed,funded&ending=none',
  'condition=unknown,ended,at-risk',
  'hasParts=true',
  'hasParts=false&updatedSince=2026-10-04T00:00:00Z',
  'parent=none&contested=false',
  'q=title&ids=proposal-01,proposal-02,proposal-03,proposal-10,proposal-11',
]

/** For a filtered view, every seventh step and the last one: each is a separate portfolio. */
function some(steps: readonly Step[], view: string): readonly Step[] {
  return view === '' ? steps : steps.filter((step, index) => index % 7 === 0 || step === steps.at(-1))
}

t.test('along the days, each step is the portfolio of that day', async (t) => {
  const { head, service } = await made(t)
  for (const view of views) {
    for (const known of [`knownAtPosition=${Math.floor(head / 2)}`, '']) {
      for (const step of ['year', 'event']) {
        const { steps } = await seriesOf(t, service, [`step=${step}`, known, view].join('&'))
        t.ok(steps.length > 3, `${steps.length} steps ${step} ${view}`)
        for (const { at, total, byStage, byEnding, money } of some(steps, view)) {
          const portfolio = await portfolioAt(service, [`asOf=${at}`, known, view].join('&'))
          t.same({ total, byStage, byEnding, money }, portfolio, `${at} ${known} ${view}`)
        }
      }
    }
  }
})

t.test('along the positions, each step is the portfolio as it was known there', async (t) => {
  const { service } = await made(t)
  for (const view of views) {
    for (const day of ['asOf=2020-01-01', '']) {
      for (const step of ['day', 'event']) {
        const { steps } = await seriesOf(t, service, ['axis=known', `step=${step}`, day, view].join('&'))
        t.ok(steps.length > 3, `${steps.length} steps ${step} ${view}`)
        for (const { at, total, byStage, byEnding, money } of some(steps, view)) {
          const portfolio = await portfolioAt(service, [`knownAtPosition=${at}`, day, view].join('&'))
          t.same({ total, byStage, byEnding, money }, portfolio, `${at} ${day} ${view}`)
        }
      }
    }
  }
})

t.test('dense proposals are included: folded on request, they give the same figures', async (t) => {
  const { ledger, service } = await made(t)
  const asked = ['step=event', 'step=month&knownAtPosition=200', 'axis=known&step=event', 'axis=known&asOf=2020-01-01']
  const before = []
  for (const query of asked) before.push(await seriesOf(t, service, query))
  const { rowCount } = await ledger.pool.query(
    `INSERT INTO dense_moments SELECT DISTINCT generation, proposal_id FROM proposal_moments WHERE proposal_id ~ '[02468]$'`,
  )
  t.ok(Number(rowCount) > 10)
  for (const table of ['proposal_moments', 'moment_facets'])
    await ledger.pool.query(`DELETE FROM ${table} WHERE proposal_id ~ '[02468]$'`)
  const again = await startService(t, ledger, { clock })
  for (const [index, query] of asked.entries()) {
    const now = await seriesOf(t, again, query)
    const then = before[index] as Answer
    if (!query.startsWith('axis=known')) t.same(now, then, query)
    // Along the positions, each event of a dense proposal counts as a change, so there may be steps at which nothing changes.
    const steps = new Map(now.steps.map((step) => [step.at, step]))
    for (const step of then.steps) t.same(steps.get(step.at), step, `${query} ${step.at}`)
    for (const point of then.changePoints) t.ok(now.changePoints.includes(point))
  }
})

/** The envelope of an event of that day, recorded later. */
function dated(occurredOn: string) {
  return { occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] }
}

async function open(t: Test) {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  return { ledger, service }
}

t.test('change points are the days, or positions, at which something in the view changes', async (t) => {
  const { ledger, service } = await open(t)
  await ledger.record('lab', proposed({}, dated('2020-03-01')), agreed({}, dated('2021-05-01')))
  const then = await ledger.record('centre', proposed({}, dated('2022-07-01')))
  await service.applied(then)
  const all = await seriesOf(t, service, `step=event&atLeast=${then}`)
  t.match(all, { from: '2020-03-01', to: today, changePoints: ['2020-03-01', '2021-05-01', '2022-07-01'] })
  t.same(
    all.steps.map(({ at, total }) => [at, total]),
    [
      ['2020-03-01', 1],
      ['2021-05-01', 1],
      ['2022-07-01', 2],
    ],
  )
  const some = await seriesOf(t, service, 'step=event&stage=agreed')
  t.match(some, { from: '2021-05-01', changePoints: ['2021-05-01'], changePointsTotal: 1 })
  const later = await seriesOf(t, service, 'step=event&from=2021-01-01&to=2022-01-01')
  t.match(later, { from: '2021-01-01', to: '2022-01-01', changePoints: ['2021-05-01'] })
  t.same(
    later.steps.map(({ at }) => at),
    ['2021-01-01', '2021-05-01'],
  )
  const known = await seriesOf(t, service, 'axis=known&step=event')
  t.match(known, { from: 1, to: 3, changePoints: [1, 2, 3] })
  t.same(
    known.steps.map(({ byStage }) => byStage),
    [{ proposed: 1 }, { agreed: 1 }, { agreed: 1, proposed: 1 }],
  )
})

t.test(
  'proposals that count only because they were recorded are counted separately, by stage, until a date is known',
  async (t) => {
    const ledger = await openLedger(t)
    const recorded = '2026-10-05T08:00:00.000000Z'
    const [lab, centre, forum] = ['lab', 'centre', 'forum']
    const stream = (proposalId: string, first: number, ...events: object[]) =>
      events.map((event, index) => ({
        ...event,
        proposalId,
        version: index + 1,
        position: first + index,
        recordedAt: recorded,
        schemaVersion: 1,
        eventId: `00000000-0000-7000-8000-${String(first + index).padStart(12, '0')}`,
        nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
        recordedBy: 'key:test',
      })) as unknown as RecordedEvent[]
    const undated = { ...dated('2020'), occurredOn: null }
    const head = await writeEvents(ledger.pool, [
      stream(lab, 1, proposed({}, undated), agreed({}, undated)),
      stream(centre, 3, proposed({}, dated('2026'))),
      stream(forum, 4, proposed({}, undated), agreed({}, dated('2024-06-01'))),
    ])
    const service = await startService(t, ledger, { clock })
    await service.applied(head)
    const told = async (query: string) =>
      (await seriesOf(t, service, `atLeast=${head}&${query}`)).steps.map(({ at, total, byRecordOnly }) => [
        at,
        total,
        byRecordOnly,
      ])
    const none = { total: 0, byStage: {} }
    const both = { total: 2, byStage: { agreed: 1, proposed: 1 } }
    t.same(await told('step=event&to=2027-01-01'), [
      ['2024-06-01', 1, none],
      ['2026-10-05', 3, both],
    ])
    t.same(await told('from=2026-12-30&step=day&to=2026-12-31'), [
      ['2026-12-30', 3, both],
      ['2026-12-31', 3, { total: 1, byStage: { agreed: 1 } }],
    ])
    t.same(await told('axis=known&step=event'), [
      [1, 1, { total: 1, byStage: { proposed: 1 } }],
      [2, 1, { total: 1, byStage: { agreed: 1 } }],
      [3, 2, both],
      [4, 3, { total: 3, byStage: { agreed: 1, proposed: 2 } }],
      [5, 3, both],
    ])
  },
)

t.test('each year and month has the figures of its last day, and the end has its own', async (t) => {
  const { ledger, service } = await open(t)
  await service.applied(await ledger.record('lab', proposed({}, dated('2020-03-01')), agreed({}, dated('2021-05-01'))))
  const days = async (query: string) => (await seriesOf(t, service, query)).steps.map(({ at }) => at)
  t.same(await days('from=2023-12-31&to=2025-03-04'), ['2023-12-31', '2024-12-31', '2025-03-04'])
  t.same(await days('step=month&from=2024-01-15&to=2024-03-31'), ['2024-01-31', '2024-02-29', '2024-03-31'])
  t.same(await days('step=day&from=2024-02-28&to=2024-03-01'), ['2024-02-28', '2024-02-29', '2024-03-01'])
  t.same(await days('from=2024-02-28&to=2024-02-28'), ['2024-02-28'])
  t.same(await days('axis=known&step=day'), [2], 'all of it was recorded on one day')
  t.same(await days('axis=known&step=event&from=0'), [0, 1, 2])
  t.same(await days(`axis=known&from=1&to=${new Date(Date.now() - 1).toISOString()}`), [2])
})

t.test('an impossible series is refused with what would be accepted', async (t) => {
  const { ledger, service } = await open(t)
  const head = await ledger.record('lab', proposed({}, dated('2020-03-01')))
  await service.applied(head)
  await service.get(`/v1/portfolio?asOf=${today}&atLeast=${head}`)
  const faults: [string, string, string][] = [
    [
      'step=day',
      'query.step',
      '`day` makes more than 500 steps between `from` and `to`, and at most that many are given; `step=month` would do, with 81',
    ],
    ['from=0001-01-01', 'query.step', 'move `from` and `to` closer together'],
    ['asOf=2020-01-01', 'query.asOf', 'must be omitted with `axis=asOf`'],
    ['axis=known&knownAtPosition=1', 'query.knownAtPosition', 'must be omitted with `axis=known`'],
    ['axis=known&from=2020-01-01', 'query.from', 'must be a position of the log, or an instant (RFC 3339)'],
    ['to=7', 'query.to', 'must be a day with `axis=asOf`'],
    ['from=2021-01-01&to=2020-01-01', 'query.from', 'must not be after `to`, which is 2020-01-01'],
    ['axis=known&to=2999-01-01T00:00:00Z', 'query.to', 'must not be later than now'],
    ['from=yesterday', 'query.from', 'must be a day, such as 2024-01-01'],
  ]
  for (const [query, path, message] of faults) {
    const answer = await service.get(`/v1/portfolio/series?${query}`)
    t.equal(answer.statusCode, 400, query)
    const [fault] = answer.json().errors
    t.equal(fault.path, path, query)
    t.ok(fault.message.includes(message), fault.message)
  }
  const beyond = await service.get('/v1/portfolio/series?axis=known&to=99')
  t.match(beyond.json(), { status: 409, code: 'beyond-head', head })
})

t.test('an answer that the caller has is 304, and the series of an empty ledger is empty', async (t) => {
  const { ledger, service } = await open(t)
  const empty = await seriesOf(t, service, '')
  t.match(empty, { from: today, to: today, steps: [{ at: today, total: 0 }], changePoints: [] })
  t.match(await seriesOf(t, service, 'axis=known'), { from: 0, to: 0, steps: [{ at: 0, recordedAt: null, total: 0 }] })
  const head = await ledger.record('lab', proposed({}, dated('2020-03-01')))
  const answer = await service.get(`/v1/portfolio/series?atLeast=${head}`)
  t.equal(answer.headers['log-position'], String(head))
  const same = await service.get('/v1/portfolio/series', { 'if-none-match': String(answer.headers.etag) })
  t.equal(same.statusCode, 304)
})
