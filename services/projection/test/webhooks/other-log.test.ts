/** What receivers get when the log is halted, has lost something, or is another one. */
import { acceptRestore, readLogIdentity, setHalt } from '@commitments/event-store'
import { eventually, proposed } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'
import { openLedger } from '../support.ts'
import { environmentFor, idsOfLog, startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

const many = (count: number, name = 'p') =>
  Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)

t.test(
  'an accepted restore is told to each receiver, signed, until it has answered; then its endpoint is paused and resumes from a position',
  async (t) => {
    const ledger = await openLedger(t)
    let refusals = 2
    const receiver = await startReceiver(t, ({ id }, response) => {
      const refuse = id.startsWith('log-changed') && (refusals -= 1) >= 0
      response.writeHead(refuse ? 503 : 204).end()
    })
    const service = await startSending(t, ledger)
    const { logId: before } = await readLogIdentity(ledger.pool)
    await ledger.recordAll(many(3))
    const { body: made } = await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await eventually(() => receiver.got.length === 3)
    const { logId } = await acceptRestore(ledger.pool, 'a test')
    await eventually(async () => (await service.call('GET', '/inbox')).body.paused === 'log-changed', {
      within: 20_000,
    })
    const told = receiver.got.slice(3)
    t.equal(told.length, 3)
    t.equal(new Set(told.map(({ id }) => id)).size, 1, 'the same message until it was taken')
    const ids = await idsOfLog(ledger)
    t.match(JSON.parse(told[0]?.body ?? ''), {
      type: 'localhost.commitments.webhook.log-changed',
      data: { logId, previous: { logId: before, position: 3, eventId: ids[2] } },
    })
    const { Webhook } = await import('standardwebhooks')
    t.ok(new Webhook(made.secret).verify(told[2]?.body ?? '', told[2]?.headers as never))
    await ledger.recordAll(many(2, 'q'))
    const resume = { paused: false }
    t.match(await service.call('PATCH', '/inbox', resume), {
      status: 400,
      body: { errors: [{ path: 'after', message: /log-changed/ }] },
    })
    t.equal(receiver.got.length, 6, 'nothing of the new log is sent before')
    t.match(await service.call('PATCH', '/inbox', { ...resume, after: 3 }), {
      status: 200,
      body: { logId, after: 3, paused: null },
    })
    await eventually(() => receiver.got.length === 8)
    t.same(receiver.ids().slice(6), (await idsOfLog(ledger)).slice(3))
  },
)

t.test(
  'an event that was sent and is not in the log any more is told as well, also where the database has lost that it was sent',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const service = await startSending(t, ledger)
    await ledger.recordAll(many(3))
    await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await eventually(async () => (await service.call('GET', '/inbox')).body.after === 3)
    const ids = await idsOfLog(ledger)
    // As after a failover to a server that lacked the last event and with it the position of the endpoint, and has recorded something else since.
    await ledger.pool.query(`ALTER TABLE events DISABLE TRIGGER ALL;
    UPDATE events SET event_id = n.id, line = replace(line, event_id::text, n.id::text)
      FROM (SELECT gen_random_uuid() AS id) n WHERE position = 3;
    UPDATE webhooks SET position = 2, event_id = '${ids[1]}'`)
    await ledger.record('after', proposed())
    await eventually(async () => (await service.call('GET', '/inbox')).body.paused === 'log-went-back', {
      within: 20_000,
    })
    t.match(JSON.parse(receiver.got.at(-1)?.body ?? ''), {
      type: /webhook\.log-changed$/,
      data: { previous: { position: 3, eventId: ids[2] } },
    })
    t.equal(receiver.got.length, 4, 'and no event of the other past')
  },
)

/** A service that signs and sends, with what another one over the same ledger needs. */
async function startSigning(t: Test) {
  const ledger = await openLedger(t)
  const environment = environmentFor(t)
  const receiver = await startReceiver(t)
  const signing = signingFor(t)
  const signs = await startSending(t, ledger, { environment, signing })
  return { ledger, environment, receiver, signing, signs }
}

t.test('only what is signed is sent, so that nothing that a receiver has can be lost unnoticed', async (t) => {
  const { ledger, environment, receiver, signing, signs } = await startSigning(t)
  await eventually(async () => (await signs.get('/log/checkpoint')).statusCode === 200)
  await signs.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  await ledger.recordAll(many(2))
  await eventually(() => receiver.got.length === 2, { within: 20_000 })
  await signs.stop()
  const sends = await startSending(t, ledger, { environment })
  await ledger.recordAll(many(2, 'unsigned'))
  await new Promise((resolve) => setTimeout(resolve, 700))
  t.match((await sends.call('GET', '/inbox')).body, { behind: 2, state: 'sending' })
  t.equal(receiver.got.length, 2)
  await startSending(t, ledger, { environment, signing })
  await eventually(() => receiver.got.length === 4, { within: 20_000 })
  t.same(receiver.ids(), await idsOfLog(ledger))
})

t.test('after an accepted restore nothing is sent before the new log is signed', async (t) => {
  const { ledger, environment, receiver, signing, signs } = await startSigning(t)
  await ledger.recordAll(many(2))
  await eventually(async () => /\n2\n/.test((await signs.get('/log/checkpoint')).body), { within: 20_000 })
  await signs.stop()
  await acceptRestore(ledger.pool, 'a test')
  const sends = await startSending(t, ledger, { environment })
  await sends.call('PUT', '/inbox', { url: receiver.url, after: 0 })
  await new Promise((resolve) => setTimeout(resolve, 700))
  t.equal(receiver.got.length, 0)
  await startSending(t, ledger, { environment, signing })
  await eventually(() => receiver.got.length === 2, { within: 20_000 })
  t.same(receiver.ids(), await idsOfLog(ledger))
})

t.test(
  'while something is known against a log that nobody signs, nothing is sent; afterwards it goes on',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const service = await startSending(t, ledger)
    await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await ledger.record('lab', proposed())
    await eventually(() => receiver.got.length === 1)
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER events_halted')
    // Of a signer: the comparison of lines would find nothing wrong, and take its own away.
    await setHalt(ledger.pool, 'signer', 'The log lacks what was signed of it.')
    await ledger.record('other', proposed())
    await new Promise((resolve) => setTimeout(resolve, 700))
    t.equal(receiver.got.length, 1)
    await setHalt(ledger.pool, 'signer', null)
    await eventually(() => receiver.got.length === 2, { within: 20_000 })
  },
)
