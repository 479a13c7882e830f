import { openPool } from '@commitments/event-store'
import { agreed, eventually, type TcpProxy, tcpProxy } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'
import { compareTree } from '../../src/transparency/compare-tree.ts'
import { openLedger } from '../support.ts'
import { type Keeping, linesOf, recordMany, rootOfLines, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

/** A service that keeps the tree, with a proxy to its database that can simulate faults. */
async function openBehindProxy(t: Test) {
  const ledger = await openLedger(t)
  const proxy: TcpProxy = await tcpProxy(t, { port: Number(new URL(ledger.database.url).port) })
  const url = proxy.through(ledger.database.url)
  const pool = openPool(url, { ledger: 'commitments', role: 'projection', max: 8 })
  t.teardown(() => pool.end())
  const service: Keeping = await startKeeping(t, ledger, signingFor(t), { url, pool })
  return { ledger, proxy, service }
}

t.test('a signer whose connections are cut again and again signs one history', async (t) => {
  const { ledger, proxy, service } = await openBehindProxy(t)
  for (let round = 0; round < 12; round += 1) {
    await recordMany(ledger, round * 50 + 1, round * 50 + 50)
    proxy.cut()
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (round % 3 === 0) proxy.cut()
  }
  const { root } = await service.signedAt(600)
  t.same(root, rootOfLines(await linesOf(ledger)))
  t.same(await compareTree(ledger.pool), { size: 600, findings: [], found: 0 })
  await service.untilReady(true)
})

t.test('an answer that is lost at the commit of a checkpoint does no harm', async (t) => {
  const { ledger, proxy, service } = await openBehindProxy(t)
  await service.signedAt(0)
  for (let round = 1; round <= 8; round += 1) {
    proxy.loseAnswer()
    await recordMany(ledger, round, round)
    await service.signedAt(round)
  }
  t.same((await compareTree(ledger.pool)).found, 0)
  await service.untilReady(true)
})

t.test('while the database is not available routes of the log are 503, and afterwards signing continues', async (t) => {
  const { ledger, proxy, service } = await openBehindProxy(t)
  await recordMany(ledger, 1, 3)
  await service.signedAt(3)
  proxy.refuse()
  await eventually(async () => (await service.get('/log/checkpoint')).statusCode === 503)
  for (const url of ['/log/vkey', '/log/tile/0/000.p/1', '/v1/log/proofs/inclusion?position=1', '/v1/log/forks']) {
    t.match((await service.get(url)).json(), { code: 'unavailable' }, url)
  }
  await ledger.record('p1', agreed())
  proxy.resume()
  await service.signedAt(4)
  t.equal((await servedCheckpoint(service)).size, 4)
})
