import { parseEventBody } from '@commitments/domain'
import { example, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const reported = example('indicator-reported')

t.test('every report of an indicator is listed', async (t) => {
  const target = example('indicator-reported', { baseline: '1', target: '3', direction: 'at-least' })
  const actual = example('indicator-reported', { target: undefined, actual: '-2.5', period: '2025' })
  const state = stateAfter(proposed({ kind: 'policy-commitment' }), target, actual)
  t.match(state.indicators, [
    { indicator: 'papers', baseline: '1', target: '3', direction: 'at-least', version: 2 },
    { indicator: 'papers', actual: '-2.5', period: '2025', version: 3 },
  ])
})

t.test('a report has a target or an actual value, as decimal text', async (t) => {
  const bad = (data: object) => parseEventBody({ ...reported, data: { ...reported.data, ...data } })
  const { target: _none, ...bare } = reported.data
  t.match(parseEventBody({ ...reported, data: bare }), { ok: false, errors: [{ path: 'data.target' }] })
  t.match(bad({ target: '1e9' }), { ok: false, errors: [{ path: 'data.target' }] })
  t.match(bad({ target: 3 }), { ok: false, errors: [{ path: 'data.target' }] })
  for (const nothing of ['-0', '-0.0', '-0.000000000'])
    for (const member of ['baseline', 'target', 'actual'])
      t.match(bad({ [member]: nothing }), { ok: false, errors: [{ path: `data.${member}` }] }, `${member} ${nothing}`)
  for (const value of ['0', '-0.5', '0.0', '-10']) t.match(bad({ actual: value }), { ok: true }, value)
  t.match(bad({ direction: 'up' }), { ok: false, errors: [{ path: 'data.direction' }] })
})
