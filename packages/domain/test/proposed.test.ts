import { kinds, parseEventBody, profiles } from '@commitments/domain'
import {
  accepted,
  exampleNow,
  exampleZone,
  given,
  otherProposal,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a proposal begins with proposed', async (t) => {
  given().when(proposed()).expect(t, accepted)
  const state = stateAfter(proposed({ summary: { en: 'A summary' }, fields: ['new-materials'] }))
  t.match(state, {
    proposalId: 'joint-laboratory',
    stage: 'proposed',
    ending: null,
    suspended: false,
    title: { en: 'Joint laboratory', vi: 'Phòng thí nghiệm chung', ko: '공동 연구실' },
    summary: { en: 'A summary' },
    fields: ['new-materials'],
    parent: null,
    planned: { start: null, end: null, place: null },
    requested: [],
    agenda: null,
    version: 1,
    history: { proposed: { occurredOn: '2024-03', version: 1 }, agreed: null, funded: null, delivered: null },
  })
})

t.test('an id cannot be proposed twice', async (t) => {
  given(proposed()).when(proposed()).expect(t, refused('already-proposed'))
  given(proposed()).altered({ ending: 'void' }).when(proposed()).expect(t, refused('already-proposed'))
})

t.test('a parent must be another proposal that is recorded', async (t) => {
  given()
    .when(proposed({ parent: 'programme' }))
    .expect(t, refused('unknown-parent'))
  given()
    .when(proposed({ parent: 'joint-laboratory' }))
    .expect(t, refused('unknown-parent'))
  const programme = otherProposal('programme', proposed({ kind: 'programme' }))
  given()
    .beside(programme)
    .when(proposed({ parent: 'programme' }))
    .expect(t, accepted)
})

t.test('a signal that the world throws passes through a decision', async (t) => {
  const { decide } = await import('@commitments/domain')
  const notLoaded = new Error('not loaded yet')
  const world = {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find: () => {
      throw notLoaded
    },
    history: () => [],
  }
  t.throws(
    () => decide(null, { ...proposed({ parent: 'programme' }), proposalId: 'joint-laboratory' }, world),
    notLoaded,
  )
})

t.test('planned dates, place and requested funding are kept as proposed', async (t) => {
  const planned = { start: '2026', end: '2030-12', place: { en: 'Seoul', ko: '서울' } }
  const requestedFunding = [
    { provider: 'msit-kr', amount: null, amountStatus: 'unknown', financeType: 'grant' } as const,
  ]
  const state = stateAfter(proposed({ planned, requestedFunding }))
  t.same(state.planned, planned)
  t.same(state.requested, requestedFunding)
})

t.test('a session can be proposed with its agenda, known or only counted', async (t) => {
  const agenda = { declaredCount: 7, items: [{ item: 2, title: { en: 'VKIST phase 2' } }] }
  const state = stateAfter(proposed({ kind: 'committee-session', agenda }))
  t.same(state.agenda, agenda)
  given()
    .when(proposed({ kind: 'forum', agenda: { declaredCount: 6 } }))
    .expect(t, accepted)
})

t.test('an agenda can lead only to recorded proposals', async (t) => {
  const agenda = { items: [{ item: 2, title: { en: 'VKIST phase 2' }, leadsTo: ['vkist-phase-2'] }] }
  const session = proposed({ kind: 'committee-session', agenda })
  given().when(session).expect(t, refused('unknown-related-proposal'))
  given().beside(otherProposal('vkist-phase-2', proposed())).when(session).expect(t, accepted)
  const toItself = { items: [{ item: 1, title: { en: 'Itself' }, leadsTo: ['joint-laboratory'] }] }
  given()
    .when(proposed({ kind: 'forum', agenda: toItself }))
    .expect(t, refused('unknown-related-proposal'))
})

t.test('only sessions have an agenda', async (t) => {
  for (const kind of kinds) {
    const parsed = parseEventBody(proposed({ kind, agenda: { declaredCount: 6 } }))
    t.equal(parsed.ok, profiles[kind].session, kind)
    if (!parsed.ok)
      t.match(parsed.errors, [{ path: 'data.agenda', message: /committee-session, forum and working-meeting/ }])
  }
})

t.test('a proposal that violates its schema is refused with every error', async (t) => {
  const { parties } = stateAfter(proposed())
  const mistakes: [object, string, RegExp][] = [
    [{ parties: [] }, 'data.parties', /1 to 200/],
    [{ parties: [parties[0], parties[0]] }, 'data.parties', /twice/],
    [{ parties: [{ party: 'a', roles: [] }] }, 'data.parties.0.roles', /1 to 11/],
    [{ parties: [{ party: 'a', roles: ['boss'] }] }, 'data.parties.0.roles.0', /proposer, counterpart/],
    [{ parties: [{ party: 'a', country: 'EU', roles: ['funder'] }] }, 'data.parties.0.country', /ISO 3166-1/],
    [{ parties: [{ party: 'A B', roles: ['funder'] }] }, 'data.parties.0.party', /slug/],
    [{ kind: 'party' }, 'data.kind', /oda-grant-project/],
    [{ title: {} }, 'data.title', /at least one language/],
    [{ fields: ['x', 'x'] }, 'data.fields', /twice/],
    [{ planned: { start: '2025', end: '2024' } }, 'data.planned.end', /before the start/],
    [{ requestedFunding: [{}] }, 'data.requestedFunding.0', /at least one of a provider/],
    [{ requestedFunding: [{ amount: null }] }, 'data.requestedFunding.0.amount', /amountStatus/],
    [
      { requestedFunding: [{ amount: { value: '1', currency: 'USD' }, amountStatus: 'unknown' }] },
      'data.requestedFunding.0.amount',
      /amountStatus/,
    ],
    [{ requestedFunding: [{ provider: 'stranger' }] }, 'data.requestedFunding.0.provider', /most-vn, msit-kr, lab/],
    [{ kind: 'forum', agenda: {} }, 'data.agenda', /declaredCount/],
    [{ kind: 'forum', agenda: { items: [] } }, 'data.agenda', /declaredCount/],
    [{ budget: 5 }, 'data.budget', /known are title, summary/],
  ]
  for (const [data, path, message] of mistakes) {
    const parsed = parseEventBody(proposed(data))
    t.match(parsed, { ok: false, errors: [{ path, message }] }, `${path} ${message}`)
  }
})
