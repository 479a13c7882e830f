/** Compares the map of one proposal with a fold at every corner of every rectangle. */
import { conditionOn, conditionSteps, drained, proposalAt, type RecordedEvent } from '@commitments/domain'
import { agreed, example, funded, proposed, searchSeed } from '@commitments/test-kit'
import { holds } from '@commitments/test-kit/domain'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'
import { type Rectangle, type StatusMap, statusMap } from '../../src/past/status-map.ts'
import { madeLog, writeEvents } from '../fixtures/made-ledger.ts'
import { openLedger, startService } from '../support.ts'

const zone = 'Asia/Ho_Chi_Minh'
const whole = { asOf: null, limit: 300, most: 2_000 }

function mapOf(events: readonly RecordedEvent[], options: Partial<typeof whole> | { asOf: string } = {}): StatusMap {
  return drained(statusMap(events, zone, { ...whole, ...options }))
}

/** The days at which something may change, and their neighbours. */
function daysOf(rectangles: readonly Pick<Rectangle, 'from' | 'until'>[]): string[] {
  const edges = rectangles.flatMap(({ from, until }) => (until === null ? [from] : [from, until]))
  return [...new Set([...edges, ...edges.map(dayBefore), '0001-01-01', '2026-11-22', '9999-12-30'])]
}

function dayBefore(day: string): string {
  return day === '0001-01-01' ? day : new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

function folded(events: readonly RecordedEvent[], asOf: string, knownAtPosition: number) {
  const proposal = proposalAt(events, { asOf, knownAtPosition }, zone)
  if (proposal === null) return null
  const { stage, ending } = proposal
  return { stage, ending, condition: conditionOn(conditionSteps(proposal, zone), asOf) }
}

function onMap(rectangles: readonly Rectangle[], day: string, position: number) {
  const found = rectangles.filter(
    ({ from, until, knownFrom, knownUntil }) =>
      from <= day &&
      (until === null || day < until) &&
      knownFrom <= position &&
      (knownUntil === null || position < knownUntil),
  )
  if (found.length > 1) throw new Error(`${found.length} rectangles at ${day}, ${position}`)
  const [one] = found
  return one === undefined ? null : { stage: one.stage, ending: one.ending, condition: one.condition }
}

const positionsOf = (events: readonly RecordedEvent[]) => events.map(({ position }) => position)
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

t.test('at every corner of every rectangle, the map says what a fold of that moment says', async (t) => {
  holds(
    t,
    fc.property(streams, (events) => {
      const { rectangles } = mapOf(events)
      return positionsOf(events).every((position) =>
        daysOf(rectangles).every((day) => same(onMap(rectangles, day, position), folded(events, day, position))),
      )
    }),
  )
})

t.test('no two neighbouring rectangles could be one', async (t) => {
  holds(
    t,
    fc.property(streams, (events) => {
      const { rectangles } = mapOf(events)
      const key = ({ knownFrom: _from, knownUntil: _until, ...stretch }: Rectangle) => JSON.stringify(stretch)
      return rectangles.every((one) =>
        rectangles.every((other) => key(one) !== key(other) || one.knownUntil !== other.knownFrom),
      )
    }),
  )
})

t.test('with a day, the map is that of all days without the later ones', async (t) => {
  holds(
    t,
    fc.property(streams, fc.constantFrom('2018-12-31', '2020-05-04', '2022-01-01'), (events, asOf) => {
      const { rectangles } = mapOf(events, { asOf })
      return positionsOf(events).every((position) =>
        [...daysOf(mapOf(events).rectangles), asOf]
          .filter((day) => day <= asOf)
          .every((day) => same(onMap(rectangles, day, position), folded(events, day, position))),
      )
    }),
  )
})

t.test(
  'the maps of the last events, of those before them and so on say together what the whole map says',
  async (t) => {
    holds(
      t,
      fc.property(streams, fc.integer({ min: 1, max: 4 }), (events, limit) => {
        const pieces: StatusMap[] = []
        for (let known = events; known.length > 0; ) {
          const piece = mapOf(known, { limit })
          pieces.push(piece)
          const end = piece.earlier?.position ?? 0
          known = known.filter(({ position }) => position <= end)
        }
        const ends = [Number.POSITIVE_INFINITY, ...pieces.map(({ earlier }) => earlier?.position ?? 0)]
        return positionsOf(events).every((position) => {
          const piece = pieces[ends.findLastIndex((end) => position <= end)] as StatusMap
          return daysOf(piece.rectangles).every((day) =>
            same(onMap(piece.rectangles, day, position), folded(events, day, position)),
          )
        })
      }),
    )
  },
)

t.test('the map of a very long history covers fewer events, and at least the last one', async (t) => {
  holds(
    t,
    fc.property(streams, (events) => {
      const { rectangles, earlier } = mapOf(events, { most: 1 })
      return rectangles.some(({ knownUntil }) => knownUntil === null) && (events.length < 2 || earlier !== undefined)
    }),
  )
})

const clock = () => new Date('2026-11-22T00:00:00Z')
const dated = (occurredOn: string) => ({ occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] })

