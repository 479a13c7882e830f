import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { record, recordAll } from '../src/recorder/recorder.ts'
import { openDatabase, openRecorder, recordInTurn, request } from './recorder-fixture.ts'

const usd = (value: string) => ({ value, currency: 'USD' })

t.test(
  'the result of a line does not depend on how soon the next one comes: a child before its parent is refused',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t))
    const child = (id: string, parent: string) => request(id, proposed({ parent }))
    const together = await Promise.all([
      record(recorder, child('child-1', 'parent-1'), 1000),
      record(recorder, request('parent-1', proposed()), 1000),
      record(recorder, child('child-2', 'parent-1'), 1000),
    ])
    const inTurn = [
      await record(recorder, child('child-3', 'parent-2'), 1000),
      await record(recorder, request('parent-2', proposed()), 1000),
      await record(recorder, child('child-4', 'parent-2'), 1000),
    ]
    for (const outcomes of [together, inTurn]) {
      t.match(outcomes, [
        { outcome: 'refused', refusal: { code: 'unknown-parent' } },
        { outcome: 'recorded' },
        { outcome: 'recorded' },
      ])
    }
  },
)

t.test('an event that would break a money rule on some day is refused, and the refusal names the day', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed(), agreed(), funded({ line: 'a', amount: usd('100') }))
  const paid = (transaction: string, on: string) =>
    example('disbursed', { line: 'a', transaction, amount: usd('100') }, { occurredOn: on })
  await recordInTurn(recorder, 'lab', paid('t1', '2025-06-01'))
  await recordInTurn(
    recorder,
    'lab',
    example('refunded', { transaction: 't1', amount: usd('100') }, { occurredOn: '2025-08-01' }),
  )
  const early = request('lab', paid('t2', '2025-05-01'))
  const refusal = { code: 'over-committed', day: '2025-06-01', broken: [{ version: 4 }], detail: /On 2025-06-01/ }
  t.match(await record(recorder, early, 1000), { outcome: 'refused', refusal })
  t.match(await recordAll(recorder, [early], 1000), { outcome: 'refused', refusals: [{ answer: { refusal } }] })
  t.same(await recordInTurn(recorder, 'lab', paid('t2', '2025-09-01')), [6])
})

t.test('corrections of a long stream do not block others: those are answered in between', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  const reported = example('assessed', {}, { occurredOn: '2025' })
  const long = [request('long', proposed()), ...Array.from({ length: 1999 }, () => request('long', reported))]
  t.match(await recordAll(recorder, long, 1000), { outcome: 'recorded' })
  const corrected = (event: number) =>
    request('long', example('corrected', { corrections: [{ event, occurredOn: '2024-10' }] }))
  const order: string[] = []
  const corrections = Array.from({ length: 100 }, async (_, index) => {
    const result = await record(recorder, corrected(index + 2), 1000)
    order.push('correction')
    return result.outcome
  })
  const others = Array.from({ length: 20 }, async (_, index) => {
    const result = await record(recorder, request(`other-${index}`, proposed()), 1000)
    order.push('other')
    return result.outcome
  })
  t.same(new Set(await Promise.all([...others, ...corrections])), new Set(['recorded']))
  const before = order.slice(0, order.lastIndexOf('other')).filter((one) => one === 'correction').length
  t.ok(before < 50, `${before} of 100 corrections were answered before the last of the others`)
})

t.test(
  'an atomic import that needs too much history is refused as a whole, and the refusal says what to do',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t))
    const reported = example('assessed', {}, { occurredOn: '2025' })
    const long = [request('long', proposed()), ...Array.from({ length: 1999 }, () => request('long', reported))]
    await recordAll(recorder, long, 1000)
    const corrections = Array.from({ length: 300 }, (_, index) =>
      request('long', example('corrected', { corrections: [{ event: index + 2, occurredOn: '2024-10' }] })),
    )
    await t.rejects(recordAll(recorder, corrections, 1000), { name: 'TooMuchWork' })
    t.same(await recordInTurn(recorder, 'long', reported), [2001], 'nothing of it was recorded')
  },
)
