import { decodeLine, eventsASlice, foldAsOf } from '@commitments/domain'
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { asKnown } from '../src/status/fold-stream-lines.ts'
import { readKnownStream } from '../src/streams/known-stream.ts'
import { openLedger } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

function payment(number: number, occurredOn: string) {
  const amount = { value: '1', currency: 'USD' }
  return example('disbursed', { transaction: `p${number}`, line: 'kr-grant', amount }, { occurredOn })
}

for (const order of ['oldest', 'newest'] as const)
  t.test(`a long stream is read and folded in slices, the ${order} first, on a day and as it is known`, async (t) => {
    const ledger = await openLedger(t)
    const days = Array.from({ length: 900 }, (_, index) =>
      new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10),
    )
    if (order === 'newest') days.reverse()
    const amount = { value: '900000', currency: 'USD' }
    const begun = [proposed({}, { occurredOn: '1900' }), agreed({}, { occurredOn: '1900' })]
    await ledger.record(
      'long',
      ...begun,
      funded({ amount }, { occurredOn: '1901' }),
      ...days.map((day, index) => payment(index, day)),
    )
    const { entries } = await readKnownStream(ledger.pool, 'long', { position: null, instant: null })
    t.equal(entries.length, 903)
    const events = entries.map(({ line }) => decodeLine(line))
    for (const asOf of [undefined, '2021-06-30', '1900-12-31'] as const) {
      const work = asKnown(entries, asOf, timeZone)
      let slices = 1
      let next = work.next()
      for (; !next.done; next = work.next()) slices += 1
      // Once for reading the lines; the pass over them, in order, ends when the day is reached.
      t.ok(slices >= entries.length / eventsASlice, `${slices} slices`)
      t.same(next.value.proposal, foldAsOf(events, asOf ?? '9999-12-31', timeZone))
      t.equal(next.value.parked, null)
    }
  })
