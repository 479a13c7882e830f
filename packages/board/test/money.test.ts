import * as fc from 'fast-check'
import t from 'tap'
import { amountInWords, currenciesOf, isZero, moneyInWords, thousandths } from '../src/money/amounts.ts'

t.test('an amount is shown with every recorded digit, grouped as in the language', async (t) => {
  t.equal(amountInWords('12345678901234567890.123456789', 'en'), '12,345,678,901,234,567,890.123456789')
  t.equal(amountInWords('30000000', 'vi'), '30.000.000')
  t.equal(amountInWords('3000000000', 'ko'), '3,000,000,000')
})

t.test('no digit is lost, whatever the amount', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (amount) => {
      return amountInWords(String(amount), 'en').replaceAll(',', '') === String(amount)
    }),
  )
})

t.test('a currency is shown as its code in every language', async (t) => {
  for (const language of ['en', 'vi', 'ko'] as const) {
    t.match(moneyInWords({ value: '1', currency: 'VND' }, language), /^VND\u00a01$/)
  }
})

t.test('a bar has a length only if there is a whole', async (t) => {
  t.equal(thousandths('35000000', '100000000'), 350)
  t.equal(thousandths('0.5', '2'), 250)
  t.equal(thousandths('3', '2'), 1000)
  t.equal(thousandths('1', '0'), null)
})

t.test('zero is zero, however it is written', async (t) => {
  for (const zero of ['0', '0.00', '000']) t.ok(isZero(zero))
  t.notOk(isZero('0.01'))
})

t.test('each currency is named once, in alphabetical order', async (t) => {
  t.same(currenciesOf({ USD: '1' }, { KRW: '2', USD: '3' }), ['KRW', 'USD'])
})
