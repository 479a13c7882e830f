/** The relay as a process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { eventually, temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { sizeOf, skip, startNats } from './nats-server.ts'
import { apiKey, assertHoldsTheLog, kill, main, openLedger, type RelayProcess, record, startProcess } from './relays.ts'

t.setTimeout(180_000)

/** Events while relays and the broker are killed. */
const enough = 400

t.test('killed relays and a killed broker skip nothing and repeat nothing', { skip }, async (t) => {
  const nats = await startNats(t)
  const ledger = await openLedger(t)
  let events = 0
  const recordAll = async () => {
    for (; events < enough; events += 20) await record(ledger, events, 20)
  }
  const recording = recordAll()
  let relays = [startProcess(t, nats, ledger)]
  for (let round = 0; round < 4; round++) {
    const before = await sizeOf(nats)
    await eventually(async () => (await sizeOf(nats)) > before || events >= enough, { within: 60_000 })
    if (round % 2 === 1) {
      await nats.kill()
      await nats.start()
    }
    await Promise.all(relays.map(kill))
    relays = [startProcess(t, nats, ledger), startProcess(t, nats, ledger)]
  }
  await recording
  await assertHoldsTheLog(t, nats, ledger)
})

async function readinessOf(relay: RelayProcess): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${await relay.url}/health/ready`)
  return { status: answer.status, body: await answer.text() }
}

t.test(
  'while the broker is away it is not ready and says why; then it continues, and ends in order',
  { skip },
  async (t) => {
    const nats = await startNats(t)
    const ledger = await openLedger(t, { READ_ACCESS: 'key' })
    await record(ledger, 0, 5)
    await nats.kill()
    const file = join(temporaryFolder(t), 'key')
    writeFileSync(file, `${apiKey}\n`)
    const relay = startProcess(t, nats, ledger, { RELAY_API_KEY_FILE: file })
    await eventually(async () => /refused/i.test((await readinessOf(relay)).body), { within: 30_000 })
    t.equal((await readinessOf(relay)).status, 503)
    await nats.start()
    await eventually(async () => (await readinessOf(relay)).status === 200, { within: 60_000 })
    await eventually(async () => /^relay_published_position 5$/m.test(await metricsOf(relay)), { within: 30_000 })
    relay.child.kill('SIGTERM')
    t.same(await once(relay.child, 'exit'), [0, null])
    t.notMatch(await relay.said, apiKey, 'the key is not in its log')
  },
)

async function metricsOf(relay: RelayProcess): Promise<string> {
  return (await fetch(`${await relay.url}/metrics`)).text()
}

t.test('where somebody must decide, the process ends with 78 and its log says what', { skip }, async (t) => {
  const nats = await startNats(t)
  const ledger = await openLedger(t, { READ_ACCESS: 'key' })
  const relay = startProcess(t, nats, ledger)
  t.same(await once(relay.child, 'exit'), [78, null])
  const said = await relay.said
  t.match(said, /"reason":"refused"/)
  t.match(said, /RELAY_API_KEY_FILE/)
})

t.test('every mistake in the configuration is told at once', async (t) => {
  const environment = {
    PROJECTION_URL: 'ftp://x',
    NATS_URL: 'nats://user:secret@host',
    NATS_STREAM: 'a b',
    RELAY_API_KEY_FILE: '/nowhere',
  }
  const child = fork(main, ['--after=x'], { silent: true, env: { PATH: process.env.PATH, ...environment } })
  const said = text(child.stderr as NodeJS.ReadableStream & AsyncIterable<Buffer>)
  t.same(await once(child, 'exit'), [78, null])
  for (const name of ['PROJECTION_URL', 'NATS_URL', 'NATS_STREAM', 'RELAY_API_KEY_FILE', '--after=<position>']) {
    t.match(await said, name)
  }
  t.notMatch(await said, 'secret')
})
