import {
  asOfSteps,
  countsFrom,
  type EventBody,
  foldAsOf,
  foldStream,
  proposalAt,
  type RecordedEvent,
} from '@commitments/domain'
import { agreed, delivered, example, exampleZone, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'

const zone = 'Asia/Ho_Chi_Minh'
const recordedOn = '2026-11-22'

function streamOf(...bodies: EventBody[]): RecordedEvent[] {
  return bodies.map((body, index) => recorded(body, { version: index + 1, position: index + 1 }))
}

function daysOf(...bodies: EventBody[]): Record<number, string> {
  return Object.fromEntries(countsFrom(streamOf(...bodies), zone).map(({ event, from }) => [event.version, from]))
}

const source = { title: 'Report', supports: 'Says so.' }
const on = (occurredOn: string | null, ...publishedOn: string[]) => ({
  occurredOn,
  evidence: [source, ...publishedOn.map((day) => ({ ...source, publishedOn: day }))],
})

t.test('an event counts from the last possible day of its date, or of its beginning if it lasts', async (t) => {
  for (const [occurredOn, from] of [
    ['2019-04-05', '2019-04-05'],
    ['2019-04', '2019-04-30'],
    ['2019', '2019-12-31'],
    ['[2018..2019]', '2019-12-31'],
    ['[..2019-06]', '2019-06-30'],
    ['[2018..]', recordedOn],
    ['2019-09-18/2019-09-19', '2019-09-18'],
    ['2019/..', '2019-12-31'],
    [null, recordedOn],
  ] as const) {
    t.equal(daysOf(proposed({}, { occurredOn }))[1], from, String(occurredOn))
  }
})

t.test('an event counts from the earliest publication of evidence for all of it', async (t) => {
  t.equal(daysOf(proposed({}, on(null, '2021-03', '2020-02-02')))[1], '2020-02-02')
  t.equal(daysOf(proposed({}, on('2020', '2020-02-02')))[1], '2020-02-02')
  const partial = { occurredOn: null, evidence: [{ ...source, publishedOn: '2020-02-02', partial: true }] }
  t.equal(daysOf(proposed({}, partial))[1], recordedOn)
})

t.test('evidence attached later is evidence of the event', async (t) => {
  const attached = example('evidence-attached', { event: 1 }, on(null, '2020-02-02'))
  t.same(daysOf(proposed({}, on(null)), attached), { 1: '2020-02-02', 2: '2020-02-02' })
})

t.test('an event does not count before its own first possible day', async (t) => {
  t.equal(daysOf(proposed({}, on('2020-03', '2019-12-01')))[1], '2020-03-01')
})

t.test('the day of recording is that of the ledger\u2019s time zone', async (t) => {
  const late = recorded(proposed({}, on(null)), { recordedAt: '2026-11-22T18:00:00.000001Z' })
  t.equal(countsFrom([late], zone)[0]?.from, '2026-11-23')
  t.equal(countsFrom([late], 'UTC')[0]?.from, '2026-11-22')
})

t.test('an act counts at the latest from the day of the next existing act', async (t) => {
  const unknown = on(null)
  t.same(daysOf(proposed({}, unknown), agreed({}, unknown), funded({}, unknown), delivered({}, on('2020-05-01'))), {
    1: '2020-05-01',
    2: '2020-05-01',
    3: '2020-05-01',
    4: '2020-05-01',
  })
  t.same(daysOf(proposed({}, unknown), agreed({}, on('2019')), funded({}, on('2018-03-01'))), {
    1: '2019-01-01',
    2: '2019-01-01',
    3: '2019-01-01',
  })
})

t.test('a partial delivery is not an act', async (t) => {
  const days = daysOf(
    proposed({}, on(null)),
    agreed({}, on(null)),
    funded({}, on(null)),
    delivered({ complete: false }, on('2020')),
  )
  t.same(days, { 1: recordedOn, 2: recordedOn, 3: recordedOn, 4: recordedOn })
})

t.test('an event does not count before the event it refers to, nor before the proposal', async (t) => {
  const paid = daysOf(
    proposed({}, on('2015')),
    agreed({}, on('2016')),
    funded({}, on(null)),
    example('disbursed', {}, on('2017')),
  )
  t.equal(paid[4], recordedOn)
  t.equal(daysOf(proposed({}, on('2015-02-03')), example('started', {}, on('2014')))[2], '2015-02-03')
})

t.test('corrections hold at every day', async (t) => {
  const events = streamOf(
    proposed({}, on('2015')),
    agreed({}, on('2016')),
    example('corrected', { corrections: [{ event: 2, occurredOn: '2018-01-01' }] }),
  )
  t.equal(foldAsOf(events, '2017-01-01', zone)?.stage, 'proposed')
  t.equal(foldAsOf(events, '2018-01-01', zone)?.stage, 'agreed')
  t.equal(foldAsOf(events, '2017-01-01', zone)?.version, 3, 'the record is read up to its head')
  t.equal(proposalAt(events, { asOf: '2017-01-01', knownAtPosition: 2 }, zone)?.stage, 'agreed')
})

t.test('a contest is shown on every day on which there is a proposal', async (t) => {
  const events = streamOf(proposed({}, on('2015-01-01')), agreed({}, on('2016')), example('contested', { event: 2 }))
  t.match(foldAsOf(events, '2015-06-01', zone), { stage: 'proposed', contested: [{ event: 2 }] })
})

t.test('before the first event counts, there is no proposal', async (t) => {
  const events = streamOf(proposed({}, on('2015-05')))
  t.equal(foldAsOf(events, '2015-05-30', zone), null)
  t.ok(foldAsOf(events, '2015-05-31', zone))
  t.same(countsFrom([], zone), [])
  t.equal(proposalAt(events, { knownAt: '2020-01-01T00:00:00Z' }, zone), null)
})

t.test('steps are the states of every day', async (t) => {
  const events = streamOf(
    proposed({}, on('2015')),
    agreed({}, on('2016')),
    funded({}, on('2016')),
    delivered({}, on('2019')),
  )
  const steps = asOfSteps(events, zone)
  t.same(
    steps.map(({ from, proposal }) => [from, proposal.stage]),
    [
      ['2015-12-31', 'proposed'],
      ['2016-12-31', 'funded'],
      ['2019-12-31', 'delivered'],
    ],
  )
  for (const { from, proposal } of steps) t.same(foldAsOf(events, from, zone), proposal)
  t.same(steps.at(-1)?.proposal, foldStream(events, exampleZone))
})

t.test('knownAt takes what was recorded up to that instant, to the microsecond, in any zone', async (t) => {
  const events = [
    recorded(proposed(), { version: 1, recordedAt: '2026-11-22T08:00:00.000123Z' }),
    recorded(agreed(), { version: 2, position: 9, recordedAt: '2026-11-22T08:00:00.000124Z' }),
  ]
  const versionAt = (knownAt: string) => proposalAt(events, { knownAt }, zone)?.version
  t.equal(versionAt('2026-11-22T08:00:00.000122Z'), undefined)
  t.equal(versionAt('2026-11-22T08:00:00.0001239Z'), 1)
  t.equal(versionAt('2026-11-22T15:00:00.000124+07:00'), 2)
  t.equal(versionAt('2026-11-22T08:00:00Z'), undefined)
  t.equal(proposalAt(events, { knownAtPosition: 8 }, zone)?.version, 1)
  t.equal(proposalAt(events, {}, zone)?.version, 2)
  t.throws(() => versionAt('yesterday'), RangeError)
  t.throws(() => versionAt('2026-13-41T00:00:00Z'), RangeError)
})
