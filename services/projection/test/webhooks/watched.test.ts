/** What operators see: an alarm for endpoints that get nothing, and metrics. */
import { eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger } from '../support.ts'
import { startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

t.test(
  'an endpoint that is an hour behind or was paused by failures is an alarm; one that a caller has paused is none, and the service stays ready',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t, (_got, response) => void response.writeHead(410).end())
    const service = await startSending(t, ledger)
    const alarm = async () => {
      const answer = await service.get('/health/ready')
      return answer.json().checks.find(({ name }: { name: string }) => name === 'webhooks')
    }
    t.match(await alarm(), { ok: true, alarm: true, detail: '0 endpoints of webhooks, none of which is far behind' })
    await ledger.record('lab', proposed())
    await service.call('PUT', '/inbox', { url: receiver.url, after: 0 })
    await eventually(async () => (await service.call('GET', '/inbox')).body.paused === 'gone')
    t.match(await alarm(), { ok: false, detail: /1 are paused, and wait for their owners \(inbox\)/ })
    await ledger.pool.query(`UPDATE webhooks SET paused = 'by-hand'`)
    t.match(await alarm(), { ok: true })
    await ledger.pool.query(
      `ALTER TABLE events DISABLE TRIGGER ALL; UPDATE events SET recorded_at = recorded_at - interval '2 hours'`,
    )
    t.match(await alarm(), { ok: true }, 'whoever pauses knows it')
    await ledger.pool.query(`UPDATE webhooks SET paused = NULL, next_at = clock_timestamp() + interval '1 day'`)
    t.match(await alarm(), { ok: false, detail: /1 are more than an hour behind \(inbox\)/ })
    const { checks } = (await service.get('/health/ready')).json()
    t.ok(checks.every(({ ok, alarm }: { ok: boolean; alarm?: boolean }) => ok || alarm))
  },
)

t.test('metrics say how far each endpoint is behind, what is done for it, and what became of attempts', async (t) => {
  const ledger = await openLedger(t)
  const [good, bad] = [
    await startReceiver(t),
    await startReceiver(t, (_got, response) => void response.writeHead(500).end()),
  ]
  const service = await startSending(t, ledger, { webhookTimes: { retries: [60_000] } })
  await ledger.record('lab', proposed())
  await ledger.record('other', proposed())
  await service.call('PUT', '/good', { url: good.url, after: 0 })
  await service.call('PUT', '/bad', { url: bad.url, after: 0 })
  await service.call('PUT', '/still', { url: good.url, after: 1 })
  await service.call('PATCH', '/still', { paused: true, after: 1 })
  await eventually(async () => (await service.call('GET', '/good')).body.behind === 0)
  await eventually(async () => (await service.call('GET', '/bad')).body.state === 'retrying')
  const { body } = await service.get('/metrics')
  const value = (name: string) => Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (.+)$`, 'm').exec(body)?.[1])
  t.equal(value('webhook_lag_events{webhook="good"}'), 0)
  t.equal(value('webhook_lag_events{webhook="bad"}'), 2)
  t.equal(value('webhook_lag_seconds{webhook="good"}'), 0)
  t.ok(value('webhook_lag_seconds{webhook="bad"}') > 0)
  t.equal(value('webhook_endpoints{state="sending"}'), 1)
  t.equal(value('webhook_endpoints{state="retrying"}'), 1)
  t.equal(value('webhook_endpoints{state="paused"}'), 1)
  t.ok(value('webhook_attempts_total{outcome="delivered"}') >= 2)
  t.equal(value('webhook_attempts_total{outcome="status"}'), 1)
  await service.call('DELETE', '/bad')
  t.notMatch((await service.get('/metrics')).body, /webhook="bad"/, 'one that is deleted is forgotten')
})
