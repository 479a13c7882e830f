import { parseEventBody, statusOf } from '@commitments/domain'
import { example, exampleDay, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a flagged risk is shown with its severity and its source, and sets the condition', async (t) => {
  const low = example('risk-flagged', { severity: 'low' }, { assertedBy: 'most-vn' })
  const status = statusOf(stateAfter(proposed(), low, example('risk-flagged')), exampleDay, 'Asia/Ho_Chi_Minh')
  t.match(status, {
    condition: 'at-risk',
    risks: [
      { severity: 'low', assertedBy: 'most-vn', version: 2 },
      { severity: 'high', assertedBy: null, version: 3 },
    ],
  })
})

t.test('a severity is one of the list', async (t) => {
  const body = { ...example('risk-flagged'), data: { reason: { en: 'Rain' }, severity: 'grave' } }
  t.match(parseEventBody(body), { ok: false, errors: [{ path: 'data.severity', message: /low, medium, high/ }] })
})
