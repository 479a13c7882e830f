import { agreed, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp, resultsOf } from './app-fixture.ts'

t.test('each line is answered separately, in order, and the summary comes last', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([
    { proposalId: 'lab', ...proposed() },
    '',
    { proposalId: 'lab', ...funded() },
    'not json',
    { proposalId: 'lab', ...agreed(), surprise: true },
    { proposalId: 'lab', ...agreed() },
  ])
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], 'application/x-ndjson')
  t.match(resultsOf(answer.body), [
    { line: 1, status: 201, proposalId: 'lab', version: 1, position: 1 },
    { line: 3, status: 409, code: 'not-agreed' },
    { line: 4, status: 400, code: 'malformed' },
    { line: 5, status: 400, code: 'invalid', errors: [{ path: 'surprise' }] },
    { line: 6, status: 201, version: 2, position: 2 },
    { summary: { lines: 5, recorded: 2, replayed: 0, refused: 3 } },
  ])
})

t.test('an import that is sent again records nothing twice', async (t) => {
  const { bulk, database } = await openCommandApp(t)
  const lines = Array.from({ length: 700 }, (_, index) => ({
    proposalId: `p${index}`,
    idempotencyKey: `import-1:${index}`,
    ...proposed(),
  }))
  t.match(resultsOf((await bulk(lines)).body).at(-1), { summary: { lines: 700, recorded: 700, replayed: 0 } })
  const again = resultsOf((await bulk(lines)).body)
  t.match(again.at(-1), { summary: { lines: 700, recorded: 0, replayed: 700 } })
  t.match(again[699], { line: 700, status: 201, proposalId: 'p699', replayed: true })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 700)
})

t.test('a line can name the version that its proposal must have', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([
    { proposalId: 'lab', ifVersion: 0, ...proposed() },
    { proposalId: 'lab', ifVersion: 0, ...agreed() },
    { proposalId: 'lab', ifVersion: 1, ...agreed() },
  ])
  t.match(resultsOf(answer.body), [{ status: 201 }, { status: 412, currentVersion: 1 }, { status: 201, version: 2 }])
})

t.test('the refusal of a line with another version names its member, not a header', async (t) => {
  const { bulk } = await openCommandApp(t)
  const lines = [
    { proposalId: 'lab', ...proposed() },
    { proposalId: 'lab', ifVersion: 7, ...agreed() },
    { proposalId: 'new', ifVersion: 1, ...proposed() },
  ]
  const [, late, early] = resultsOf((await bulk(lines)).body)
  t.match(late, { status: 412, detail: /is at version 1\. .* send `"ifVersion":1`\.$/ })
  t.match(early, { status: 412, detail: /has no version\. .* `"ifVersion":0`/ })
  for (const answer of [late, early]) t.notMatch(answer, { detail: /If-(?:None-)?Match/ })
})

t.test('a line that is too long is refused, and the lines after it are not', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([`"${'x'.repeat(300_000)}"`, { proposalId: 'lab', ...proposed() }])
  t.match(resultsOf(answer.body), [
    { line: 1, status: 413, code: 'too-large' },
    { line: 2, status: 201 },
    { summary: {} },
  ])
})

t.test('a bound key can assert only for its party, in bulk too', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([{ proposalId: 'lab', ...proposed({}, { assertedBy: 'msit-kr' }) }], { as: 'most' })
  t.match(resultsOf(answer.body), [{ line: 1, status: 403, code: 'not-your-party' }, { summary: { refused: 1 } }])
})

t.test('atomic: all lines, or none', async (t) => {
  const { bulk, database } = await openCommandApp(t)
  const query = { atomic: 'true' }
  const refused = await bulk(
    [
      { proposalId: 'a', ...proposed() },
      { proposalId: 'b', ...agreed() },
    ],
    { query },
  )
  t.equal(refused.statusCode, 404)
  t.match(refused.json(), { code: 'unknown-proposal', lines: [{ line: 2, status: 404, code: 'unknown-proposal' }] })
  const unreadable = await bulk([{ proposalId: 'a', ...proposed() }, 'nonsense', { type: 'none' }], { query })
  t.match(unreadable.json(), {
    status: 400,
    code: 'malformed',
    refused: 2,
    lines: [{ line: 2 }, { line: 3, code: 'invalid' }],
  })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
  const recorded = await bulk([{ proposalId: 'a', ...proposed() }, '', { proposalId: 'a', ...agreed() }], { query })
  t.equal(recorded.statusCode, 200)
  t.match(recorded.json(), {
    results: [
      { line: 1, status: 201, position: 1 },
      { line: 3, status: 201, position: 2, version: 2 },
    ],
    summary: { lines: 2, recorded: 2, replayed: 0, refused: 0 },
  })
})

