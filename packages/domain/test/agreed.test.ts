import { forms, kinds, parseEventBody, profiles } from '@commitments/domain'
import { accepted, agreed, delivered, funded, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a proposal is agreed by its parties, in any form', async (t) => {
  for (const form of forms) given(proposed()).when(agreed({ form })).expect(t, accepted)
  const state = stateAfter(proposed(), agreed())
  t.match(state, {
    stage: 'agreed',
    history: { agreed: { occurredOn: '2024-06-22', version: 2 } },
    agreement: {
      form: 'agreement',
      parties: ['most-vn', 'msit-kr'],
      terms: { objectives: { en: 'A laboratory for new materials' } },
      version: 2,
    },
  })
})

t.test('a proposal is agreed once', async (t) => {
  given(proposed(), agreed()).when(agreed()).expect(t, refused('already-agreed'))
  given(proposed(), agreed(), funded()).when(agreed()).expect(t, refused('already-agreed'))
  given(proposed(), agreed(), funded(), delivered()).when(agreed()).expect(t, refused('already-agreed'))
})

t.test('an agreement learnt after delivery is recorded and leaves the stage delivered', async (t) => {
  const session = proposed({ kind: 'committee-session' })
  given(session, delivered()).when(agreed()).expect(t, accepted)
  const state = stateAfter(session, delivered(), agreed())
  t.match(state, { stage: 'delivered', history: { agreed: { version: 3 }, delivered: { version: 2 } } })
})

t.test('only parties of the proposal agree', async (t) => {
  const decision = given(proposed())
    .when(agreed({ parties: ['most-vn', 'moit-vn'] }))
    .expect(t, refused('not-a-party'))
  t.match(decision, { detail: /moit-vn.*most-vn, msit-kr, lab/, parties: ['most-vn', 'msit-kr', 'lab'] })
})

t.test('an agreement needs two parties, but a policy commitment binds the one that makes it', async (t) => {
  for (const kind of kinds) {
    const expected = kind === 'policy-commitment' ? accepted : refused('too-few-parties')
    given(proposed({ kind }))
      .when(agreed({ parties: ['most-vn'] }))
      .expect(t, expected)
  }
})

t.test('an oda kind needs an instrument, and terms with objectives; others do not', async (t) => {
  for (const kind of kinds) {
    const { formal } = profiles[kind]
    t.equal(formal, kind.startsWith('oda-'), kind)
    const { data } = agreed()
    const { instrument, terms, ...bare } = data
    const withData = (given_: object) => ({ ...agreed(), data: { ...bare, ...given_ } })
    const asked = given(proposed({ kind }))
    asked.when(withData({ terms })).expect(t, formal ? refused('missing-instrument') : accepted)
    asked.when(withData({ instrument })).expect(t, formal ? refused('missing-objectives') : accepted)
    asked
      .when(withData({ instrument, terms: { start: '2025' } }))
      .expect(t, formal ? refused('missing-objectives') : accepted)
    asked.when(withData({ instrument, terms: { ...terms, start: null, end: null } })).expect(t, accepted)
  }
})

t.test('dates of the terms become the planned ones', async (t) => {
  const state = stateAfter(
    proposed({ planned: { start: '2024', end: '2026', place: { en: 'Hoa Lac' } } }),
    agreed({ terms: { start: '2025-01', end: '2027-06' } }),
  )
  t.same(state.planned, { start: '2025-01', end: '2027-06', place: { en: 'Hoa Lac' } })
})

t.test('a planned date stays if the terms omit it or give it as unknown', async (t) => {
  const planned = { start: '2024', end: '2026' }
  t.match(stateAfter(proposed({ planned }), agreed({ terms: { end: '2027' } })).planned, { start: '2024', end: '2027' })
  t.match(stateAfter(proposed({ planned }), agreed({ terms: { start: null, end: null } })).planned, planned)
  const { terms: _none, ...withoutTerms } = agreed().data
  t.match(stateAfter(proposed({ planned }), { ...agreed(), data: withoutTerms }).planned, planned)
})

t.test('terms and the planned dates that they leave must be possible together', async (t) => {
  given(proposed({ planned: { start: '2026' } }))
    .when(agreed({ terms: { end: '2025' } }))
    .expect(t, refused('ends-before-start'))
  given(proposed({ planned: { end: '2025' } }))
    .when(agreed({ terms: { start: '2026' } }))
    .expect(t, refused('ends-before-start'))
  given(proposed({ planned: { start: '2026' } }))
    .when(agreed({ terms: { start: '2024', end: '2025' } }))
    .expect(t, accepted)
  given(proposed({ planned: { start: '2025-06' } }))
    .when(agreed({ terms: { end: '2025' } }))
    .expect(t, accepted)
})

t.test('an instrument is not signed in the future', async (t) => {
  given(proposed())
    .when(agreed({ instrument: { title: { en: 'Agreement' }, signedOn: '2027' } }))
    .expect(t, refused('in-the-future'))
  given(proposed())
    .when(agreed({ instrument: { title: { en: 'Agreement' }, signedOn: null } }))
    .expect(t, accepted)
})

t.test('an agreement that violates its schema is refused with every error', async (t) => {
  const mistakes: [object, string, RegExp][] = [
    [{ form: 'handshake' }, 'data.form', /verbal-consensus, minutes/],
    [{ parties: [] }, 'data.parties', /1 to 200/],
    [{ parties: ['most-vn', 'most-vn'] }, 'data.parties', /twice/],
    [{ instrument: {} }, 'data.instrument.title', /from language to text/],
    [{ instrument: { title: { en: 'x' }, binding: 'yes' } }, 'data.instrument.binding', /true or false/],
    [{ instrument: { title: { en: 'x' }, number: ' ' } }, 'data.instrument.number', /visible character/],
    [{ terms: { start: '2025', end: '2024-12' } }, 'data.terms.end', /before the start/],
    [{ terms: { objectives: 'To cooperate' } }, 'data.terms.objectives', /from language to text/],
    [{ terms: { duration: '5 years' } }, 'data.terms.duration', /known are objectives, deliverables, start, end/],
  ]
  for (const [data, path, message] of mistakes) {
    t.match(parseEventBody(agreed(data)), { ok: false, errors: [{ path, message }] }, `${path} ${message}`)
  }
})
