import { agreed, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from './app-fixture.ts'

function resultsOf(body: string): Record<string, unknown>[] {
  return body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

t.test('each line is answered for itself, in order, and the summary comes last', async (t) => {
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

t.test('a line may name the version that its proposal must have', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([
    { proposalId: 'lab', ifVersion: 0, ...proposed() },
    { proposalId: 'lab', ifVersion: 0, ...agreed() },
    { proposalId: 'lab', ifVersion: 1, ...agreed() },
  ])
  t.match(resultsOf(answer.body), [{ status: 201 }, { status: 412, currentVersion: 1 }, { status: 201, version: 2 }])
})

t.test('a line that is too long is refused, and those after it are not', async (t) => {
  const { bulk } = await openCommandApp(t)
  const answer = await bulk([`"${'x'.repeat(300_000)}"`, { proposalId: 'lab', ...proposed() }])
  t.match(resultsOf(answer.body), [
    { line: 1, status: 413, code: 'too-large' },
    { line: 2, status: 201 },
    { summary: {} },
  ])
})

t.test('a bound key asserts for its party only, also in bulk', async (t) => {
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

t.test('each form of the call has one type of answer, and another one that is asked for is 406', async (t) => {
  const { bulk, database } = await openCommandApp(t)
  const lines = [{ proposalId: 'lab', ...proposed() }]
  const streamed = await bulk(lines, { headers: { accept: 'application/json' } })
  t.match(streamed.json(), { status: 406, code: 'not-acceptable', offers: ['application/x-ndjson'] })
  const query = { atomic: 'true' }
  const atomic = await bulk(lines, { query, headers: { accept: 'application/x-ndjson' } })
  t.match(atomic.json(), { status: 406, code: 'not-acceptable', offers: ['application/json'] })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
})
