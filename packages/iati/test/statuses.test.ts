import { type EventBody, foldStream, type Kind, type Proposal } from '@commitments/domain'
import { agreed, delivered, example, exampleZone, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'
import { dayOfBeginning, dayOfHappening } from '../src/days.ts'
import { statusOf } from '../src/status.ts'
import { dateInWords } from '../src/words.ts'

function statusAfter(...bodies: EventBody[]): string {
  return statusOf(
    foldStream(
      bodies.map((body, index) => recorded(body, { version: index + 1 })),
      exampleZone,
    ) as Proposal,
  )
}

const shown = (found: ReturnType<typeof dayOfHappening>) => ('day' in found ? found.day : found.why)

t.test('the status follows from acts', async (t) => {
  const begun = [proposed(), agreed(), funded()]
  t.equal(statusAfter(proposed()), '1')
  t.equal(statusAfter(proposed(), agreed()), '1')
  t.equal(statusAfter(...begun), '1')
  t.equal(statusAfter(...begun, example('started')), '2')
  t.equal(statusAfter(...begun, example('disbursed')), '2', 'a disbursement is a start')
  t.equal(statusAfter(...begun, delivered()), '3')
  t.equal(statusAfter(...begun, delivered(), example('closed')), '4')
  t.equal(statusAfter(...begun, example('suspended')), '6')
  t.equal(statusAfter(...begun, example('suspended'), example('resumed')), '1')
})

t.test('delivered means in force for instruments, so they are in implementation', async (t) => {
  for (const kind of ['memorandum', 'framework-agreement', 'treaty'] as const satisfies Kind[])
    t.equal(statusAfter(proposed({ kind }), agreed(), delivered()), '2', kind)
})

t.test('what expired or was superseded after its delivery is closed, and was not cancelled', async (t) => {
  const endings = ['declined', 'withdrawn', 'cancelled', 'terminated', 'expired', 'superseded'] as const
  const after = (...before: EventBody[]) =>
    endings.map((ending) => statusAfter(...before, example('ended', { ending })))
  t.same(after(proposed({ kind: 'treaty' }), agreed()), ['5', '5', '5', '5', '5', '5'])
  t.same(after(proposed({ kind: 'treaty' }), agreed(), delivered()), ['5', '5', '5', '5', '4', '4'])
})

t.test(
  'what happened is dated by its last possible day, but not after its recording, and not after the limit',
  async (t) => {
    const on = (occurredOn: string | null, recordedAt: string, limit: string) =>
      shown(dayOfHappening({ occurredOn, recordedAt: `${recordedAt}T10:00:00.000000Z` }, limit))
    t.equal(on('2024-06', '2026-11-28', '2026-11-28'), '2024-06-30')
    t.equal(on('2026-11', '2026-11-28', '2026-11-29'), '2026-11-28')
    t.equal(on('2014/2023', '2026-11-28', '2026-11-28'), '2023-12-31')
    t.equal(on('2014/2023', '2026-11-28', '2018-05-01'), '2018-05-01', 'as of a day within it')
    t.equal(on('[..2023]', '2026-11-28', '2026-11-28'), '2023-12-31')
    for (const open of [null, '2024/..', '[2024..]'])
      t.equal(on(open, '2026-11-28', '2026-11-28'), 'undated', String(open))
  },
)

t.test('today in Hanoi is written once the day has begun in UTC', async (t) => {
  const happening = { occurredOn: '2026-11-29', recordedAt: '2026-11-28T17:30:00.000000Z' }
  t.equal(shown(dayOfHappening(happening, '2026-11-28')), 'not-yet')
  t.equal(shown(dayOfHappening(happening, '2026-11-29')), '2026-11-29')
  t.equal(shown(dayOfBeginning(happening, '2026-11-28')), 'not-yet')
})

t.test('what lasts begins on its first possible day', async (t) => {
  const recordedAt = '2026-11-28T10:00:00.000000Z'
  t.equal(shown(dayOfBeginning({ occurredOn: '2023-09-18/2023-09-19', recordedAt }, '2026-11-28')), '2023-09-18')
  t.equal(shown(dayOfBeginning({ occurredOn: '2024/..', recordedAt }, '2026-11-28')), '2024-01-01')
  t.equal(shown(dayOfBeginning({ occurredOn: '2023', recordedAt }, '2026-11-28')), '2023-12-31')
})

t.test('each form of a date has its words', async (t) => {
  const words = (when: string) => dateInWords(when, 'en')
  t.equal(words('2023'), 'some day in 2023')
  t.equal(words('2023-06'), 'some day in 2023-06')
  t.equal(words('2023-09-18/2023-09-19'), 'from 2023-09-18 to 2023-09-19')
  t.equal(words('2024/..'), 'since 2024')
  t.equal(words('[2018-04..2023]'), 'on an unknown day between 2018-04 and 2023')
  t.equal(words('[..2023]'), 'on an unknown day until 2023')
  t.equal(words('[2018..]'), 'on an unknown day since 2018')
  t.equal(dateInWords('2014/2023', 'vi'), 'từ 2014 đến 2023')
  t.equal(dateInWords('2014/2023', 'ko'), '2014부터 2023까지')
})
