/** What an endpoint gets: every event that is for it, in the order of the log, at least once, one at a time. */
import { agreed, eventually, example, proposed } from '@commitments/test-kit'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { openLedger, startErasing } from '../support.ts'
import { idsOfLog, startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

const many = (count: number, name = 'p') =>
  Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)

t.test(
  'an endpoint gets every event of the log once, in its order, one at a time, and then each new one',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const service = await startSending(t, ledger)
    await ledger.recordAll(many(300))
    const made = await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    t.match(made, { status: 201, body: { name: 'inbox', owner: 'key:most-vn', state: 'sending', secret: /^whsec_/ } })
    await eventually(() => receiver.got.length === 300, { within: 30_000 })
    for (let round = 0; round < 5; round += 1) await ledger.recordAll(many(10, `later-${round}`))
    await eventually(() => receiver.got.length === 350, { within: 30_000 })
    t.same(receiver.ids(), await idsOfLog(ledger))
    t.equal(receiver.underWay.most, 1, 'the next one follows when the one before was taken')
    await eventually(async () => (await service.call('GET', '/inbox')).body.after === 350)
    t.match((await service.call('GET', '/inbox')).body, { behind: 0, retrying: null, paused: null })
  },
)

t.test('the body is the line of the log in a CloudEvent, and the signature is that of Standard Webhooks', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  const service = await startSending(t, ledger)
  await ledger.record('lab', proposed({ title: { vi: 'Viện Khoa học', ko: '과학' } }))
  const { body: made } = await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  await eventually(() => receiver.got.length === 1)
  const [got] = receiver.got
  const { rows } = await ledger.pool.query('SELECT line FROM events')
  t.ok(got?.body.endsWith(`,"data":${rows[0].line}}`), 'byte for byte')
  t.equal(got?.headers['content-type'], 'application/cloudevents+json; charset=UTF-8')
  const library = new Webhook(made.secret)
  t.same(library.verify(got?.body ?? '', got?.headers as never), JSON.parse(got?.body ?? ''))
  t.throws(() => library.verify(`${got?.body} `, got?.headers as never), /No matching signature/)
})

t.test('content `notice` is the same envelope without the event, and says where it is', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  const service = await startSending(t, ledger)
  await ledger.record('lab', proposed(), agreed())
  await service.call('PUT', '/inbox', { url: receiver.url, after: 0, content: 'notice' })
  await eventually(() => receiver.got.length === 2)
  const notice = JSON.parse(receiver.got[1]?.body ?? '')
  t.match(notice, {
    specversion: '1.0',
    subject: 'lab',
    sequence: '0000000000000002',
    dataref: '/v1/proposals/lab/events/2',
  })
  t.notOk('data' in notice)
  t.equal((await service.get(notice.dataref)).json().event.eventId, notice.id)
})

t.test('a receiver that fails gets the same message again with the same id, and nothing else before it', async (t) => {
  const ledger = await openLedger(t)
  let refusals = 3
  const receiver = await startReceiver(t, ({ id }, response) => {
    const refuse = id === ids[2] && (refusals -= 1) >= 0
    response.writeHead(refuse ? 500 : 200).end('thank you')
  })
  const service = await startSending(t, ledger)
  await ledger.recordAll(many(5))
  const ids = await idsOfLog(ledger)
  const { body: made } = await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  await eventually(() => receiver.got.length === 8, { within: 20_000 })
  const [one, two, three, four, five] = ids
  t.same(receiver.ids(), [one, two, three, three, three, three, four, five])
  const library = new Webhook(made.secret)
  for (const got of receiver.got) t.ok(library.verify(got.body, got.headers), 'each attempt is signed anew')
  await eventually(async () => (await service.call('GET', '/inbox')).body.retrying === null)
  const { body } = await service.call('GET', '/inbox/attempts')
  t.same(
    body.attempts.map(({ position, outcome, status }) => [position, outcome, status]),
    [
      [5, 'delivered', 200],
      [4, 'delivered', 200],
      [3, 'delivered', 200],
      [3, 'status', 500],
      [3, 'status', 500],
      [3, 'status', 500],
      [2, 'delivered', 200],
      [1, 'delivered', 200],
    ],
  )
})

t.test('what fails is visible: since when, how often, why, and when it is tried again', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t, (_got, response) => void response.writeHead(502).end('secret text of theirs'))
  const service = await startSending(t, ledger, { webhookTimes: { retries: [60_000] } })
  await ledger.record('lab', proposed())
  await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  const { body } = await eventually(async () => {
    const answer = await service.call('GET', '/inbox')
    return answer.body.state === 'retrying' && answer
  })
  t.match(body, { after: 0, behind: 1, retrying: { failures: 1, outcome: 'status', status: 502 } })
  const { since, nextAt } = body.retrying ?? { since: '', nextAt: '' }
  const wait = Date.parse(nextAt) - Date.parse(since)
  t.ok(wait >= 47_000 && wait <= 73_000, 'a fifth more or less')
  const attempts = await service.call('GET', '/inbox/attempts')
  t.notMatch(JSON.stringify([body, attempts]), /secret text/, 'what the receiver wrote is kept nowhere')
  t.equal(receiver.got.length, 1)
  await service.call('PATCH', '/inbox', { paused: false })
  await eventually(() => receiver.got.length === 2, { within: 20_000 })
  t.pass('a change by its owner is tried at once')
})

