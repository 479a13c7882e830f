import { financeTypes, kinds, parseEventBody, profiles, statusOf } from '@commitments/domain'
import {
  accepted,
  agreed,
  delivered,
  exampleDay,
  funded,
  given,
  holds,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'

const usd = (value: string) => ({ amount: { value, currency: 'USD' } })
const zone = 'Asia/Ho_Chi_Minh'

t.test('an agreed proposal is funded by its first line, and takes further ones', async (t) => {
  given(proposed(), agreed()).when(funded()).expect(t, accepted)
  given(proposed(), agreed(), funded())
    .when(funded({ line: 'vn-side' }))
    .expect(t, accepted)
  const state = stateAfter(proposed(), agreed(), funded(), funded({ line: 'vn-side' }, { occurredOn: '2025' }))
  t.match(state, { stage: 'funded', history: { funded: { occurredOn: '2024-09', version: 3 } } })
  t.match(state.lines, [
    { line: 'kr-grant', version: 3 },
    { line: 'vn-side', version: 4, occurredOn: '2025' },
  ])
})

t.test('funding a proposal that was not agreed is refused', async (t) => {
  given(proposed()).when(funded()).expect(t, refused('not-agreed'))
})

t.test('funding learnt after delivery is recorded and leaves the stage delivered', async (t) => {
  const history = [proposed({ kind: 'system' }), agreed(), delivered()]
  given(...history)
    .when(funded())
    .expect(t, accepted)
  t.match(stateAfter(...history, funded()), { stage: 'delivered', history: { funded: { version: 4 } } })
})

t.test('a kind that takes no funding cannot be funded', async (t) => {
  for (const kind of kinds) {
    const expected = profiles[kind].funding === 'none' ? refused('takes-no-funding') : accepted
    given(proposed({ kind }), agreed()).when(funded()).expect(t, expected)
  }
  t.same(
    kinds.filter((kind) => profiles[kind].funding === 'none'),
    ['memorandum', 'framework-agreement', 'treaty', 'committee-session', 'forum', 'working-meeting'],
  )
})

t.test('provider and receiver are parties of the proposal', async (t) => {
  given(proposed(), agreed())
    .when(funded({ provider: 'koica-kr' }))
    .expect(t, refused('not-a-party'))
  given(proposed(), agreed())
    .when(funded({ receiver: 'vkist' }))
    .expect(t, refused('not-a-party'))
})

t.test('a line is recorded once', async (t) => {
  given(proposed(), agreed(), funded()).when(funded()).expect(t, refused('line-exists'))
})

t.test('a line cannot refer to an unknown pledge', async (t) => {
  given(proposed(), agreed())
    .when(funded({ pledge: 'flagship-2023' }))
    .expect(t, refused('unknown-pledge'))
})

t.test('an unknown amount adds nothing and is listed as undisclosed', async (t) => {
  const state = stateAfter(
    proposed(),
    agreed(),
    funded({ amount: null, amountStatus: 'undisclosed' }),
    funded({ line: 'vn-side', amount: { value: '5000000000', currency: 'VND' } }),
  )
  const { pledged, committed, disbursed, undisbursed, undisclosed } = statusOf(state, exampleDay, zone).money
  t.same(
    { pledged, committed, disbursed, undisbursed, undisclosed },
    {
      pledged: {},
      committed: { VND: '5000000000' },
      disbursed: {},
      undisbursed: { VND: '5000000000' },
      undisclosed: [{ line: 'kr-grant', amountStatus: 'undisclosed' }],
    },
  )
})

t.test('committed is the sum of the lines, by currency, for any lines', async (t) => {
  const amounts = fc.array(
    fc.record({ cents: fc.bigInt({ min: 1n, max: 10n ** 18n }), currency: fc.constantFrom('USD', 'EUR') }),
    { minLength: 1, maxLength: 8 },
  )
  holds(
    t,
    fc.property(amounts, (lines) => {
      const events = lines.map(({ cents, currency }, index) => {
        const text = String(cents).padStart(3, '0')
        return funded({ line: `line-${index}`, amount: { value: `${text.slice(0, -2)}.${text.slice(-2)}`, currency } })
      })
      const { committed, undisbursed } = statusOf(stateAfter(proposed(), agreed(), ...events), exampleDay, zone).money
      for (const currency of ['USD', 'EUR']) {
        const expected = lines.filter((line) => line.currency === currency).reduce((sum, { cents }) => sum + cents, 0n)
        const total = committed[currency] ?? '0'
        const [whole, decimals = '00'] = total.split('.')
        if (BigInt(`${whole}${decimals}`) !== expected) return false
      }
      return JSON.stringify(committed) === JSON.stringify(undisbursed)
    }),
  )
})

t.test('every type of finance is accepted', async (t) => {
  for (const financeType of financeTypes) given(proposed(), agreed()).when(funded({ financeType })).expect(t, accepted)
})

t.test('a line that violates its schema is refused with every error', async (t) => {
  const mistakes: [object, string, RegExp][] = [
    [usd('0'), 'data.amount.value', /positive/],
    [usd('-5'), 'data.amount.value', /positive/],
    [{ amount: 5 }, 'data.amount', /an object/],
    [{ amount: null }, 'data.amount', /amountStatus/],
    [{ amountStatus: 'unknown' }, 'data.amount', /amountStatus/],
    [{ amount: null, amountStatus: 'secret' }, 'data.amountStatus', /undisclosed, unknown/],
    [{ financeType: 'gift' }, 'data.financeType', /grant, loan, budget, own-funds/],
    [{ line: 'Line 1' }, 'data.line', /slug/],
    [{ valueDate: 'soon' }, 'data.valueDate', /as precise as it is known/],
    [{ agreementNumber: '' }, 'data.agreementNumber', /visible character/],
  ]
  for (const [data, path, message] of mistakes) {
    t.match(parseEventBody(funded(data)), { ok: false, errors: [{ path, message }] }, `${path} ${message}`)
  }
  const { amount: _none, ...withoutAmount } = funded().data
  t.match(parseEventBody({ ...funded(), data: withoutAmount }), {
    errors: [{ path: 'data.amount', message: /is missing/ }],
  })
})
