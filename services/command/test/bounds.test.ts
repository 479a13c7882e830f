import { bounds, type EventBody } from '@commitments/domain'
import { agreed, example, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'
import { createStreamCache } from '../src/recorder/stream-cache.ts'
import { openCommandApp } from './app-fixture.ts'

/** A line of some sixty kilobytes. */
function long(number: number): EventBody {
  const reason = {
    en: `${number} ${'x'.repeat(9_900)}`,
    vi: 'x'.repeat(9_900),
    ko: 'x'.repeat(9_900),
    fr: 'x'.repeat(9_900),
    de: 'x'.repeat(9_900),
    es: 'x'.repeat(9_900),
  }
  return example('rescheduled', { which: 'end', to: String(2100 + number), reason })
}

const of = (proposalId: string, events: readonly EventBody[]) => events.map((event) => ({ proposalId, ...event }))
const problemsOf = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ code }) => code !== undefined)

t.test(
  'a proposal takes eight megabytes of events, whether single, bulk, atomic or dry run; then the refusal names a way on',
  async (t) => {
    const { post, bulk, database } = await openCommandApp(t)
    await post('fat', proposed())
    const events = Array.from({ length: 150 }, (_, at) => long(at))
    const atomically = (id: string, half: readonly EventBody[] = []) =>
      bulk(of(id, half), { query: { atomic: 'true' } })
    const answers = await bulk(of('fat', events))
    const problems = problemsOf(answers.body)
    t.match(problems[0], { code: 'proposal-too-large', status: 409, limit: bounds.bytes, detail: /its parent/ })
    const [{ bytes, count }] = (
      await database.pool().query('SELECT sum(octet_length(line)) AS bytes, count(*) AS count FROM events')
    ).rows
    t.ok(Number(bytes) <= bounds.bytes && Number(bytes) > bounds.bytes - 65_535, `${bytes} bytes`)
    t.equal(problems.length, events.length - (Number(count) - 1))
    const single = await post('fat', long(400))
    t.match([single.statusCode, single.json().code], [409, 'proposal-too-large'])
    const dry = await post('fat', long(400), { query: { dryRun: 'true' } })
    t.match([dry.statusCode, dry.json().code], [409, 'proposal-too-large'])
    const atomic = await bulk(of('fat', [long(400)]), { query: { atomic: 'true' } })
    t.match([atomic.statusCode, atomic.json().code], [409, 'proposal-too-large'])
    const halves = [[proposed(), ...events.slice(0, 75)], events.slice(75)]
    const [first, second] = [await atomically('fat-2', halves[0]), await atomically('fat-2', halves[1])]
    t.same(
      [first?.statusCode, second?.statusCode, second?.json().code],
      [200, 409, 'proposal-too-large'],
      'all or none',
    )
    const right = await post('fat', example('corrected', { corrections: [{ event: 1, occurredOn: '2023' }] }))
    t.equal(right.statusCode, 201, 'the record can be put right all the same')
    const ended = await post('fat', example('ended'))
    t.equal(ended.statusCode, 201, 'and the proposal ends')
  },
)

t.test('a proposal takes 10,000 events, and beyond them only events that correct or end it', async (t) => {
  const { post, bulk } = await openCommandApp(t)
  await bulk(of('many', [proposed(), agreed()]))
  for (let done = 2; done < bounds.events; done += 4_999) {
    const events = Array.from({ length: Math.min(4_999, bounds.events - done) }, () => example('assessed'))
    const answer = await bulk(of('many', events))
    t.same(problemsOf(answer.body), [])
  }
  const more = await post('many', example('assessed'))
  t.match([more.statusCode, more.json()], [409, { code: 'too-many-events', limit: bounds.events }])
  const atomic = await bulk(of('many', [example('assessed')]), { query: { atomic: 'true' } })
  t.match([atomic.statusCode, atomic.json().code], [409, 'too-many-events'])
  t.equal((await post('many', example('retracted', { events: [9_000] }))).statusCode, 201)
  t.equal((await post('many', example('evidence-attached', { event: 1 }))).statusCode, 201)
  t.equal((await post('many', example('ended'))).statusCode, 201)
})

t.test('parents are checked up to twenty levels, and deeper trees are refused in every way of recording', async (t) => {
  const { post, bulk } = await openCommandApp(t)
  const level = (number: number) => ({
    proposalId: `level-${number}`,
    ...proposed(number > 1 ? { parent: `level-${number - 1}` } : {}),
  })
  for (let number = 1; number <= bounds.depth + 1; number++) t.match(problemsOf((await bulk([level(number)])).body), [])
  const { proposalId, ...next } = level(bounds.depth + 2)
  t.match((await post(proposalId, next)).json(), { code: 'parents-too-deep', status: 409 })
  await post('elsewhere', proposed())
  const link = example('linked', { relation: 'child', other: `level-${bounds.depth + 1}` })
  t.match((await post('elsewhere', link, { query: { dryRun: 'true' } })).json(), { code: 'parents-too-deep' })
  t.match((await post('elsewhere', link)).json(), { code: 'parents-too-deep' })
  t.equal((await post('elsewhere', example('linked', { relation: 'child', other: 'level-3' }))).statusCode, 201)
})

t.test('the weight of a folded stream follows the bytes of its lines, not their number', async (t) => {
  const cache = createStreamCache(1_000_000)
  const proposal = stateAfter(proposed())
  cache.set('small', { proposal, lastEventId: null, bytes: 500 })
  cache.set('fat', { proposal, lastEventId: null, bytes: 990_000 })
  cache.set('fat-2', { proposal, lastEventId: null, bytes: 990_000 })
  t.same([...cache.keys()], ['fat-2'])
})
