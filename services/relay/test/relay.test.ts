/** The relay between both services and a real NATS server. */
import { eventually } from '@commitments/test-kit'
import { startProjection } from '@commitments/test-kit/services'
import { DiscardPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import t, { type Test } from 'tap'
import { RelayStopped } from '../src/sink.ts'
import { openConnection, skip, startNats } from './nats-server.ts'
import {
  apiKey,
  assertHoldsTheLog,
  type Ledger,
  openLedger,
  type Relay,
  record,
  startRelay,
  untilPublished,
} from './relays.ts'

t.setTimeout(120_000)

t.test('between the services and NATS', { skip }, async (t) => {
  const nats = await startNats(t)
  const ledger = await openLedger(t)
  await record(ledger, 0, 20)

  t.test('the stream holds every event once, in the order of the log, and each new one', async (t) => {
    const relay = startRelay(t, nats, ledger, { stream: 'whole' })
    await assertHoldsTheLog(t, nats, ledger, 'whole')
    await record(ledger, 20, 30)
    await assertHoldsTheLog(t, nats, ledger, 'whole')
    const [first] = await untilPublished(nats, 50, 'whole')
    const event = first?.json<Record<string, string>>()
    t.match(first?.subject, /^whole\.p\d+\.proposed$/)
    t.match(event, { specversion: '1.0', sequence: '0000000000000001', type: 'localhost.commitments.proposed' })
    t.equal(first?.header.get('Nats-Msg-Id'), event?.id, 'the id of the message is the eventId')
    t.match(first?.header.get('content-type'), /^application\/cloudevents\+json/)
    t.equal(relay.state.events, 50)
  })

  t.test('two relays of one stream publish nothing twice', async (t) => {
    const relays = [1, 2, 3].map(() => startRelay(t, nats, ledger, { stream: 'two' }))
    await record(ledger, 50, 60)
    await assertHoldsTheLog(t, nats, ledger, 'two')
    await Promise.all(relays.map((relay) => eventually(() => relay.state.published === 110, { within: 60_000 })))
    await assertHoldsTheLog(t, nats, ledger, 'two')
  })

  t.test('it stops where the log has lost what was published', async (t) => {
    await published(t, ledger, 'lost')
    const lost = await openLedger(t)
    await record(lost, 0, 7)
    const stopped = (): Promise<void> => assertStops(t, startRelay(t, nats, lost, { stream: 'lost' }), 'log-went-back')
    await stopped()
    await record(lost, 7, 150)
    await stopped()
  })

  t.test('it stops where the log is another one', async (t) => {
    const old = await openLedger(t)
    await record(old, 0, 5)
    await published(t, old, 'another')
    await old.services.database
      .pool()
      .query(`INSERT INTO log_identity (generation, first_position, reason) VALUES (2, 6, 'restored')`)
    const projectionUrl = await (await startProjection(t, old.services.database)).listen()
    await assertStops(t, startRelay(t, nats, { projectionUrl }, { stream: 'another' }), 'log-changed')
  })

  t.test('a stream that does not tell where it ends is not guessed at; --after continues it', async (t) => {
    const before = await published(t, ledger, 'purged')
    const manager = await jetstreamManager(await openConnection(t, nats))
    await manager.streams.purge('purged')
    await assertStops(t, startRelay(t, nats, ledger, { stream: 'purged' }), 'end-unknown')
    await record(ledger, before, 3)
    const relay = startRelay(t, nats, ledger, { stream: 'purged', after: before })
    const messages = await untilPublished(nats, before + 3, 'purged')
    t.same(
      messages.map(({ header }) => Number(header.get('Commitments-Position'))),
      [before + 1, before + 2, before + 3],
    )
    await relay.stop()
    await assertStops(t, startRelay(t, nats, ledger, { stream: 'purged', after: before }), 'begin-given')
  })

  t.test('a stream that is deleted under way is made again with the next event, and gets the whole log', async (t) => {
    const relay = startRelay(t, nats, ledger, { stream: 'deleted' })
    await eventually(() => relay.state.published !== null && relay.state.published === relay.state.head, {
      within: 60_000,
    })
    const before = relay.state.events
    const manager = await jetstreamManager(await openConnection(t, nats))
    await manager.streams.delete('deleted')
    await record(ledger, before, 2)
    await eventually(() => relay.state.published === before + 2, { within: 60_000 })
    await assertHoldsTheLog(t, nats, ledger, 'deleted')
    t.equal(relay.state.events, before + before + 2)
  })

  t.test('an --after beyond the end of the log stops it, and the sentence names both reasons', async (t) => {
    await assertStops(
      t,
      startRelay(t, nats, ledger, { stream: 'beyond', after: 99_999 }),
      'log-went-back',
      /--after is too high/,
    )
  })

  t.test('it does not continue behind a message of somebody else', async (t) => {
    const before = await published(t, ledger, 'shared')
    await jetstream(await openConnection(t, nats)).publish('shared.p1.agreed', '{}')
    await assertStops(t, startRelay(t, nats, ledger, { stream: 'shared' }), 'not-ours')
    t.equal((await untilPublished(nats, before + 1, 'shared')).length, before + 1)
  })

  t.test('a stream without room, or for other subjects, is a fault that is told, and nothing is skipped', async (t) => {
    const manager = await jetstreamManager(await openConnection(t, nats))
    const config = { name: 'full', subjects: ['full.>'], max_msgs: 10, discard: DiscardPolicy.New }
    await manager.streams.add(config)
    const relay = startRelay(t, nats, ledger, { stream: 'full' })
    await eventually(() => /maximum messages/.test(relay.state.fault ?? ''), { within: 30_000 })
    await manager.streams.update('full', { ...config, max_msgs: -1 })
    await assertHoldsTheLog(t, nats, ledger, 'full')
    await manager.streams.add({ name: 'other', subjects: ['somewhere.>'] })
    await assertStops(t, startRelay(t, nats, ledger, { stream: 'other' }), 'wrong-subject', /no stream does/)
  })

  t.test('where reading needs a key, it stops without one and names the setting', async (t) => {
    const closed = await openLedger(t, { READ_ACCESS: 'key' })
    await record(closed, 0, 5)
    await assertStops(t, startRelay(t, nats, closed, { stream: 'closed' }), 'refused', /RELAY_API_KEY_FILE/)
    startRelay(t, nats, closed, { stream: 'closed', apiKey })
    await assertHoldsTheLog(t, nats, closed, 'closed')
  })

  /** Publishes what the log holds now; returns how much that is. */
  async function published(t: Test, from: Ledger, stream: string): Promise<number> {
    const relay = startRelay(t, nats, from, { stream })
    const holds = () => relay.state.published !== null && relay.state.published === relay.state.head
    await eventually(holds, { within: 60_000 })
    await relay.stop()
    return relay.state.published ?? 0
  }
})

async function assertStops(t: Test, relay: Relay, reason: RelayStopped['reason'], sentence = /./): Promise<void> {
  const error = await relay.ended.then(
    () => null,
    (error: unknown) => error,
  )
  t.type(error, RelayStopped)
  t.match(error, { reason, message: sentence })
}
