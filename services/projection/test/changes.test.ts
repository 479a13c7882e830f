import { eventTypes } from '@commitments/domain'
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

t.test('the changes say when each field got which value, and by which event', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('other', proposed())
  const head = await ledger.record('lab', proposed(), agreed(), funded(), example('retracted', { events: [3] }))
  const answer = await service.get('/v1/proposals/lab/changes')
  t.equal(answer.statusCode, 200, answer.body)
  t.equal(answer.headers['log-position'], String(head))
  const { proposalId, fields } = answer.json()
  t.equal(proposalId, 'lab')
  const stage = fields.find(({ field }: { field: string }) => field === 'stage')
  t.match(stage.changes, [
    { value: 'proposed', version: 1, position: 2 },
    { value: 'agreed', version: 2, occurredOn: '2024-06-22' },
    { value: 'funded', version: 3 },
    { value: 'agreed', version: 4 },
  ])
  const etag = String(answer.headers.etag)
  t.equal((await service.get('/v1/proposals/lab/changes', { 'if-none-match': etag })).statusCode, 304)
  t.equal((await service.get('/v1/proposals/nobody/changes')).statusCode, 404)
})

t.test('changes come in pages of versions, and no page is lost or repeated', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed(), funded(), example('retracted', { events: [3] }))
  const url = '/v1/proposals/lab/changes'
  const whole = (await service.get(url)).json()
  t.equal(whole.next, null)
  const pages = []
  for (let after: number | null = 0; after !== null; after = pages.at(-1).next) {
    const answer = await service.get(`${url}?after=${after}&limit=1`)
    pages.push(answer.json())
    const { next } = pages.at(-1)
    t.equal(answer.headers['link'], next === null ? undefined : `<${url}?after=${next}&limit=1>; rel="next"`)
  }
  t.equal(pages.length, 4)
  t.same(
    pages.map(({ next }) => next),
    [1, 2, 3, null],
  )
  for (const { field, changes } of whole.fields) {
    const found = pages.flatMap(({ fields }) =>
      fields.filter((one: { field: string }) => one.field === field).flatMap((one: { changes: [] }) => one.changes),
    )
    t.same(found, changes, field)
  }
  t.same((await service.get(`${url}?after=99`)).json(), { proposalId: 'lab', fields: [], next: null })
})

t.test(
  'a long history recorded newest first has its changes in pages, and others are answered in between',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const newestFirst = Array.from({ length: 900 }, (_, index) => {
      const year = 2025 - index
      return example('updated', { title: { en: String(year) } }, { occurredOn: String(year).padStart(4, '0') })
    })
    await ledger.record('lab', proposed({}, { occurredOn: '1000' }), ...newestFirst)
    const versions = new Set<number>()
    let pages = 0
    let turns = 0
    const others = setInterval(() => (turns += 1), 1)
    for (let after: number | null = 0; after !== null; pages += 1) {
      const answer = await service.get(`/v1/proposals/lab/changes?after=${after}`)
      t.equal(answer.statusCode, 200)
      const page: { next: number | null; fields: { changes: { version: number }[] }[] } = answer.json()
      for (const { version } of page.fields.flatMap(({ changes }) => changes)) versions.add(version)
      after = page.next
    }
    clearInterval(others)
    t.equal(versions.size, 901, 'every version is on a page')
    t.ok(pages >= 3, `${pages} pages`)
    t.ok(turns > pages * 5, `${turns} turns of others`)
  },
)

t.test('a parked proposal shows its changes up to the event that cannot be applied', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  await ledger.recordImpossible('lab')
  await ledger.recordRest('lab', '"eventId":"oops"')
  const { fields } = (await service.get('/v1/proposals/lab/changes')).json()
  t.match(fields[0], { field: 'proposalId', changes: [{ version: 1 }] })
})

t.test('polling returns each changed proposal once, and misses none', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  for (const id of ['a', 'b', 'c']) await ledger.record(id, proposed())
  const position = await ledger.record('a', agreed())
  const first = (await service.get(`/v1/changes?limit=2&atLeast=${position}`)).json()
  t.match(first, {
    proposals: [
      { proposalId: 'b', position: 2, version: 1, stage: 'proposed', condition: 'unknown' },
      { proposalId: 'c', position: 3 },
    ],
    next: 3,
    more: true,
  })
  const later = await ledger.record('b', agreed())
  const second = (await service.get(`/v1/changes?limit=2&since=3&atLeast=${later}`)).json()
  t.match(second, {
    proposals: [
      { proposalId: 'a', version: 2, stage: 'agreed' },
      { proposalId: 'b', position: later },
    ],
    next: later,
    more: false,
  })
  const rest = await service.get(`/v1/changes?since=${later}`)
  t.same(rest.json(), { proposals: [], next: later, more: false })
  const headers = { 'if-none-match': String(rest.headers.etag) }
  t.equal((await service.get(`/v1/changes?since=${later}`, headers)).statusCode, 304)
  const last = await ledger.record('c', agreed())
  t.equal((await service.get(`/v1/changes?since=${later}&atLeast=${last}`, headers)).statusCode, 200)
})

t.test('a reader that has seen more than the log holds is told so', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const answer = await service.get('/v1/changes?since=5')
  t.match(answer.json(), { status: 409, code: 'beyond-head', head: 0 })
})

t.test('the registry lists every type of event, for everybody, and is not sent twice', async (t) => {
  const service = await startService(t, await openLedger(t), { environment: { READ_ACCESS: 'key' } })
  const answer = await service.get('/v1/event-types')
  const types = answer.json().eventTypes
  t.same(
    types.map(({ type }: { type: string }) => type),
    eventTypes,
  )
  for (const { type, words, from, dataSchema } of types) {
    for (const language of ['en', 'vi', 'ko']) t.ok(words[language].label, `${type} in ${language}`)
    t.ok(from.text)
    t.equal(dataSchema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  }
  const again = await service.get('/v1/event-types', { 'if-none-match': String(answer.headers.etag) })
  t.equal(again.statusCode, 304)
})

t.test('the changes since an instant are those recorded after it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  const { rows } = await ledger.pool.query('SELECT recorded_at_text(recorded_at) AS at FROM events')
  const head = await ledger.record('centre', proposed())
  const since = async (asked: string) => (await service.get(`/v1/changes?atLeast=${head}&since=${asked}`)).json()
  t.match(await since(rows[0].at), { proposals: [{ proposalId: 'centre' }], next: head, more: false })
  t.equal((await since('2000-01-01T00:00:00Z')).proposals.length, 2)
  t.match(await since('2999-01-01T00:00:00Z'), {
    status: 400,
    errors: [{ path: 'query.since', message: /must not be later than now/ }],
  })
  for (const asked of ['yesterday', '-1', '2026-11-22'])
    t.match(await since(asked), {
      status: 400,
      errors: [{ path: 'query.since', message: /must be a position of the log, such as 17, or an instant/ }],
    })
})
