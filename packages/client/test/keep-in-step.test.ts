import { agreed, eventually, funded, proposed, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { eventsOf, openServices } from './services.ts'

const { title, kind, parties } = proposed().data
const wish = (wished: object, more: object = {}) => ({
  occurredOn: null,
  assertedBy: 'most-vn',
  reason: { en: 'As our system says.' },
  wished,
  ...more,
})

t.test('a wish is tried, recorded, read, and then leads to nothing', async (t) => {
  const client = (await openServices(t)).client()
  const whole = wish({ title, kind, parties, agreed: { ...agreed().data, occurredOn: '2024-06' } })
  const tried = await client.keepInStep('lab', whole, { dryRun: true })
  t.match(tried, {
    dryRun: true,
    version: 2,
    status: { stage: 'agreed' },
    events: [{ event: { type: 'proposed' } }, {}],
  })
  const kept = await client.keepInStep('lab', whole, { ifNoneMatch: '*' })
  t.match(kept, { version: 2, position: 2, replayed: false, notPlanned: [] })
  const { value } = await client.getProposal('lab', { atLeast: kept })
  t.equal(value.version, 2)
  const again = await client.keepInStep('lab', whole, { ifMatch: 2 })
  t.same([again.events, again.version], [[], 2])
  await t.rejects(client.keepInStep('lab', wish({ fields: ['quantum'] }), { ifMatch: 1 }), { code: 'version-conflict' })
  await t.rejects(client.keepInStep('lab', wish({ lines: [{ ...funded().data, provider: 'nobody' }] })), {
    code: 'not-a-party',
    problem: { errors: [{ path: 'wished.lines.0' }] },
  })
})

t.test('a wish whose answer is lost is sent again with its key, and recorded once', async (t) => {
  const services = await openServices(t)
  await services.client().recordEvent('lab', proposed())
  const proxy = await tcpProxy(t, { port: Number(new URL(services.commandUrl).port) })
  const client = services.client({ commandUrl: proxy.through(services.commandUrl) })
  // The proxy keeps the answer; the connection is cut once the events are in the log.
  void proxy.loseAnswer()
  const keeping = client.keepInStep('lab', wish({ fields: ['quantum'], suspended: true }))
  await eventually(async () => (await eventsOf(services.database)) === 3)
  await services.client().keepInStep('lab', wish({ fields: ['other'] }))
  proxy.cut()
  t.match(await keeping, { replayed: true, events: [{ type: 'updated' }, { type: 'suspended' }] })
  t.equal(await eventsOf(services.database), 4)
})

t.test('a bulk dry run says for each line what would become of it', async (t) => {
  const services = await openServices(t)
  const client = services.client()
  const lines = [
    { proposalId: 'lab', ...proposed() },
    { proposalId: 'lab', ...funded() },
  ]
  const { results, summary } = await client.tryEvents(lines)
  t.match(results, [
    { line: 1, status: 200, version: 1 },
    { line: 2, status: 409, code: 'not-agreed' },
  ])
  t.same(summary, { dryRun: true, lines: 2, acceptable: 1, replayed: 0, refused: 1 })
  await t.rejects(client.tryEvents(lines, { atomic: true }), { code: 'not-agreed', problem: { lines: [{ line: 2 }] } })
  t.match(await client.tryEvents(lines.slice(0, 1), { atomic: true }), { results: [{ version: 1 }] })
  t.equal((await client.tryEvents([])).summary.lines, 0)
  t.equal(await eventsOf(services.database), 0)
})
