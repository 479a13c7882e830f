/** Which events an endpoint gets. */
import { eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Ledger, openLedger } from '../support.ts'
import { startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

const joined = (party: string) =>
  ({ type: 'party-joined', occurredOn: '2024', data: { party, name: { en: party }, roles: ['funder'] } }) as never
const left = (party: string) => ({ type: 'party-left', occurredOn: '2025', data: { party } }) as never
const linked = (other: string) => ({ type: 'linked', occurredOn: '2024', data: { relation: 'child', other } }) as never

async function positionsOf({ pool }: Ledger, ids: readonly string[]): Promise<number[]> {
  const { rows } = await pool.query<{ position: number; id: string }>('SELECT position, event_id AS id FROM events')
  const found = new Map(rows.map(({ position, id }) => [id, position]))
  return ids.map((id) => found.get(id) ?? -1)
}

t.test(
  'by type and by proposal: lists narrow each other, and the position moves over what is for others',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const service = await startSending(t, ledger)
    await ledger.record('a', proposed(), joined('koica'))
    await ledger.record('b', proposed(), joined('koica'))
    const filter = { types: ['party-joined'], proposals: ['b'] }
    await service.call('PUT', '/inbox', { url: receiver.url, after: 0, filter })
    await eventually(async () => (await service.call('GET', '/inbox')).body.after === 4)
    await ledger.record('a', joined('jica'))
    await ledger.record('b', joined('jica'))
    await ledger.record('c', proposed())
    await eventually(async () => (await service.call('GET', '/inbox')).body.after === 7)
    t.same(await positionsOf(ledger, receiver.ids()), [4, 6])
  },
)

t.test(
  'by party: from the event with which it joins up to the one with which it leaves, whenever they are sent',
  async (t) => {
    const ledger = await openLedger(t)
    const [live, later] = [await startReceiver(t), await startReceiver(t)]
    const service = await startSending(t, ledger)
    const filter = { parties: ['koica'] }
    await service.call('PUT', '/live', { url: live.url, after: 0, filter })
    const expected: number[] = []
    await ledger.record('a', proposed())
    expected.push(await ledger.record('a', joined('koica')))
    await ledger.record('b', proposed())
    expected.push(await ledger.record('a', joined('jica')))
    expected.push(await ledger.record('a', left('koica')))
    const end = await ledger.record('a', left('jica'))
    await eventually(async () => (await service.call('GET', '/live')).body.after === end, { within: 20_000 })
    await service.call('PUT', '/later', { url: later.url, after: 0, filter })
    await eventually(async () => (await service.call('GET', '/later')).body.after === end, { within: 20_000 })
    t.same(await positionsOf(ledger, live.ids()), expected)
    t.same(later.ids(), live.ids(), 'an endpoint that comes later gets the same')
  },
)

t.test('by programme: events of its direct parts, from the link on', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  const service = await startSending(t, ledger)
  await ledger.record('programme', proposed())
  await ledger.record('part', proposed())
  await ledger.record('other', proposed())
  const link = await ledger.record('part', linked('programme'))
  await ledger.record('other', joined('koica'))
  const join = await ledger.record('part', joined('koica'))
  await service.call('PUT', '/inbox', { url: receiver.url, after: 0, filter: { parents: ['programme'], parties: [] } })
  await eventually(async () => (await service.call('GET', '/inbox')).body.after === join, { within: 20_000 })
  t.same(await positionsOf(ledger, receiver.ids()), [link, join])
  await service.call('PUT', '/inbox', {
    url: receiver.url,
    after: 0,
    filter: { parents: ['programme'], parties: ['koica'] },
  })
  await eventually(() => receiver.got.length === 3, { within: 20_000 })
  t.same(await positionsOf(ledger, receiver.ids().slice(2)), [join], 'both')
})

t.test('proposals whose past is folded on request, because it has too many moments, are judged the same', async (t) => {
  const ledger = await openLedger(t)
  const [plain, dense] = [await startReceiver(t), await startReceiver(t)]
  const service = await startSending(t, ledger)
  await ledger.record('a', proposed(), joined('koica'), joined('jica'), left('koica'))
  const end = await ledger.record('a', joined('adb'))
  const filter = { parties: ['koica'] }
  await service.call('PUT', '/plain', { url: plain.url, after: 0, filter })
  await eventually(async () => (await service.call('GET', '/plain')).body.after === end, { within: 20_000 })
  await ledger.pool.query(`WITH live AS (SELECT generation FROM projection_generations WHERE projection = 'proposal-moments' AND state = 'live'),
      gone AS (DELETE FROM proposal_moments m USING live WHERE m.generation = live.generation RETURNING 1)
    INSERT INTO dense_moments (generation, proposal_id) SELECT generation, 'a' FROM live`)
  await service.call('PUT', '/dense', { url: dense.url, after: 0, filter })
  await eventually(async () => (await service.call('GET', '/dense')).body.after === end, { within: 20_000 })
  t.same(await positionsOf(ledger, plain.ids()), [2, 3, 4])
  t.same(dense.ids(), plain.ids())
})
