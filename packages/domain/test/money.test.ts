import {
  addTotals,
  compareMoney,
  currencies,
  fromMinorUnits,
  Money,
  minorUnits,
  subtractTotals,
  toMinorUnits,
  totalOf,
} from '@commitments/domain'
import { holds } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'

const usd = (value: string) => ({ value, currency: 'USD' })

t.test('an amount is positive decimal text with at most as many decimals as its currency has', async (t) => {
  const accepted: [string, string][] = [
    ['1', 'VND'],
    ['3000000000', 'KRW'],
    ['999999999999999999', 'VND'],
    ['0.01', 'USD'],
    ['1250.5', 'USD'],
    ['1250.50', 'EUR'],
    ['0.001', 'KWD'],
    ['1.0001', 'CLF'],
  ]
  for (const [value, currency] of accepted) t.ok(Money.safeParse({ value, currency }).success, `${value} ${currency}`)
  const refused: [unknown, unknown, RegExp][] = [
    ['1.5', 'VND', /VND has none/],
    ['1.0', 'KRW', /KRW has none/],
    ['1.005', 'USD', /at most 2 decimals in USD/],
    ['0', 'USD', /positive/],
    ['0.00', 'USD', /positive/],
    ['-1', 'USD', /positive decimal number as text/],
    ['+1', 'USD', /positive decimal number as text/],
    ['01', 'USD', /positive decimal number as text/],
    ['1,000', 'USD', /positive decimal number as text/],
    ['1e6', 'USD', /positive decimal number as text/],
    ['1.', 'USD', /positive decimal number as text/],
    ['.5', 'USD', /positive decimal number as text/],
    ['١', 'USD', /positive decimal number as text/],
    ['', 'USD', /positive decimal number as text/],
    ['1000000000000000000', 'USD', /at most 18 digits/],
    [35, 'USD', /positive decimal number as text/],
    ['1', 'XXX', /ISO 4217/],
    ['1', 'XAU', /ISO 4217/],
    ['1', 'usd', /ISO 4217/],
    ['1', '$', /ISO 4217/],
    ['1', undefined, /ISO 4217/],
  ]
  for (const [value, currency, message] of refused) {
    t.match(Money.safeParse({ value, currency }).error?.issues[0]?.message, message, JSON.stringify([value, currency]))
  }
})

t.test('amounts are exact in minor units, however large', async (t) => {
  t.equal(toMinorUnits(usd('1250.5')), 125050n)
  t.equal(toMinorUnits({ value: '999999999999999999', currency: 'VND' }), 999999999999999999n)
  t.equal(toMinorUnits(usd('999999999999999999.99')), 99999999999999999999n)
  t.throws(() => toMinorUnits({ value: '1.5', currency: 'VND' }), RangeError)
  t.throws(() => toMinorUnits(usd('one')), RangeError)
  t.throws(() => toMinorUnits({ value: '1', currency: 'XXX' }), RangeError)
})

t.test('whole amounts are written without decimals, others with all of their currency', async (t) => {
  t.equal(fromMinorUnits(125000n, 'USD'), '1250')
  t.equal(fromMinorUnits(125050n, 'USD'), '1250.50')
  t.equal(fromMinorUnits(5n, 'USD'), '0.05')
  t.equal(fromMinorUnits(-5n, 'USD'), '-0.05')
  t.equal(fromMinorUnits(-12500n, 'USD'), '-125')
  t.equal(fromMinorUnits(7n, 'VND'), '7')
})

t.test('any whole number of minor units is written and read back as itself, in every currency', async (t) => {
  holds(
    t,
    fc.property(
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      fc.constantFrom(...currencies),
      (amount, currency) => {
        return toMinorUnits({ value: fromMinorUnits(amount, currency), currency }) === amount
      },
    ),
  )
})

t.test('amounts are compared within a currency only', async (t) => {
  t.equal(compareMoney(usd('9'), usd('10')), -1)
  t.equal(compareMoney(usd('10.0'), usd('10.00')), 0)
  t.equal(compareMoney(usd('10.01'), usd('10')), 1)
  t.throws(() => compareMoney(usd('1'), { value: '1', currency: 'VND' }), RangeError)
})

t.test('totals are kept by currency, never added across', async (t) => {
  t.same(totalOf([usd('0.10'), usd('0.20'), { value: '3000000000', currency: 'KRW' }]), {
    KRW: '3000000000',
    USD: '0.30',
  })
  t.same(totalOf([]), {})
  t.same(addTotals({ USD: '1.50' }, { USD: '1.50', VND: '7' }, {}), { USD: '3', VND: '7' })
})

t.test('an amount that is removed completely is absent from a total', async (t) => {
  t.same(subtractTotals({ USD: '3', VND: '7' }, { USD: '3', VND: '2' }), { VND: '5' })
  t.same(subtractTotals({ USD: '1' }, { USD: '2.50' }), { USD: '-1.50' })
  t.same(subtractTotals({ USD: '1' }, { USD: '-2' }), { USD: '3' })
})

t.test('the number of decimals of a currency is that of ISO 4217', async (t) => {
  for (const [currency, decimals] of [
    ['VND', 0],
    ['KRW', 0],
    ['USD', 2],
    ['LAK', 2],
    ['HUF', 2],
    ['KWD', 3],
    ['UYW', 4],
  ] as const) {
    t.equal(minorUnits(currency), decimals, currency)
  }
  t.throws(() => minorUnits('XXX'), RangeError)
})
