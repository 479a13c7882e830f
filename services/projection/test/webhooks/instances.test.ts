/** Several instances, and those that are killed: one endpoint is served by one of them at a time, and nothing is skipped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually, processEnvironment, proposed, scriptOf, secretOf } from '@commitments/test-kit'
import t from 'tap'
import { openLedger } from '../support.ts'
import { environmentFor, idsOfLog, startReceiver, startSending } from './receiver.ts'

t.setTimeout(180_000)

const many = (count: number, name = 'p') =>
  Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)

t.test(
  'two instances share the endpoints, and never send for one at the same time, twice or out of order, also when one of them ends',
  async (t) => {
    const ledger = await openLedger(t)
    const environment = environmentFor(t)
    const [one, other] = [
      await startSending(t, ledger, { environment }),
      await startSending(t, ledger, { environment }),
    ]
    const receivers = await Promise.all(
      Array.from({ length: 4 }, () =>
        startReceiver(t, (_got, response) => void setTimeout(() => response.writeHead(204).end(), 2)),
      ),
    )
    for (const [index, { url }] of receivers.entries()) await one.call('PUT', `/e-${index}`, { url, after: 0 })
    for (let round = 0; round < 8; round += 1) await ledger.recordAll(many(20, `round-${round}`))
    await eventually(() => receivers.every(({ got }) => got.length > 40), { within: 30_000 })
    await one.stop()
    await ledger.recordAll(many(20, 'last'))
    await eventually(() => receivers.every(({ got }) => got.length >= 180), { within: 30_000 })
    const ids = await idsOfLog(ledger)
    for (const receiver of receivers) {
      t.same(receiver.ids(), ids, 'an instance that ends in peace finishes what it has begun')
      t.equal(receiver.underWay.most, 1)
    }
    await eventually(async () => (await other.call('GET', '/e-0')).body.behind === 0)
  },
)

t.test(
  'an instance that stands still holds its endpoint for the lease and no longer; what it writes later has no effect',
  async (t) => {
    const ledger = await openLedger(t)
    const environment = environmentFor(t)
    const held: (() => void)[] = []
    const receiver = await startReceiver(t, (_got, response) => {
      const answer = () => void response.writeHead(204).end()
      if (held.length === 0) held.push(answer)
      else answer()
    })
    const webhookTimes = { patience: 60_000, lease: 120_000, retries: [50] }
    const first = await startSending(t, ledger, { environment, webhookTimes })
    await ledger.recordAll(many(3))
    await first.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await eventually(() => receiver.got.length === 1, { within: 20_000 })
    const second = await startSending(t, ledger, { environment, webhookTimes })
    await ledger.recordAll(many(2, 'q'))
    await new Promise((resolve) => setTimeout(resolve, 700))
    t.equal(receiver.got.length, 1, 'nobody else sends meanwhile')
    await ledger.pool.query('UPDATE webhooks SET held_until = clock_timestamp()')
    const ids = await idsOfLog(ledger)
    await eventually(() => receiver.got.length === 6, { within: 20_000 })
    t.same(receiver.ids(), [ids[0], ...ids], 'the event that was under way comes again with the same id, then the rest')
    held[0]?.()
    await eventually(async () => (await second.call('GET', '/inbox/attempts')).body.attempts.length === 5)
    t.equal((await second.call('GET', '/inbox')).body.after, 5, 'and the late answer moves nothing back')
  },
)

t.test('a change by its owner is not written over by an attempt that was under way', async (t) => {
  const ledger = await openLedger(t)
  const answers: (() => void)[] = []
  const receiver = await startReceiver(t, (_got, response) => {
    const answer = () => void response.writeHead(204).end()
    if (answers.push(answer) > 1) answer()
  })
  const service = await startSending(t, ledger)
  await ledger.recordAll(many(5))
  await service.call('PUT', '/inbox', { url: receiver.url, after: 3 })
  await eventually(() => receiver.got.length === 1)
  await service.call('PATCH', '/inbox', { after: 0 })
  answers[0]?.()
  await eventually(() => receiver.got.length === 6, { within: 20_000 })
  const ids = await idsOfLog(ledger)
  t.same(receiver.ids(), [ids[3], ...ids])
})

t.test(
  'an instance that is killed between the answer of the receiver and its checkpoint: the event comes again with the same id, and none is skipped',
  async (t) => {
    const ledger = await openLedger(t, { durable: true })
    await ledger.recordAll(many(6))
    const ids = await idsOfLog(ledger)
    const running = new Set<ChildProcess>()
    t.after(() => running.forEach((child) => child.kill('SIGKILL')))
    const victims = new Set([ids[1], ids[4]])
    const receiver = await startReceiver(t, async ({ id }, response) => {
      if (victims.delete(id)) {
        // It has the event, and its answer finds nobody.
        for (const child of running) {
          child.kill('SIGKILL')
          await once(child, 'exit')
          running.delete(child)
        }
      }
      response.writeHead(204).end()
    })
    const environment = environmentFor(t)
    const owner = await startSending(t, ledger, { environment: { ...environment, WEBHOOKS: 'no' } })
    await owner.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    const start = () => {
      const { DATA_DIR = '', WEBHOOK_NETWORKS = '' } = environment
      const own = { DATA_DIR, WEBHOOK_NETWORKS, API_KEYS: `most-vn:webhooks+audit:${secretOf('most-vn')}` }
      const child = spawn(process.execPath, [scriptOf('projection')], {
        env: { ...processEnvironment(ledger.database.url), ...own },
        stdio: 'ignore',
      })
      running.add(child)
    }
    for (const count of [2, 6]) {
      start()
      await eventually(() => running.size === 0, { within: 60_000 })
      t.equal(receiver.got.length, count)
      // The lease would end by itself, and the test does not wait for that.
      await ledger.pool.query('UPDATE webhooks SET held_until = clock_timestamp()')
    }
    start()
    await eventually(() => receiver.got.length === 8, { within: 60_000 })
    t.same(receiver.ids(), [ids[0], ids[1], ids[1], ids[2], ids[3], ids[4], ids[4], ids[5]])
    await eventually(async () => (await owner.call('GET', '/inbox')).body.behind === 0)
  },
)

t.test(
  'endpoints whose secrets are of another key than that of an instance are not sent to by it, and are an alarm there',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const first = await startSending(t, ledger)
    await first.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await first.stop()
    const second = await startSending(t, ledger)
    await ledger.record('lab', proposed())
    const alarm = async () =>
      (await second.get('/health/ready')).json().checks.find(({ name }: { name: string }) => name === 'webhooks')
    t.match(await alarm(), {
      ok: false,
      alarm: true,
      detail: /1 are signed with another key.*WEBHOOK_KEY_FILE.*\(inbox\)/,
    })
    t.same(receiver.got, [])
    await second.call('POST', '/inbox/secret')
    await eventually(() => receiver.got.length === 1, { within: 20_000 })
    t.match(await alarm(), { ok: true })
  },
)
