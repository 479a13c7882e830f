import { accepted, agreed, example, funded, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const usd = (value: string) => ({ value, currency: 'USD' })
const planned = (tranche: string, value: string, line = 'kr-grant') =>
  example('tranche-planned', { tranche, line, amount: usd(value) })
const history = [proposed(), agreed(), funded()]

t.test('a tranche is planned, revised by its id, and cancelled by 0', async (t) => {
  const revised = example('tranche-planned', { amount: usd('1500000'), when: '2028' })
  t.match(stateAfter(...history, planned('first', '1000000'), revised).tranches, [
    { tranche: 'first', amount: usd('1500000'), when: '2028', version: 5 },
  ])
  t.match(stateAfter(...history, planned('first', '1000000'), planned('first', '0')).tranches, [{ amount: usd('0') }])
})

t.test('the tranches of a line together are at most what is committed on it', async (t) => {
  const state = given(...history, planned('first', '1500000'))
  state.when(planned('second', '500000')).expect(t, accepted)
  state.when(planned('second', '500000.01')).expect(t, refused('over-planned'))
  state.when(planned('first', '2000000')).expect(t, accepted)
  state.and(planned('first', '0')).when(planned('second', '2000000')).expect(t, accepted)
})

t.test('a paid tranche uses up its line', async (t) => {
  const payment = example('disbursed', { tranche: 'first', amount: usd('1500000') })
  const state = given(...history, planned('first', '1500000'), payment)
  t.match(state.proposal?.tranches, [{ disbursed: '1500000' }])
  state.when(planned('second', '600000')).expect(t, refused('over-planned'))
  state.and(planned('first', '0')).when(planned('second', '600000')).expect(t, refused('over-planned'))
})

t.test('a tranche belongs to an existing line, and stays on it', async (t) => {
  given(proposed(), agreed()).when(planned('first', '1')).expect(t, refused('unknown-line'))
  given(...history, funded({ line: 'more' }), planned('first', '1'))
    .when(planned('first', '1', 'more'))
    .expect(t, refused('other-line'))
})

t.test('only a planned tranche can be cancelled', async (t) => {
  given(...history)
    .when(planned('first', '0'))
    .expect(t, refused('unknown-tranche'))
})

t.test('a line of unknown amount has the currency of the first amount that names it: another is refused', async (t) => {
  const krw = example('tranche-planned', { tranche: 'second', amount: { value: '1', currency: 'KRW' } })
  given(...history)
    .when(krw)
    .expect(t, refused('other-currency'))
  const unknown = given(proposed(), agreed(), funded({ amount: null, amountStatus: 'unknown' }))
  unknown.when(krw).expect(t, accepted)
  unknown.and(planned('first', '999999999')).when(krw).expect(t, refused('other-currency'))
  const inWon = unknown.and(krw)
  t.match(inWon.proposal?.lines, [{ amount: null, currency: 'KRW', disbursed: '0' }])
  for (const tranche of ['second', undefined])
    inWon.when(example('disbursed', { tranche, amount: usd('12.50') })).expect(t, refused('other-currency'))
  const paid = inWon.and(example('disbursed', { tranche: 'second', amount: { value: '1', currency: 'KRW' } }))
  for (const value of ['0', '7'])
    paid.when(example('tranche-planned', { tranche: 'second', amount: { value, currency: 'KRW' } })).expect(t, accepted)
  unknown
    .and(example('disbursed', { amount: usd('5') }))
    .when(krw)
    .expect(t, refused('other-currency'))
  unknown
    .and(example('decommitted', { amount: usd('5') }))
    .when(krw)
    .expect(t, refused('other-currency'))
  t.match(
    inWon.and(example('tranche-planned', { tranche: 'second', amount: { value: '0', currency: 'KRW' } })).proposal,
    {
      lines: [{ currency: 'KRW' }],
    },
  )
})
