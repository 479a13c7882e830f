/** `POST /v1/events?dryRun=true`. */
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { type CommandFixture, openCommandApp, resultsOf } from './app-fixture.ts'

const dryRun = { query: { dryRun: 'true' } }
const atomic = { query: { dryRun: 'true', atomic: 'true' } }

type Result = Record<string, unknown>

async function eventsOf({ database }: CommandFixture): Promise<number> {
  return (await database.pool().query('SELECT FROM events')).rowCount ?? 0
}

t.test(
  'each line is decided as if the acceptable lines before it were recorded, and nothing is recorded',
  async (t) => {
    const fixture = await openCommandApp(t)
    const answer = await fixture.bulk(
      [
        { proposalId: 'lab', ...proposed() },
        '',
        { proposalId: 'lab', ...funded() },
        'not json',
        { proposalId: 'lab', ...agreed(), surprise: true },
        { proposalId: 'lab', ...agreed() },
        { proposalId: 'lab', ...funded() },
      ],
      dryRun,
    )
    t.equal(answer.statusCode, 200)
    t.match(answer.headers['content-type'], 'application/x-ndjson')
    t.match(resultsOf(answer.body), [
      { line: 1, status: 200, proposalId: 'lab', version: 1, type: 'proposed' },
      { line: 3, status: 409, code: 'not-agreed' },
      { line: 4, status: 400, code: 'malformed' },
      { line: 5, status: 400, code: 'invalid', errors: [{ path: 'surprise' }] },
      { line: 6, status: 200, version: 2 },
      { line: 7, status: 200, version: 3 },
      { summary: { dryRun: true, lines: 6, acceptable: 3, replayed: 0, refused: 3 } },
    ])
    t.equal(await eventsOf(fixture), 0)
  },
)

t.test('the key of a refused line stays free, and a line that repeats it is refused too', async (t) => {
  const fixture = await openCommandApp(t)
  const early = { proposalId: 'lab', idempotencyKey: 'money', ...funded() }
  const lines = [{ proposalId: 'lab', ...proposed() }, early, early, { ...early, ...agreed() }, early]
  const expected = [
    { line: 1, version: 1 },
    { line: 2, status: 409, code: 'not-agreed' },
    { line: 3, status: 409, code: 'not-agreed' },
    { line: 4, version: 2 },
    { line: 5, code: 'idempotency-key-reused' },
  ]
  const tried = await fixture.bulk(lines, dryRun)
  t.match(resultsOf(tried.body), [...expected, { summary: { acceptable: 2, replayed: 0, refused: 3 } }])
  const whole = await fixture.bulk(lines, atomic)
  t.equal(whole.statusCode, 409)
  t.match(
    whole.json<{ lines: Result[] }>().lines,
    expected.filter(({ code }) => code !== undefined),
  )
  const sent = await fixture.bulk(lines)
  // A refused line may be decided again after a later one was recorded; then the key is taken.
  t.match(resultsOf(sent.body), [
    { line: 1, version: 1 },
    { line: 2, code: String },
    { line: 3, code: String },
    { line: 4, version: 2 },
    { line: 5, code: 'idempotency-key-reused' },
    { summary: { recorded: 2, replayed: 0, refused: 3 } },
  ])
})

t.test('with atomic, the answer is what the import itself would be refused with', async (t) => {
  const fixture = await openCommandApp(t)
  const wrong = [{ proposalId: 'lab', ...proposed() }, { proposalId: 'lab', ...funded() }, 'not json']
  const tried = await fixture.bulk(wrong, atomic)
  const sent = await fixture.bulk(wrong, { query: { atomic: 'true' } })
  t.equal(tried.statusCode, sent.statusCode)
  const { requestId: _, ...triedBody } = tried.json<Result>()
  const { requestId: __, ...sentBody } = sent.json<Result>()
  t.same(
    JSON.stringify(triedBody).replaceAll(/"(requestId|instance)":"[^"]*"/g, ''),
    JSON.stringify(sentBody).replaceAll(/"(requestId|instance)":"[^"]*"/g, ''),
  )
  const right = await fixture.bulk(
    [
      { proposalId: 'lab', ...proposed() },
      { proposalId: 'lab', ...agreed() },
    ],
    atomic,
  )
  t.equal(right.statusCode, 200)
  t.same(right.json(), {
    results: [
      { line: 1, status: 200, proposalId: 'lab', version: 1, type: 'proposed' },
      { line: 2, status: 200, proposalId: 'lab', version: 2, type: 'agreed' },
    ],
    summary: { dryRun: true, lines: 2, acceptable: 2, replayed: 0, refused: 0 },
  })
  t.equal(await eventsOf(fixture), 0)
})

t.test('what was recorded before is said to be replayed, and a key that is used twice is refused', async (t) => {
  const fixture = await openCommandApp(t)
  const line = { proposalId: 'lab', idempotencyKey: 'a', ...proposed() }
  await fixture.bulk([line])
  const answer = await fixture.bulk(
    [
      line,
      { proposalId: 'other', idempotencyKey: 'b', ...proposed() },
      { proposalId: 'other', idempotencyKey: 'b', ...agreed() },
    ],
    dryRun,
  )
  t.match(resultsOf(answer.body), [
    { line: 1, status: 200, version: 1, replayed: true },
    { line: 2, status: 200, version: 1 },
    { line: 3, status: 422, code: 'idempotency-key-reused' },
    { summary: { acceptable: 1, replayed: 1, refused: 1 } },
  ])
})

const step = fc.record({
  proposalId: fc.constantFrom('a', 'b', 'c'),
  body: fc.constantFrom(proposed(), agreed(), funded(), example('ended'), { type: 'delivered', surprise: true }),
  ifVersion: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
})

t.test('a dry run says of any import what the import then does', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      await sameAs(
        t,
        steps.map(({ proposalId, body, ifVersion }) => ({
          proposalId,
          ...(ifVersion !== undefined && { ifVersion }),
          ...body,
        })),
      )
    }),
    { numRuns: 15 },
  )
})

async function sameAs(t: Test, lines: readonly object[]): Promise<void> {
  await t.test('one import', async (t) => {
    const fixture = await openCommandApp(t)
    const tried = resultsOf((await fixture.bulk(lines, dryRun)).body).slice(0, -1)
    const done = resultsOf((await fixture.bulk(lines)).body).slice(0, -1)
    const ofEach = ({ line, status, version, code }: Result) => ({ line, ok: Number(status) < 300, version, code })
    t.same(tried.map(ofEach), done.map(ofEach))
  })
}

t.test('a dry run has the limits of an atomic import, and needs lines', async (t) => {
  const { bulk } = await openCommandApp(t)
  const many = Array.from({ length: 10_001 }, () => '{}')
  t.match((await bulk(many, dryRun)).json(), { status: 413, code: 'too-large', detail: /10000 events/ })
  t.match((await bulk([''], dryRun)).json(), { status: 400, code: 'malformed' })
})

t.test('a party that the key does not speak for is refused in a dry run too', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([{ proposalId: 'lab', ...proposed(), assertedBy: 'msit-kr' }], { ...dryRun, as: 'most' })
  t.match(resultsOf(answer.body), [{ status: 403, code: 'not-your-party' }, { summary: { refused: 1 } }])
})