t.test('atomic takes at most 10,000 lines', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk(
    Array.from({ length: 10_001 }, () => '{}'),
    { query: { atomic: 'true' } },
  )
  t.equal(answer.statusCode, 413)
  t.match(answer.json(), { code: 'too-large' })
})

t.test('blank lines do not count as lines of an import, but keep their numbers', async (t) => {
  const { bulk } = await openCommandApp(t)
  const lines = Array.from({ length: 5_001 }, (_, index) => ({ proposalId: `p${index}`, ...proposed() }))
  const answer = await bulk(
    lines.flatMap((line) => [line, '']),
    { query: { atomic: 'true' } },
  )
  t.equal(answer.statusCode, 200)
  t.match(answer.json().summary, { lines: 5_001 })
  t.match(answer.json().results.at(-1), { line: 10_001 })
})

t.test(
  'headers for a single event are refused, and the refusal says where keys and versions of lines belong',
  async (t) => {
    const { bulk, database } = await openCommandApp(t)
    const lines = [{ proposalId: 'lab', ...proposed() }]
    const headers = { 'idempotency-key': '"one"', 'if-match': '"77"', 'if-none-match': '*' }
    for (const query of [{}, { atomic: 'true' }]) {
      const answer = await bulk(lines, { query, headers })
      t.match(answer.json(), {
        status: 400,
        code: 'invalid',
        errors: [
          { path: 'header.idempotency-key', message: /Give each line a member `idempotencyKey`/ },
          { path: 'header.if-match', message: /`ifVersion`/ },
          { path: 'header.if-none-match', message: /"ifVersion": 0/ },
        ],
      })
    }
    t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
  },
)

t.test('an import without an event is refused, because a failed upload is not a success', async (t) => {
  const { bulk } = await openCommandApp(t)
  for (const query of [{}, { atomic: 'true' }]) {
    for (const lines of [[], ['', ' \t'], ['\ufeff']]) {
      const answer = await bulk(lines, { query })
      t.match(answer.json(), { status: 400, code: 'malformed' })
    }
  }
})

t.test('a byte order mark before an import is skipped', async (t) => {
  const { bulk } = await openCommandApp(t)
  const line = (proposalId: string) => `\ufeff${JSON.stringify({ proposalId, ...proposed() })}`
  t.match(resultsOf((await bulk([line('a')])).body), [{ line: 1, status: 201 }, { summary: { recorded: 1 } }])
  t.equal((await bulk([line('b')], { query: { atomic: 'true' } })).statusCode, 200)
})

t.test('atomic: syntax errors and refusals by rules are reported together, by line number', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk(
    [{ proposalId: 'a', ...proposed() }, '{"proposalId":"b", nonsense', { proposalId: 'c', ...agreed() }],
    { query: { atomic: 'true' } },
  )
  t.match(answer.json(), {
    status: 400,
    code: 'malformed',
    detail:
      /^Nothing was recorded\. Line 2: The line is not JSON: reading stopped at column 20\. Each line must be one whole event/,
    refused: 1,
  })
  t.notMatch(answer.body, 'line 1', 'a line has one number')

  const judged = await bulk(
    [
      { proposalId: 'a', ...proposed() },
      { proposalId: 'b', ...proposed(), surprise: 1 },
      { proposalId: 'c', ...agreed() },
      { proposalId: 'b', ...agreed() },
      { proposalId: 'd', ...proposed({ parent: 'b' }) },
      { proposalId: 'd', ...funded() },
      { proposalId: 'a', ...funded() },
    ],
    { query: { atomic: 'true' } },
  )
  t.match(judged.json(), { status: 400, code: 'invalid', refused: 3, detail: /Line 2: .*2 more lines are refused/ })
  t.strictSame(
    judged.json().lines.map(({ line, code }: { line: number; code: string }) => [line, code]),
    [
      [2, 'invalid'],
      [3, 'unknown-proposal'],
      [7, 'not-agreed'],
    ],
    'what may rest on an unreadable line is not judged',
  )
})

t.test('each form of the call has one type of answer, and a request for another one is 406', async (t) => {
  const { bulk, database } = await openCommandApp(t)
  const lines = [{ proposalId: 'lab', ...proposed() }]
  const streamed = await bulk(lines, { headers: { accept: 'application/json' } })
  t.match(streamed.json(), { status: 406, code: 'not-acceptable', offers: ['application/x-ndjson'] })
  const query = { atomic: 'true' }
  const atomic = await bulk(lines, { query, headers: { accept: 'application/x-ndjson' } })
  t.match(atomic.json(), { status: 406, code: 'not-acceptable', offers: ['application/json'] })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
})
