/** The largest accepted proposals, with the flags and the memory of production. */
import type { EventBody } from '@commitments/domain'
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { projectionFlags } from '../../../scripts/start/node-flags.ts'
import { startProjectors } from './fixtures/start-projectors.ts'
import { type Ledger, openLedger } from './support.ts'

/** The memory of a service (docs/decisions/0017-one-gate.md). */
const mostMb = 512
const payments = 9_990

const pay = (number: number, occurredOn: string): EventBody =>
  example(
    'disbursed',
    { transaction: `p${number}`, line: 'kr-grant', amount: { value: '1', currency: 'USD' } },
    { occurredOn },
  )
const day = (number: number) => new Date(Date.UTC(2026, 9, 1) - number * 4 * 86_400_000).toISOString().slice(0, 10)
const all = (make: (number: number) => EventBody, length = payments) =>
  Array.from({ length }, (_, index) => make(index))

/** A line of some 57 KB. */
function fat(number: number): EventBody {
  const languages = ['en', 'vi', 'ko', 'fr', 'de', 'es']
  const reason = Object.fromEntries(languages.map((language) => [language, `${number}${'x'.repeat(9_500)}`]))
  return example('rescheduled', { which: 'end', to: String(2100 + number), reason })
}

const largest = {
  'payments, the newest first, with 300 corrections': [
    ...all((number) => pay(number, day(number))),
    ...all((number) => example('corrected', { corrections: [{ event: 4 + number, occurredOn: '2020-01-02' }] }), 300),
  ],
  'payments, the oldest first': all((number) => pay(number, day(payments - number))),
  'payments of one day': all((number) => pay(number, '2024-01-01')),
  'payments in no order': all((number) => pay(number, day((number * 7_919) % payments))),
  'postponements with reasons in six languages, eight megabytes': all(fat, 145),
}

async function recordLarge(ledger: Ledger, events: readonly EventBody[]): Promise<number> {
  const amount = { value: '900000000', currency: 'USD' }
  const begun = [proposed({}, { occurredOn: '1900' }), agreed({}, { occurredOn: '1900' })]
  await ledger.record('large', ...begun, funded({ amount }, { occurredOn: '1901' }))
  for (let at = 0; at < events.length; at += 1_000) await ledger.record('large', ...events.slice(at, at + 1_000))
  return ledger.record('other', proposed())
}

for (const [what, events] of Object.entries(largest)) {
  t.test(`the largest proposal is projected in the memory of production: ${what}`, async (t) => {
    const ledger = await openLedger(t)
    const head = await recordLarge(ledger, events)
    const { done } = await startProjectors(ledger.database.url, projectionFlags)
    t.equal(done?.head, head)
    t.ok(done && done.peakMb < mostMb, `${done?.peakMb} MB`)
    const { rows } = await ledger.pool.query(
      "SELECT (SELECT count(*)::int FROM proposal_moments WHERE proposal_id = 'large') AS moments, (SELECT count(*)::int FROM set_aside) AS aside",
    )
    t.ok(rows[0].moments <= 4_000 && rows[0].aside === 0, JSON.stringify(rows[0]))
  })
}
