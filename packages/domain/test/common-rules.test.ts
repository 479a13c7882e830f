import { decide, eventTypes, evolve, ProposalState, parseBulkLine, parseEventBody } from '@commitments/domain'
import {
  accepted,
  agreed,
  example,
  exampleNow,
  exampleZone,
  funded,
  given,
  givenFor,
  proposed,
  recorded,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const world = {
  futureBegins: '2026-11-24',
  now: exampleNow,
  timeZone: exampleZone,
  find: () => null,
  history: () => [],
}

t.test('every event except a confirmation has evidence or an asserting party', async (t) => {
  for (const type of eventTypes) {
    const { evidence, ...bare } = example(type)
    const message = /at least one piece of evidence, or an assertedBy/
    const expected = type === 'confirmed' ? { ok: true } : { ok: false, errors: [{ path: 'evidence', message }] }
    t.match(parseEventBody(bare), expected, type)
    t.match(parseEventBody({ ...bare, evidence: [] }), expected, type)
    t.ok(parseEventBody({ ...bare, assertedBy: 'most-vn' }).ok, type)
    t.ok(parseEventBody({ ...bare, evidence }).ok, type)
  }
})

t.test('what happened cannot lie wholly in the future', async (t) => {
  // A correction and a retraction have no date of their own.
  for (const type of eventTypes.filter((each) => each !== 'corrected' && each !== 'retracted')) {
    const scene = givenFor(type)
    const at = (occurredOn: string | null) => scene.when({ ...example(type), occurredOn })
    t.comment(type)
    for (const when of ['2026-11-23', '2027', '2026-12/..', '[2026-12..]']) at(when).expect(t, refused('in-the-future'))
    for (const when of ['2026-11-22', '2026', '2026-11/..', '[2018..]', '[..2030]', null]) at(when).expect(t, accepted)
  }
})

t.test('evidence cannot have been published in the future', async (t) => {
  for (const type of eventTypes) {
    const scene = givenFor(type)
    const published = (publishedOn: string | null) => {
      return scene.when({ ...example(type), evidence: [{ title: 'Report', publishedOn, supports: 'Says so.' }] })
    }
    published('2027').expect(t, refused('in-the-future'))
    published('2026').expect(t, accepted)
    published(null).expect(t, accepted)
  }
})

const afterProposed = eventTypes.filter((type) => type !== 'proposed')

t.test('the first event of a proposal is proposed', async (t) => {
  for (const type of afterProposed) given().when(example(type)).expect(t, refused('unknown-proposal'))
})

/** What an ended or closed proposal accepts (docs/domain.md, Events). */
const alwaysTaken =
  'corrected retracted evidence-attached assessed refunded reopened linked unlinked contested contest-resolved party-renamed'.split(
    ' ',
  )

t.test('an ended or closed proposal accepts only the listed events', async (t) => {
  for (const type of afterProposed) {
    const isTaken = alwaysTaken.includes(type)
    const scene = givenFor(type)
    t.comment(type)
    for (const ending of ['declined', 'cancelled', 'expired', 'void'] as const) {
      const ended = scene.altered({ ending, suspended: false }).when(example(type))
      ended.expect(t, isTaken ? accepted : refused('ended'))
    }
    const closed = scene.altered({ ending: null, stage: 'closed', suspended: false }).when(example(type))
    closed.expect(t, isTaken ? accepted : refused('closed'))
  }
})

t.test('a suspended proposal cannot be agreed, funded or delivered; everything else is recorded', async (t) => {
  const acts = ['agreed', 'funded', 'delivered']
  for (const type of afterProposed.filter((each) => each !== 'suspended')) {
    const expected = acts.includes(type) ? refused('suspended') : accepted
    givenFor(type).altered({ suspended: true }).when(example(type)).expect(t, expected)
  }
})

t.test('the fold of every event says where it comes from, and is plain JSON', async (t) => {
  for (const type of eventTypes) {
    const state = givenFor(type).and(example(type)).proposal
    t.same(JSON.parse(JSON.stringify(state)), state, type)
    t.match(ProposalState.safeParse(state), { success: true }, type)
  }
})

t.test('acts in the wrong order are accepted, because sources make mistakes', async (t) => {
  given(proposed())
    .when(agreed({}, { occurredOn: '1999' }))
    .expect(t, accepted)
  given(proposed(), agreed())
    .when(funded({}, { occurredOn: '[..1990]' }))
    .expect(t, accepted)
})

t.test('wrong common members of an event are refused with every error', async (t) => {
  const mistakes: [object, string, RegExp][] = [
    [{ occurredOn: undefined }, 'occurredOn', /null if it is unknown/],
    [{ occurredOn: '2023-02-30' }, 'occurredOn', /no 2023-02-30/],
    [{ confidence: 'sure' }, 'confidence', /official, reported, inferred/],
    [{ assertedBy: 'Ministry' }, 'assertedBy', /slug/],
    [{ note: 'text' }, 'note', /from language to text/],
    [{ note: { xx: 'text' } }, 'note.xx', /BCP 47/],
    [{ correlationId: '' }, 'correlationId', /visible character/],
    [{ causationId: 5 }, 'causationId', /visible character/],
    [{ recordedBy: 'me' }, 'recordedBy', /known are type, occurredOn, data/],
    [{ evidence: 'none' }, 'evidence', /a list/],
    [{ evidence: [{ supports: 'x' }] }, 'evidence.0.title', /visible character/],
    [{ evidence: [{ title: 'x' }] }, 'evidence.0.supports', /visible character/],
    [{ evidence: [{ title: 'x', supports: 'x', language: 'EN' }] }, 'evidence.0.language', /"en"/],
    [{ evidence: [{ title: 'x', supports: 'x', url: 'javascript:alert(1)' }] }, 'evidence.0.url', /http or https/],
    [{ evidence: [{ title: 'x', supports: 'x', url: 'https://' }] }, 'evidence.0.url', /http or https/],
    [{ evidence: [{ title: 'x', supports: 'x', digest: 'sha256:AB' }] }, 'evidence.0.digest', /64 hexadecimal/],
    [{ evidence: [{ title: 'x', supports: 'x', partial: 1 }] }, 'evidence.0.partial', /true or false/],
    [{ evidence: Array.from({ length: 101 }, () => ({ title: 'x', supports: 'x' })) }, 'evidence', /at most 100/],
    [{ data: undefined }, 'data', /is missing/],
    [{ data: [] }, 'data', /an object/],
    [{ type: 'promised' }, 'type', /agreed, amended, assessed/],
    [{ type: undefined }, 'type', /agreed, amended, assessed/],
    [{ type: '__proto__' }, 'type', /agreed, amended, assessed/],
  ]
  for (const [change, path, message] of mistakes) {
    t.match(
      parseEventBody({ ...agreed(), ...change }),
      { ok: false, errors: [{ path, message }] },
      `${path} ${message}`,
    )
  }
})

t.test('all errors of a request are named at once', async (t) => {
  const parsed = parseEventBody({ type: 'agreed', occurredOn: 5, data: { form: 'x', parties: ['A'] }, extra: 1 })
  t.ok(!parsed.ok)
  const paths = parsed.ok ? [] : parsed.errors.map(({ path }) => path)
  t.same(paths.toSorted(), ['data.form', 'data.parties.0', 'evidence', 'extra', 'occurredOn'])
})

t.test('anything that is not an object is refused', async (t) => {
  for (const value of [null, undefined, 5, 'text', [], true]) {
    t.match(parseEventBody(value), { ok: false, errors: [{ path: '', message: /an object/ }] })
    t.match(parseBulkLine(value), { ok: false, errors: [{ path: '', message: /an object/ }] })
  }
})

t.test('a member named __proto__ is refused, not dropped', async (t) => {
  const text = JSON.stringify(agreed()).replace('{', '{"__proto__":{"form":"treaty"},')
  t.match(parseEventBody(JSON.parse(text)), { ok: false, errors: [{ path: '__proto__' }] })
})

t.test('a hostile body gets a bounded answer', async (t) => {
  const parties = Array.from({ length: 20_000 }, () => 'X')
  t.match(parseEventBody(agreed({ parties })), { ok: false, errors: [{ path: 'data.parties', message: /1 to 200/ }] })
  const unknown = Object.fromEntries(parties.map((_, n) => [`${n}-${'x'.repeat(200)}`, n]))
  const parsed = parseEventBody({ ...agreed(), ...unknown })
  t.ok(!parsed.ok && parsed.errors.length === 501)
  t.match(parsed.ok ? undefined : parsed.errors.at(-1)?.message, /has 19500 more faults/)
  t.ok(!parsed.ok && parsed.errors.every(({ path }) => path.length <= 80))
})

t.test('a bulk line has a proposal, and can have a key and an expected version', async (t) => {
  const line = { ...agreed(), proposalId: 'joint-laboratory' }
  t.match(parseBulkLine(line), { ok: true, body: line, idempotencyKey: undefined, ifVersion: undefined })
  const full = parseBulkLine({ ...line, idempotencyKey: 'key 1', ifVersion: 0 })
  t.match(full, { ok: true, idempotencyKey: 'key 1', ifVersion: 0 })
  t.ok(full.ok && !('idempotencyKey' in full.body) && !('ifVersion' in full.body))
  const mistakes: [object, string][] = [
    [{ proposalId: undefined }, 'proposalId'],
    [{ proposalId: '-x' }, 'proposalId'],
    [{ proposalId: 'x'.repeat(81) }, 'proposalId'],
    [{ idempotencyKey: '' }, 'idempotencyKey'],
    [{ idempotencyKey: 'é' }, 'idempotencyKey'],
    [{ idempotencyKey: 'x'.repeat(256) }, 'idempotencyKey'],
    [{ ifVersion: -1 }, 'ifVersion'],
    [{ ifVersion: '1' }, 'ifVersion'],
    [{ ifVersion: 1.5 }, 'ifVersion'],
  ]
  for (const [change, path] of mistakes)
    t.match(parseBulkLine({ ...line, ...change }), { ok: false, errors: [{ path }] }, path)
  t.match(
    parseEventBody(line),
    { ok: false, errors: [{ path: 'proposalId' }] },
    'the body of one event has its proposal in the address',
  )
})

t.test('a type that is not in the registry is an internal fault, not a decision', async (t) => {
  const unknown = { ...agreed(), type: 'promised', proposalId: 'joint-laboratory' } as never
  t.throws(() => decide(stateAfter(proposed()), unknown, world), TypeError)
})

t.test('an impossible history throws instead of passing silently', async (t) => {
  const state = stateAfter(proposed())
  const cases: [string, () => unknown][] = [
    ['not-begun', () => evolve(null, recorded(agreed()), exampleZone)],
    ['wrong-version', () => evolve(null, recorded(proposed(), { version: 2 }), exampleZone)],
    ['begun-twice', () => evolve(state, recorded(proposed(), { version: 2 }), exampleZone)],
    ['wrong-version', () => evolve(state, recorded(agreed(), { version: 3 }), exampleZone)],
    ['wrong-version', () => evolve(state, recorded(agreed(), { version: 1 }), exampleZone)],
    ['wrong-proposal', () => evolve(state, recorded(agreed(), { version: 2, proposalId: 'other' }), exampleZone)],
    [
      'unknown-event-type',
      () => evolve(state, recorded(agreed(), { version: 2, type: 'promised' as never }), exampleZone),
    ],
  ]
  for (const [code, impossible] of cases) t.throws(impossible, { name: 'ImpossibleHistory', code }, code)
})
