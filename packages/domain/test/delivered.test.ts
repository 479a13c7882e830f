import { kinds, parseEventBody, profiles } from '@commitments/domain'
import { accepted, agreed, delivered, funded, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const after = (kind: (typeof kinds)[number]) => profiles[kind].deliveredAfter.join(' ')

t.test('a delivery is complete unless it says that it is a part', async (t) => {
  for (const data of [{}, { complete: true }]) {
    const { stage, delivery, history } = stateAfter(proposed({ kind: 'system' }), agreed(), delivered(data))
    t.equal(stage, 'delivered')
    t.match(delivery, {
      complete: true,
      acceptedBy: ['most-vn'],
      deliverables: [{ en: 'The laboratory' }],
      progress: [],
    })
    t.match(history.delivered, { occurredOn: '2026-05', version: 3 })
  }
})

t.test('a partial delivery is listed as progress and leaves the stage unchanged', async (t) => {
  const part = delivered({ deliverables: [{ en: 'First floor' }], complete: false })
  const state = stateAfter(proposed(), agreed(), funded(), part, part)
  t.match(state, { stage: 'funded', history: { delivered: null }, delivery: { complete: false, deliverables: [] } })
  t.match(state.delivery.progress, [
    { deliverables: [{ en: 'First floor' }], acceptedBy: ['most-vn'], occurredOn: '2026-05', version: 4 },
    { version: 5 },
  ])
  given(proposed(), agreed(), funded(), part).when(delivered()).expect(t, accepted)
})

t.test('a complete delivery is the last one', async (t) => {
  const history = [proposed(), agreed(), funded(), delivered()]
  given(...history)
    .when(delivered())
    .expect(t, refused('already-delivered'))
  given(...history)
    .when(delivered({ complete: false }))
    .expect(t, refused('already-delivered'))
})

t.test('the profile of a kind says after which stages it can be delivered', async (t) => {
  for (const kind of kinds) {
    const { deliveredAfter, funding } = profiles[kind]
    const can = (stage: 'proposed' | 'agreed' | 'funded') => deliveredAfter.includes(stage)
    const needed = deliveredAfter.includes('agreed') ? refused('not-agreed') : refused('not-funded')
    given(proposed({ kind }))
      .when(delivered())
      .expect(t, can('proposed') ? accepted : needed)
    given(proposed({ kind }), agreed())
      .when(delivered())
      .expect(t, can('agreed') ? accepted : needed)
    if (funding === 'none') continue
    given(proposed({ kind }), agreed(), funded())
      .when(delivered())
      .expect(t, can('funded') ? accepted : needed)
  }
})

t.test('the profiles are those of the field', async (t) => {
  const required = [
    'oda-grant-project',
    'oda-loan-project',
    'technical-assistance',
    'joint-research',
    'rnd-centre',
    'training-centre',
  ] as const
  const optional = ['system', 'training-programme', 'exchange', 'programme-participation', 'policy-commitment'] as const
  for (const kind of required) t.same([profiles[kind].funding, after(kind)], ['required', 'funded'], kind)
  for (const kind of optional) t.same([profiles[kind].funding, after(kind)], ['optional', 'agreed funded'], kind)
  for (const kind of ['memorandum', 'framework-agreement', 'treaty'] as const)
    t.same([profiles[kind].funding, after(kind)], ['none', 'agreed'], kind)
  for (const kind of ['committee-session', 'forum', 'working-meeting'] as const) {
    t.same([profiles[kind].funding, after(kind)], ['none', 'proposed agreed'], kind)
  }
  t.same([profiles.programme.funding, after('programme')], ['children', 'agreed funded'])
})

t.test('that a session took place needs evidence; an assertion is not enough', async (t) => {
  for (const kind of kinds.filter((each) => profiles[each].session)) {
    const onWord = delivered({}, { evidence: [], assertedBy: 'most-vn' })
    given(proposed({ kind })).when(onWord).expect(t, refused('needs-evidence'))
    given(proposed({ kind })).when(delivered()).expect(t, accepted)
  }
  const onWord = delivered({}, { evidence: [], assertedBy: 'most-vn' })
  given(proposed({ kind: 'system' }), agreed())
    .when(onWord)
    .expect(t, accepted)
})

t.test('the receiving side accepts, not the implementer alone', async (t) => {
  const system = [proposed({ kind: 'system' }), agreed()]
  given(...system)
    .when(delivered({ acceptedBy: ['lab'] }))
    .expect(t, refused('only-implementer-accepted'))
  given(...system)
    .when(delivered({ acceptedBy: ['lab', 'most-vn'] }))
    .expect(t, accepted)
  given(...system)
    .when(delivered({ acceptedBy: ['msit-kr'] }))
    .expect(t, accepted)
  const { parties } = proposed().data
  const bothRoles = [...parties, { party: 'institute', roles: ['implementer' as const, 'beneficiary' as const] }]
  given(proposed({ kind: 'system', parties: bothRoles }), agreed())
    .when(delivered({ acceptedBy: ['institute'] }))
    .expect(t, accepted)
})

t.test('only parties of the proposal can accept', async (t) => {
  given(proposed({ kind: 'system' }), agreed())
    .when(delivered({ acceptedBy: ['nasati-vn'] }))
    .expect(t, refused('not-a-party'))
})

t.test('the accepting party can be unknown, and so can the deliverables', async (t) => {
  given(proposed({ kind: 'system' }), agreed())
    .when({ ...delivered(), data: {} })
    .expect(t, accepted)
})

t.test('a delivery that violates its schema is refused with every error', async (t) => {
  const mistakes: [object, string, RegExp][] = [
    [{ deliverables: ['The laboratory'] }, 'data.deliverables.0', /from language to text/],
    [{ deliverables: { en: 'x' } }, 'data.deliverables', /a list/],
    [{ acceptedBy: [] }, 'data.acceptedBy', /1 to 200/],
    [{ acceptedBy: 'most-vn' }, 'data.acceptedBy', /list/],
    [{ complete: 'yes' }, 'data.complete', /true or false/],
    [{ accepted: true }, 'data.accepted', /known are deliverables, acceptedBy, complete/],
  ]
  for (const [data, path, message] of mistakes) {
    t.match(parseEventBody(delivered(data)), { ok: false, errors: [{ path, message }] }, `${path} ${message}`)
  }
})
