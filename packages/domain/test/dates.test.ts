import {
  addDays,
  addYear,
  boundsOf,
  certainlyBefore,
  Day,
  dayOf,
  firstDay,
  futureBegins,
  lastDay,
  today,
  When,
  whollyInFuture,
} from '@commitments/domain'
import { holds } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'

t.test('each form of a date has a first and a last possible day', async (t) => {
  const table: [string, string | null, string | null, string | null][] = [
    // date, first, last, begun by
    ['2023', '2023-01-01', '2023-12-31', '2023-12-31'],
    ['2023-06', '2023-06-01', '2023-06-30', '2023-06-30'],
    ['2024-02', '2024-02-01', '2024-02-29', '2024-02-29'],
    ['2023-02', '2023-02-01', '2023-02-28', '2023-02-28'],
    ['2000-02', '2000-02-01', '2000-02-29', '2000-02-29'],
    ['1900-02', '1900-02-01', '1900-02-28', '1900-02-28'],
    ['2023-06-22', '2023-06-22', '2023-06-22', '2023-06-22'],
    ['2023-09-18/2023-09-19', '2023-09-18', '2023-09-19', '2023-09-18'],
    ['2021/2023', '2021-01-01', '2023-12-31', '2021-12-31'],
    ['2023-06/2023', '2023-06-01', '2023-12-31', '2023-06-30'],
    ['2024/..', '2024-01-01', null, '2024-12-31'],
    ['[2018..2023]', '2018-01-01', '2023-12-31', '2023-12-31'],
    ['[1995-04..2018]', '1995-04-01', '2018-12-31', '2018-12-31'],
    ['[..2023]', null, '2023-12-31', '2023-12-31'],
    ['[2018..]', '2018-01-01', null, null],
    ['[2025-08-10..2025-08-13]', '2025-08-10', '2025-08-13', '2025-08-13'],
  ]
  for (const [when, first, last, begunBy] of table) {
    t.equal(When.parse(when), when)
    t.same(boundsOf(when), { first, last, begunBy }, when)
  }
})

t.test('an unknown date is bounded by nothing', async (t) => {
  t.same([firstDay(null), lastDay(null)], [null, null])
  t.same(When.nullable().parse(null), null)
})

t.test('a date that is not in the calendar, in the wrong order or in another form is refused', async (t) => {
  const refused = [
    ['2023-02-30', /no 2023-02-30/],
    ['2023-02-29', /no 2023-02-29/],
    ['2023-13', /no 2023-13/],
    ['2023-00', /no 2023-00/],
    ['2023-06-00', /no 2023-06-00/],
    ['2023-06-31/2023-07', /no 2023-06-31/],
    ['2023-06/2023-06-31', /no 2023-06-31/],
    ['[2023-04-31..]', /no 2023-04-31/],
    ['[..2023-04-31]', /no 2023-04-31/],
    ['0000', /no 0000/],
    ['2023-09-19/2023-09-18', /end before it starts/],
    ['2024/2023', /end before it starts/],
    ['[2023..2018]', /end before it starts/],
    ['', /as precise as it is known/],
    ['23', /as precise as it is known/],
    ['2023-6', /as precise as it is known/],
    ['2023-06-22T08:00:00Z', /as precise as it is known/],
    ['../2023', /as precise as it is known/],
    ['2023/', /as precise as it is known/],
    ['[..]', /as precise as it is known/],
    ['[2023]', /as precise as it is known/],
    ['2023?', /as precise as it is known/],
    ['2023-XX', /as precise as it is known/],
    ['-2023', /as precise as it is known/],
    [' 2023', /as precise as it is known/],
    ['2023\n', /as precise as it is known/],
    ['２０２３', /as precise as it is known/],
  ] as const
  for (const [text, message] of refused) {
    const parsed = When.safeParse(text)
    t.notOk(parsed.success, JSON.stringify(text))
    t.match(parsed.error?.issues[0]?.message, message)
  }
  t.notOk(When.safeParse(2023).success)
  t.throws(() => boundsOf('2023-02-30'), RangeError)
})

t.test('an end that can still be after the start is possible at the known precision', async (t) => {
  for (const when of ['2023-06/2023', '2023/2023-01', '[2023..2023-01-01]', '2023-06-22/2023-06-22']) {
    t.ok(When.safeParse(when).success, when)
  }
})

