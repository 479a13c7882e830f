import type { AddressInfo } from 'node:net'
import { eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openStream } from '../live/event-stream.ts'
import { openBehindProxy } from './behind-proxy.ts'

t.setTimeout(120_000)

function some(name: string, count: number) {
  return Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)
}

t.test('readers stay connected while the database is not available, and get later events once', async (t) => {
  const { ledger, proxy, app, applied, get } = await openBehindProxy(t, { heartbeatEvery: 200 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/events`
  await applied(await ledger.recordAll(some('before', 1_000)))
  const current = await openStream(t, `${url}?after=1000`)
  const behind = await openStream(t, url)
  const filtered = await openStream(t, `${url.replace('events', 'changes')}?since=1000&party=most-vn`)
  await behind.until(1)
  proxy.refuse()
  await ledger.recordAll(some('meanwhile', 500))
  t.match((await get('/v1/events', { accept: 'text/event-stream' })).json(), { status: 503, code: 'unavailable' })
  const quiet = current.text().length
  t.ok(await eventually(() => current.text().length > quiet), 'it hears signs of life')
  proxy.resume()
  await Promise.all([current.until(500), behind.until(1_500), filtered.until(500)])
  t.same(filtered.positions(), current.positions(), 'also one whose filter needs the database')
  t.same(
    current.positions(),
    Array.from({ length: 500 }, (_, index) => 1_001 + index),
  )
  t.same(
    behind.positions(),
    Array.from({ length: 1_500 }, (_, index) => 1 + index),
  )
})

t.test('repeatedly cut database connections cost no reader an event', async (t) => {
  const { ledger, proxy, app } = await openBehindProxy(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/events`
  const readers = await Promise.all([1, 2, 3].map(() => openStream(t, url)))
  let head = 0
  for (let round = 0; round < 10; round += 1) {
    head = await ledger.recordAll(some(`r${round}`, 40))
    proxy.cut()
  }
  for (const reader of readers) {
    await reader.until(head)
    t.same(
      reader.positions(),
      Array.from({ length: head }, (_, index) => index + 1),
    )
  }
})