t.test('a receiver that is slow or dead takes nothing from the others', async (t) => {
  const ledger = await openLedger(t)
  const dead = await startReceiver(t, () => {})
  const healthy = await startReceiver(t)
  const service = await startSending(t, ledger, { webhookTimes: { patience: 60_000, lease: 120_000, retries: [50] } })
  for (let index = 0; index < 8; index += 1) await service.call('PUT', `/dead-${index}`, { url: dead.url, after: 0 })
  await ledger.record('lab', proposed())
  await eventually(() => dead.got.length === 8, { within: 20_000 })
  await service.call('PUT', '/inbox', { url: healthy.url, after: 0 })
  await ledger.recordAll(many(100))
  await eventually(() => healthy.got.length === 101, { within: 20_000 })
  t.equal(dead.got.length, 8, 'each of the dead ones still waits for its first answer')
})

t.test('410 and five days of failures pause an endpoint; nothing is lost, and its owner resumes it', async (t) => {
  const ledger = await openLedger(t)
  let answer = 410
  const receiver = await startReceiver(t, (_got, response) => void response.writeHead(answer).end())
  const service = await startSending(t, ledger, { webhookTimes: { retries: [10], giveUpAfter: 300 } })
  await ledger.recordAll(many(2))
  await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  const paused = () => eventually(async () => (await service.call('GET', '/inbox')).body.paused, { within: 20_000 })
  t.equal(await paused(), 'gone')
  answer = 500
  await service.call('PATCH', '/inbox', { paused: false })
  t.equal(await paused(), 'gave-up')
  answer = 200
  t.match(await service.call('PATCH', '/inbox', { paused: false }), { status: 200, body: { paused: null, after: 0 } })
  await eventually(async () => (await service.call('GET', '/inbox')).body.after === 2, { within: 20_000 })
  t.same([...new Set(receiver.ids())], await idsOfLog(ledger))
})

t.test('`Retry-After` of 429 and 503 is obeyed, for an hour at most', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t, ({ id }, response) => {
    const headers = { 'retry-after': id === first ? '1800' : '999999' }
    response.writeHead(id === first ? 429 : 503, headers).end()
  })
  const service = await startSending(t, ledger, { webhookTimes: { retries: [10] } })
  await ledger.recordAll(many(2))
  const [first] = await idsOfLog(ledger)
  for (const [name, after, seconds] of [
    ['a', 0, 1_800],
    ['b', 1, 3_600],
  ] as const) {
    await service.call('PUT', `/${name}`, { url: receiver.url, after })
    const retrying = await eventually(async () => (await service.call('GET', `/${name}`)).body.retrying)
    t.equal(Math.round((Date.parse(retrying.nextAt) - Date.parse(retrying.since)) / 1000), seconds)
  }
})

t.test('an endpoint can be moved to any position: backwards sends again, forwards skips', async (t) => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  const service = await startSending(t, ledger)
  await ledger.recordAll(many(5))
  await service.call('PUT', '/inbox', { url: receiver.url })
  await ledger.record('later', proposed())
  await eventually(() => receiver.got.length === 1)
  const ids = await idsOfLog(ledger)
  t.same(receiver.ids(), [ids[5]], 'without a position: from now on')
  await service.call('PATCH', '/inbox', { after: 3 })
  await eventually(() => receiver.got.length === 4)
  t.same(receiver.ids().slice(1), ids.slice(3))
  await service.call('PATCH', '/inbox', { paused: true })
  await ledger.recordAll(many(3, 'q'))
  await service.call('PATCH', '/inbox', { after: 8, paused: false })
  await eventually(() => receiver.got.length === 5)
  t.same(receiver.ids().at(-1), (await idsOfLog(ledger))[8])
  t.match(await service.call('PATCH', '/inbox', { after: 99 }), { status: 409, body: { code: 'beyond-head', head: 9 } })
})

t.test('texts that are erased while a receiver takes its time are not sent any more', async (t) => {
  const ledger = await openLedger(t)
  const erase = await startErasing(t, ledger)
  const { promise: erased, resolve: go } = Promise.withResolvers<void>()
  const receiver = await startReceiver(t, async (_got, response) => {
    await erased
    response.writeHead(204).end()
  })
  const service = await startSending(t, ledger)
  await ledger.record('lab', proposed(), ...[1, 2, 3].map(() => example('updated', { title: { en: 'Mr Secret' } })))
  await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  await eventually(() => receiver.got.length === 1)
  await erase([2, 3, 4])
  go()
  await eventually(() => receiver.got.length === 5)
  t.same(receiver.ids(), await idsOfLog(ledger))
  t.notMatch(receiver.got.map(({ body }) => body).join(), 'Secret')
})
