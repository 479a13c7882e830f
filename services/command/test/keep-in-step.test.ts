/** `PUT /v1/proposals/{proposalId}/plan`. */
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import t from 'tap'
import { wishes } from '../../../packages/domain/test/any-wish.ts'
import { type CommandFixture, openCommandApp } from './app-fixture.ts'

const dryRun = { query: { dryRun: 'true' } }
const evidence = [{ title: 'Export', supports: 'Says so.' }]
const { title, kind, parties } = proposed().data

interface Answer {
  readonly version: number
  readonly position: number
  readonly events: readonly { readonly type: string; readonly version: number; readonly data: unknown }[]
  readonly notPlanned: readonly unknown[]
}

function wish(wished: object, more: object = {}) {
  return { occurredOn: null, evidence, reason: { en: 'As the export says.' }, wished, ...more }
}

async function linesOf({ database }: CommandFixture): Promise<string[]> {
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

const whole = wish({
  title,
  kind,
  parties,
  proposed: { occurredOn: '2024-03' },
  agreed: { ...agreed().data, occurredOn: '2024-06' },
  lines: [{ ...funded().data, occurredOn: '2024-09' }],
})

t.test(
  'a wish for a new proposal records all its events at once, and the answer has their lines byte for byte',
  async (t) => {
    const fixture = await openCommandApp(t)
    const answer = await fixture.keep('lab', whole)
    t.equal(answer.statusCode, 200, answer.body)
    const { events, ...rest } = answer.json<Answer>()
    t.same(rest, { proposalId: 'lab', version: 3, position: 3, notPlanned: [] })
    t.equal(answer.headers['log-position'], '3')
    t.same(
      events.map(({ type }) => type),
      ['proposed', 'agreed', 'funded'],
    )
    const lines = await linesOf(fixture)
    for (const line of lines) t.ok(answer.body.includes(line), 'the line as it is in the log')
  },
)

t.test('an unchanged wish records nothing and is no refusal', async (t) => {
  const fixture = await openCommandApp(t)
  await fixture.keep('lab', whole)
  const again = await fixture.keep('lab', whole)
  t.same(
    [again.statusCode, again.json()],
    [200, { proposalId: 'lab', version: 3, position: 3, events: [], notPlanned: [] }],
  )
  t.equal(again.headers['log-position'], '3', 'a read with atLeast can wait for it all the same')
  t.equal((await linesOf(fixture)).length, 3)
})

t.test(
  'a dry run gives the events as lines of an import, and the status that would come of them; it records nothing',
  async (t) => {
    const fixture = await openCommandApp(t)
    await fixture.post('lab', proposed({ planned: { end: '2027' } }))
    const tried = await fixture.keep('lab', wish({ title: { fr: 'Laboratoire' }, planned: { end: '2028' } }), dryRun)
    t.equal(tried.statusCode, 200, tried.body)
    const { events, status, ...rest } = tried.json<{ events: { paths: string[]; event: object }[]; status: object }>()
    t.same(rest, { dryRun: true, proposalId: 'lab', version: 3, notPlanned: [] })
    t.match(events, [
      { paths: ['wished.title'], event: { proposalId: 'lab', type: 'updated', ifVersion: 1 } },
      { paths: ['wished.planned.end'], event: { type: 'rescheduled', data: { which: 'end', to: '2028' } } },
    ])
    t.match(status, { stage: 'proposed', title: { fr: 'Laboratoire' }, planned: { end: '2028' }, version: 3 })
    t.equal((await linesOf(fixture)).length, 1)
    const sent = await fixture.bulk(
      events.map(({ event }) => event),
      { query: { atomic: 'true' } },
    )
    t.equal(sent.statusCode, 200, 'the events are lines of an import')
    t.same(
      (await fixture.keep('lab', wish({ title: { fr: 'Laboratoire' }, planned: { end: '2028' } }))).json<Answer>()
        .events,
      [],
    )
  },
)

t.test('what only a correction could express is named, and the rest is recorded', async (t) => {
  const { keep, post } = await openCommandApp(t)
  await post('lab', proposed())
  await post('lab', agreed())
  const answer = await keep(
    'lab',
    wish({ agreed: { ...agreed().data, occurredOn: '2023' }, summary: { en: 'A laboratory' } }),
  )
  t.match(answer.json(), {
    version: 3,
    events: [{ type: 'updated' }],
    notPlanned: [
      { path: 'wished.agreed.occurredOn', why: 'recorded-otherwise', present: '2024-06-22', wished: '2023' },
    ],
  })
})

t.test('one event that is refused refuses the whole, and the problem names the member of the wish', async (t) => {
  const fixture = await openCommandApp(t)
  await fixture.post('lab', proposed())
  const lines = [{ ...funded().data, occurredOn: '2024-09' }]
  for (const options of [{}, dryRun]) {
    const answer = await fixture.keep('lab', wish({ title: { fr: 'Laboratoire' }, lines }), options)
    t.match(answer.json(), { status: 409, code: 'not-agreed', errors: [{ path: 'wished.lines.0' }] })
  }
  t.equal((await linesOf(fixture)).length, 1)
})

t.test('a wish for no proposal says which members it needs', async (t) => {
  const { keep } = await openCommandApp(t)
  const answer = await keep('lab', wish({ title }))
  t.match(answer.json(), {
    status: 404,
    code: 'unknown-proposal',
    errors: [
      { path: 'wished.kind', message: 'is missing; a proposal that does not exist needs it' },
      { path: 'wished.parties', message: 'is missing; a proposal that does not exist needs it' },
    ],
  })
  t.match((await keep('lab', wish({ title, kind, parties: [{ party: 'lab', left: true }] }))).json(), {
    errors: [{ path: 'wished.parties', message: /^must name a party that takes part/ }],
  })
  t.match((await keep('lab', { occurredOn: null, wished: { stage: 'x' } })).json(), {
    status: 400,
    code: 'invalid',
    errors: [{ path: 'wished.stage' }, { path: 'evidence' }],
  })
})

t.test(
  'with If-Match and If-None-Match a wish for another version is 412, also where nothing would be recorded',
  async (t) => {
    const { keep, post } = await openCommandApp(t)
    await post('lab', proposed())
    for (const headers of [{ 'if-match': '"2"' }, { 'if-none-match': '*' }]) {
      for (const options of [{ headers }, { headers, ...dryRun }]) {
        const answer = await keep('lab', wish({ title }), options)
        t.match(answer.json(), { status: 412, code: 'version-conflict', currentVersion: 1 })
      }
    }
    t.equal((await keep('lab', wish({ title: { fr: 'L' } }), { headers: { 'if-match': '"1"' } })).statusCode, 200)
    t.equal((await keep('other', wish({ title, kind, parties }), { headers: { 'if-match': '*' } })).statusCode, 412)
  },
)

t.test('a repeated wish with its key answers the recorded events, whatever others recorded since', async (t) => {
  const { keep } = await openCommandApp(t)
  await keep('lab', whole)
  const headers = { 'idempotency-key': '"night-1"' }
  const change = wish({ title: { en: 'X' }, summary: { en: 'Y' }, planned: { start: '2026' }, suspended: true })
  const first = await keep('lab', change, { headers })
  await keep('lab', wish({ title: { en: 'Z' } }))
  const again = await keep('lab', change, { headers })
  t.same(again.json<Answer>().events, first.json<Answer>().events)
  t.equal(first.json<Answer>().events.length, 2)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.match((await keep('lab', wish({ title: { en: 'Z' } }))).json(), { events: [], version: 6 })
  const other = await keep('lab', wish({ title: { en: 'V' } }), { headers })
  t.match(other.json(), { events: [{ type: 'updated' }], version: 7 }, 'another wish is another request')
})

t.test('a key belongs to a wish for one proposal: the same wish with it for another is recorded too', async (t) => {
  const { keep } = await openCommandApp(t)
  for (const id of ['lab', 'school']) await keep(id, whole)
  const headers = { 'idempotency-key': '"night-1"' }
  const freeze = wish({ suspended: true })
  for (const proposalId of ['lab', 'school']) {
    const answer = await keep(proposalId, freeze, { headers })
    t.match(answer.json(), { proposalId, version: 4, events: [{ proposalId, type: 'suspended' }] })
    t.equal(answer.headers['idempotency-replayed'], undefined)
  }
})

t.test(
  'a dry run of a wish that was recorded under its key has no events, as the wish then records none',
  async (t) => {
    const { keep } = await openCommandApp(t)
    await keep('lab', whole)
    const headers = { 'idempotency-key': '"night-1"' }
    const freeze = wish({ suspended: true })
    await keep('lab', freeze, { headers })
    await keep('lab', wish({ suspended: false }))
    const tried = await keep('lab', freeze, { headers, ...dryRun })
    t.match(tried.json(), { dryRun: true, events: [], version: 5, status: { stage: 'funded' } })
    t.match((await keep('lab', freeze, { headers })).json(), { version: 4, events: [{ type: 'suspended' }] })
  },
)

t.test(
  'a refused wish blames the member at fault: the date, the evidence, who asserts it, or what leads to the event',
  async (t) => {
    const fixture = await openCommandApp(t)
    const { keep, post } = fixture
    await post('lab', proposed())
    const future = { occurredOn: '2999' }
    const unpublished = [{ ...evidence[0], publishedOn: '2999' }]
    const summary = { en: 'S' }
    const session = { title, kind: 'forum', parties }
    const cases: [string, object, object | undefined, string, string][] = [
      ['lab', wish({ summary }, future), undefined, 'in-the-future', 'occurredOn'],
      [
        'lab',
        wish({ agreed: { ...agreed().data, ...future } }),
        undefined,
        'in-the-future',
        'wished.agreed.occurredOn',
      ],
      ['lab', wish({ summary }, { evidence: unpublished }), undefined, 'in-the-future', 'evidence'],
      [
        'lab',
        wish({ agreed: { ...agreed().data, evidence: unpublished } }),
        undefined,
        'in-the-future',
        'wished.agreed.evidence',
      ],
      ['new', wish({ ...session, proposed: future }), undefined, 'in-the-future', 'wished.proposed.occurredOn'],
      ['new', wish(session, future), undefined, 'in-the-future', 'occurredOn'],
      [
        'new',
        {
          ...wish({ ...session, delivered: {} }, { evidence: undefined, assertedBy: 'most-vn' }),
          occurredOn: '2026-10',
        },
        undefined,
        'needs-evidence',
        'evidence',
      ],
      ['lab', wish({ summary }, { assertedBy: 'msit-kr' }), { as: 'most' }, 'not-your-party', 'assertedBy'],
      ['lab', wish({ parent: 'nowhere' }), undefined, 'unknown-related-proposal', 'wished.parent'],
    ]
    await post('foreign', proposed({ parties: [{ party: 'msit-kr', roles: ['proposer'] }] } as never))
    cases.push(['foreign', wish({ summary }), { as: 'most' }, 'not-your-party', 'assertedBy'])
    for (const [id, body, options, code, path] of cases) {
      for (const more of [{}, dryRun]) {
        const answer = await keep(id, body, { ...options, ...more })
        const { errors = [], ...rest } = answer.json<{ code: string; errors?: { path: string }[] }>()
        t.same([rest.code, errors.map((one) => one.path)], [code, [path]], answer.body)
      }
    }
    t.equal((await linesOf(fixture)).length, 2)
  },
)

t.test('a wish never ends a proposal as void, and says what does', async (t) => {
  const { keep, post } = await openCommandApp(t)
  await post('lab', proposed())
  const answer = await keep('lab', wish({ ended: { ending: 'void', by: [] } }))
  t.match(answer.json(), {
    status: 400,
    errors: [{ path: 'wished.ended.ending', message: /not ended by a wish: record "ended"/ }],
  })
  t.match((await keep('lab', wish({ ended: { ending: 'withdrawn', by: [] } }))).json(), { events: [{ type: 'ended' }] })
})

t.test(
  'what another caller changed since is named, and only who has read that version may say that it is so again',
  async (t) => {
    const { keep, post } = await openCommandApp(t)
    await post('lab', proposed())
    await post('lab', example('updated', { title: { en: 'Corrected' } }, { occurredOn: null }))
    const nightly = wish({ title })
    const other = { as: 'most' } as const
    for (const options of [{}, dryRun, { headers: { 'if-match': '*' } }]) {
      const answer = await keep('lab', nightly, { ...other, ...options })
      t.match(answer.json(), {
        events: [],
        notPlanned: [{ path: 'wished.title.en', why: 'changed-since', present: 'Corrected', wished: title['en'] }],
      })
      t.match(answer.body, /until event 2 \(\\"updated\\"\)/)
    }
    const seen = { ...other, headers: { 'if-match': '"2"' } }
    t.match((await keep('lab', nightly, { ...seen, ...dryRun })).json(), { events: [{ event: { type: 'updated' } }] })
    t.match((await keep('lab', nightly, seen)).json(), { events: [{ type: 'updated' }], notPlanned: [] })
    t.equal((await keep('lab', nightly, seen)).statusCode, 412)
  },
)

t.test(
  'many different wishes for one proposal at once wait for each other: none is refused because others were faster',
  async (t) => {
    const fixture = await openCommandApp(t)
    await fixture.post('lab', proposed())
    const names = Array.from({ length: 40 }, (_none, index) => `m-${index}`)
    const answers = await Promise.all(
      names.map((milestone) => fixture.keep('lab', wish({ milestones: [{ milestone, title: { en: 'M' } }] }))),
    )
    t.same(
      answers.map(({ statusCode }) => statusCode),
      names.map(() => 200),
    )
    t.equal((await linesOf(fixture)).length, 1 + names.length)
  },
)

t.test('wishes of many callers for one proposal at once all come true, one after the other', async (t) => {
  const fixture = await openCommandApp(t)
  await fixture.post('lab', proposed())
  const languages = ['fr', 'de', 'es', 'it', 'pt', 'nl', 'sv', 'fi']
  const answers = await Promise.all(
    languages.map((language) =>
      fixture.keep('lab', wish({ title: { [language]: 'X' }, summary: { [language]: 'Y' } })),
    ),
  )
  t.same(
    answers.map(({ statusCode }) => statusCode),
    languages.map(() => 200),
  )
  const same = await Promise.all(languages.map(() => fixture.keep('lab', wish({ fields: ['quantum'] }))))
  t.equal(same.flatMap((answer) => answer.json<Answer>().events).length, 1, 'the same wish at once is recorded once')
  t.equal((await linesOf(fixture)).length, 1 + languages.length + 1)
})

t.test('a wish looks at other proposals: a parent must be recorded, and no cycle comes of it', async (t) => {
  const { keep, post } = await openCommandApp(t)
  await post('top', proposed({ kind: 'programme' }))
  await post('lab', proposed({ parent: 'top' }))
  t.match((await keep('lab', wish({ parent: 'nowhere' }))).json(), {
    status: 409,
    code: 'unknown-related-proposal',
    errors: [{ path: 'wished.parent' }],
  })
  t.match((await keep('top', wish({ parent: 'lab' }))).json(), { status: 409, errors: [{ path: 'wished.parent' }] })
  await post('other', proposed({ kind: 'programme' }))
  t.match((await keep('lab', wish({ parent: 'other' }))).json(), { events: [{ type: 'unlinked' }, { type: 'linked' }] })
})

t.test('a caller wishes for its party only, as it records for it only', async (t) => {
  const { keep } = await openCommandApp(t)
  const ministry = { as: 'most' } as const
  const own = { occurredOn: null, assertedBy: 'most-vn', wished: { title, kind, parties } }
  t.equal((await keep('lab', own, ministry)).statusCode, 200)
  const pledges = [{ pledge: 'p', provider: 'msit-kr', amount: { value: '5', currency: 'USD' } }]
  for (const options of [ministry, { ...ministry, ...dryRun }]) {
    const answer = await keep('lab', { ...own, wished: { pledges } }, options)
    t.match(answer.json(), { status: 403, code: 'not-your-party', errors: [{ path: 'wished.pledges.0' }] })
  }
  t.equal((await keep('lab', own, { as: 'reader' })).statusCode, 403)
})

t.test('a wish that leads to more events than one call may record is too large', async (t) => {
  const { keep, post } = await openCommandApp(t)
  await post('lab', proposed())
  const milestones = Array.from({ length: 200 }, (_none, index) => ({
    milestone: `m-${index}`,
    title: { en: 'M' },
    reached: { outcome: 'met' },
  }))
  const links = Array.from({ length: 150 }, (_none, index) => ({ relation: 'precedes', other: `p-${index}` }))
  for (const { other } of links) await post(other, proposed())
  t.match((await keep('lab', wish({ milestones, links }))).json(), { status: 413, code: 'too-large' })
})

t.test('a dry run says of any wish what the wish then does', async (t) => {
  const fixture = await openCommandApp(t)
  await fixture.post('other', proposed())
  await fixture.post('programme', proposed({ kind: 'programme' }))
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.array(wishes, { minLength: 1, maxLength: 4 }), async (all) => {
      const id = `lab-${(number += 1)}`
      for (const body of [proposed(), agreed(), funded(), example('disbursed')]) await fixture.post(id, body)
      for (const one of all) {
        const tried = await fixture.keep(id, one, dryRun)
        const done = await fixture.keep(id, one)
        t.equal(tried.statusCode, done.statusCode, done.body)
        if (done.statusCode !== 200) continue
        const would = tried.json<{ version: number; events: { event: { type: string; data: unknown } }[] }>()
        const { version, events } = done.json<Answer>()
        t.equal(would.version, version)
        t.same(
          would.events.map(({ event: { type, data } }) => [type, data]),
          events.map(({ type, data }) => [type, data]),
        )
      }
    }),
    { numRuns: 25, seed: 20_261_129 },
  )
})

t.test('a caller that may record and not read learns nothing of what the record says', async (t) => {
  const { keep, post } = await openCommandApp(t, { environment: { READ_ACCESS: 'key' } })
  await post('lab', proposed({ planned: { end: '2027' } }))
  const change = wish({ kind: 'forum', fields: ['quantum'] })
  for (const options of [dryRun, {}]) {
    const answer = await keep('lab', change, options)
    t.match(answer.json(), { version: 2, notPlanned: [{ path: 'wished.kind', wished: 'forum' }] })
    t.notMatch(answer.body, /joint-research|"status"|2027/)
  }
})