t.test(
  'the service gives the rectangles, and the moments that it gives equal the statuses at those moments',
  async (t) => {
    const ledger = await openLedger(t)
    const log: RecordedEvent[][] = madeLog(searchSeed(t))
    const head = await writeEvents(ledger.pool, log)
    const service = await startService(t, ledger, { clock })
    await service.applied(head)
    for (const [first] of log.slice(0, 6)) {
      const url = `/v1/proposals/${first?.proposalId}`
      const { moments } = (await service.get(`${url}/moments?atLeast=${head}`)).json() as { moments: Rectangle[] }
      for (const { from, knownFrom, stage, ending, condition } of moments.slice(0, 12)) {
        const status = (await service.get(`${url}?asOf=${from}&knownAtPosition=${knownFrom}`)).json()
        t.match(status, { stage, ending, condition }, `${url} ${from} ${knownFrom}`)
      }
    }
  },
)

t.test('the map of a moment leaves out what was known later, and later days', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  const first = await ledger.record('lab', proposed({}, dated('2020-01-01')))
  const second = await ledger.record('lab', agreed({}, dated('2021-03-01')))
  const third = await ledger.record('lab', funded({}, dated('2022-05-01')))
  await service.applied(third)
  const map = async (query = '') => (await service.get(`/v1/proposals/lab/moments${query}`)).json()
  const stagesOf = ({ moments }: { readonly moments: Rectangle[] }) => [...new Set(moments.map(({ stage }) => stage))]
  const all = await map()
  t.same(stagesOf(all), ['proposed', 'agreed', 'funded'])
  t.match(all, { proposalId: 'lab', timeZone: 'Asia/Ho_Chi_Minh', earlier: null })
  t.same(
    all.recorded.map(({ position, version }: { position: number; version: number }) => [position, version]),
    [
      [first, 1],
      [second, 2],
      [third, 3],
    ],
  )
  t.same(stagesOf(await map(`?knownAtPosition=${second}`)), ['proposed', 'agreed'])
  t.same(stagesOf(await map('?asOf=2021-02-28')), ['proposed'])
  t.ok((await map('?asOf=2021-04-01')).moments.every(({ until }: Rectangle) => until === null || until <= '2021-04-01'))
  const last = await map('?limit=1')
  t.equal(last.earlier, second)
  t.ok(last.moments.every(({ knownFrom }: Rectangle) => knownFrom === third))
  t.same(stagesOf(await map(`?limit=1&knownAtPosition=${last.earlier}`)), ['proposed', 'agreed'])
})

t.test('a map has an entity tag, and is refused as a status is', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  const url = '/v1/proposals/lab/moments'
  const head = await ledger.record('lab', proposed({}, dated('2020-01-01')))
  await service.applied(head)
  const answer = await service.get(url)
  t.equal(answer.headers['log-position'], String(head))
  t.equal((await service.get(url, { 'if-none-match': String(answer.headers.etag) })).statusCode, 304)
  await ledger.record('lab', agreed({}, dated('2021-03-01')))
  t.equal((await service.get(url, { 'if-none-match': String(answer.headers.etag) })).statusCode, 200, 'from the log')
  t.match((await service.get(`${url}?asOf=2019-12-31`)).json(), { status: 404, code: 'unknown-proposal' })
  t.match((await service.get(`${url}?knownAtPosition=0`)).json(), {
    status: 404,
    code: 'unknown-proposal',
    detail: /was known, or counted, at that time/,
  })
  t.match((await service.get(`${url}?knownAtPosition=99`)).json(), { status: 409, code: 'beyond-head' })
  t.equal((await service.get(`${url}?knownAt=2999-01-01T00:00:00Z`)).statusCode, 400)
  t.equal((await service.get(`${url}?limit=301`)).statusCode, 400)
  const since = await service.get(`${url}?knownAt=${new Date(Date.now() - 1).toISOString()}`)
  t.equal(since.headers['cache-control'], 'no-store', 'something may still be recorded at that instant')
})

t.test('the map ends before an event that cannot be applied', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  await ledger.record('lab', proposed({}, dated('2020-01-01')))
  const head = await ledger.recordImpossible('lab')
  await service.applied(head)
  const { moments } = (await service.get('/v1/proposals/lab/moments')).json() as { moments: Rectangle[] }
  t.ok(moments.every(({ stage, knownUntil }) => stage === 'proposed' && knownUntil === null))
})

t.test('a proposal with more events than the tables of the past hold has a map too', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock })
  const events = Array.from({ length: 520 }, () => example('confirmed', {}))
  const head = await ledger.record('lab', proposed({}, dated('2020-01-01')), ...events)
  await service.applied(head)
  const { moments, recorded, earlier } = (await service.get('/v1/proposals/lab/moments?limit=300')).json() as {
    moments: Rectangle[]
    recorded: readonly object[]
    earlier: number | null
  }
  t.ok(moments.length > 0 && recorded.length > 0)
  t.equal(earlier, head - Math.floor(100_000 / 521))
})
