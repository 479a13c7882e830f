import { currencies, isCurrency, minorUnits, parseEventBody, withdrawnIn } from '@commitments/domain'
import { accepted, agreed, example, funded, given, proposed, refused } from '@commitments/test-kit/domain'
import t from 'tap'

const amount = (value: string, currency: string) => ({ amount: { value, currency } })
const old = proposed({}, { occurredOn: '1990' })
const signed = agreed({}, { occurredOn: '1991' })
const pledgedIn = (currency: string, occurredOn: string | null) =>
  example('pledged', amount('5', currency), { occurredOn })

t.test('a withdrawn currency has the month of its withdrawal and its former decimals', async (t) => {
  const known: [string, string, number][] = [
    ['DEM', '2002-03', 2],
    ['ITL', '2002-03', 0],
    ['VEF', '2018-08', 2],
    ['MRO', '2017-12', 2],
    ['STD', '2017-12', 2],
    ['BYR', '2017-01', 0],
    ['LTL', '2014-12', 2],
    ['EEK', '2011-01', 2],
    ['TRL', '2005-12', 0],
    ['BGN', '2026-01', 2],
  ]
  for (const [code, month, decimals] of known) t.same([withdrawnIn(code), minorUnits(code)], [month, decimals], code)
  for (const code of ['USD', 'VND', 'KRW', 'EUR', 'MRU', 'BYN', 'VES']) t.equal(withdrawnIn(code), undefined, code)
  for (const code of ['XFO', 'XAU', 'DEMM', 'dem']) t.notOk(isCurrency(code), code)
  for (const code of currencies) t.match(code, /^[A-Z]{3}$/)
  t.match(parseEventBody(pledgedIn('DEM', '1995')), { ok: true })
  const decimals = example('pledged', amount('1.5', 'ITL'))
  t.match(parseEventBody(decimals), { ok: false, errors: [{ path: 'data.amount.value', message: /ITL has none/ }] })
})

t.test('it is accepted for events while it was valid, for a year after, and without a certain date', async (t) => {
  const scene = given(old)
  for (const day of [
    '1995',
    '2002-03-31',
    '2003-03-31',
    '2003-03',
    '2003',
    '1999/2010',
    '[2001..2015]',
    '[..2010]',
    null,
  ])
    scene.when(pledgedIn('DEM', day)).expect(t, accepted)
  for (const day of ['2003-04-01', '2003-04', '2004', '2024', '2004/2005', '[2004..]'])
    t.match(scene.when(pledgedIn('DEM', day)).expect(t, refused('withdrawn-currency')), {
      currency: 'DEM',
      until: '2003-03-31',
    })
})

t.test('this holds for every amount that is requested, pledged, committed, paid or valued', async (t) => {
  const scene = given(old, signed, funded(amount('100', 'DEM'), { occurredOn: '1992' }))
  const late = { occurredOn: '2010' } as const
  const request = { requestedFunding: [amount('1', 'DEM')] }
  given().when(proposed(request, late)).expect(t, refused('withdrawn-currency'))
  scene.when(example('updated', request, late)).expect(t, refused('withdrawn-currency'))
  scene.when(funded({ line: 'b', ...amount('1', 'DEM') }, late)).expect(t, refused('withdrawn-currency'))
  scene.when(example('tranche-planned', amount('1', 'DEM'), late)).expect(t, refused('withdrawn-currency'))
  scene.when(example('disbursed', amount('1', 'DEM'), late)).expect(t, refused('withdrawn-currency'))
  const paid = scene.and(example('disbursed', amount('9', 'DEM'), { occurredOn: '1993' }))
  paid.when(example('refunded', amount('1', 'DEM'), late)).expect(t, refused('withdrawn-currency'))
  const valuation = { ...amount('1', 'DEM'), method: { en: 'Price' } }
  scene.when(example('contributed-in-kind', { valuation }, late)).expect(t, refused('withdrawn-currency'))
})

t.test('write-offs, withdrawals, cancellations and continuations are accepted at any time', async (t) => {
  const tranche = example('tranche-planned', amount('50', 'DEM'), { occurredOn: '1993' })
  const request = { requestedFunding: [amount('1', 'DEM')] }
  const scene = given(
    proposed(request, { occurredOn: '1990' }),
    signed,
    funded(amount('100', 'DEM'), { occurredOn: '1992' }),
    tranche,
    pledgedIn('DEM', '1991'),
  )
  const late = { occurredOn: '2010' } as const
  scene.when(example('decommitted', amount('50', 'DEM'), late)).expect(t, accepted)
  scene.when(example('tranche-planned', amount('0', 'DEM'), late)).expect(t, accepted)
  scene.when(example('pledged', amount('0', 'DEM'), late)).expect(t, accepted)
  const more = { requestedFunding: [amount('1', 'DEM'), amount('2', 'EUR')] }
  scene.when(example('updated', more, late)).expect(t, accepted)
})

t.test('a correction of the amount or of the date follows the same rule', async (t) => {
  const correct = (correction: object) => example('corrected', { corrections: [{ event: 2, ...correction }] })
  const scene = given(old, pledgedIn('DEM', '1995'))
  scene.when(correct({ occurredOn: '2010' })).expect(t, refused('breaks-events'))
  scene.when(correct({ occurredOn: '2001' })).expect(t, accepted)
  const now = given(old, pledgedIn('EUR', '2010'))
  const data = { ...example('pledged').data, ...amount('5', 'DEM') }
  now.when(correct({ data })).expect(t, refused('breaks-events'))
  now.when(correct({ data, occurredOn: '1995' })).expect(t, accepted)
})