t.test('one date is before another only if it certainly is', async (t) => {
  t.ok(certainlyBefore('2022', '2023'))
  t.ok(certainlyBefore('2023-06-21', '2023-06-22'))
  t.ok(certainlyBefore('[..2020]', '[2021..]'))
  t.notOk(certainlyBefore('2023', '2023-06-22'), 'it may be on the same day')
  t.notOk(certainlyBefore('2023-06', '2023'))
  t.notOk(certainlyBefore('[2018..]', '2030'), 'it has no last day')
  t.notOk(certainlyBefore(null, '2023'))
  t.notOk(certainlyBefore('2023', null))
})

t.test('only a date that cannot have begun yet lies wholly in the future', async (t) => {
  const begins = '2026-11-24'
  for (const when of ['2026-11-24', '2026-12', '2027', '2027/..', '[2026-11-24..]'])
    t.ok(whollyInFuture(when, begins), when)
  for (const when of ['2026-11-23', '2026-11', '2026', '2025/2030', '[..2030]', '[2018..]', null]) {
    t.notOk(whollyInFuture(when, begins), String(when))
  }
})

t.test('a local morning is never refused: the future begins after today at UTC+14', async (t) => {
  t.equal(futureBegins(new Date('2026-11-22T09:59:59.999Z')), '2026-11-23')
  t.equal(futureBegins(new Date('2026-11-22T10:00:00Z')), '2026-11-24', 'the 23rd has begun on Kiritimati')
  t.equal(futureBegins(new Date('2026-12-31T23:00:00Z')), '2027-01-02')
})

t.test('the day of an instant is that of the time zone', async (t) => {
  const evening = new Date('2026-11-22T17:30:00Z')
  t.equal(today(evening, 'Asia/Ho_Chi_Minh'), '2026-11-23')
  t.equal(today(evening, 'UTC'), '2026-11-22')
  t.equal(dayOf(Date.parse('2026-11-22T17:00:00.000123Z'), 'Asia/Ho_Chi_Minh'), '2026-11-23')
  t.throws(() => today(evening, 'Asia/Nowhere'), RangeError)
})

t.test('in UTC the day of any instant is how ISO 8601 writes it', async (t) => {
  const instants = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  holds(
    t,
    fc.property(instants, (instant) => dayOf(instant, 'UTC') === instant.toISOString().slice(0, 10)),
  )
})

t.test('the day of an instant is that of the calendar in every time zone, even around its changes', async (t) => {
  const zones = [...Intl.supportedValuesOf('timeZone'), 'Asia/Ho_Chi_Minh']
  const formats = new Map(
    zones.map((timeZone) => [
      timeZone,
      new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
    ]),
  )
  const instants = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2060, 0, 1) })
  holds(
    t,
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      // Also just before and after the hour and the quarter, where a day may end.
      const quarter = instant - (instant % 900_000)
      return [instant, quarter - 1, quarter, quarter + 1].every(
        (at) => dayOf(at, zone) === formats.get(zone)?.format(at),
      )
    }),
  )
})

t.test('days are counted across months, years and leap days, and end with the calendar', async (t) => {
  t.equal(addDays('2024-02-28', 1), '2024-02-29')
  t.equal(addDays('2023-12-31', 1), '2024-01-01')
  t.equal(addDays('2024-01-15', -30), '2023-12-16')
  t.equal(addDays('9999-12-31', 1), null)
  t.equal(addDays('0001-01-15', -30), '0001-01-01', 'no day is before the calendar')
  t.equal(addDays('0001-01-01', -3_660), '0001-01-01')
  t.equal(addDays('0001-01-31', -30), '0001-01-01')
  t.equal(addYear('2025-11-22'), '2026-11-22')
  t.equal(addYear('2024-02-29'), '2025-03-01')
  t.equal(addYear('9999-01-01'), null)
})

t.test('a day is a day of the calendar', async (t) => {
  t.ok(Day.safeParse('2024-02-29').success)
  for (const text of ['2023-02-29', '2024-02', '2024-02-29T00:00:00Z', '']) t.notOk(Day.safeParse(text).success, text)
})
