/** Texts are erased also of a proposal that a read model has parked, and of one with an event that no process can apply. */
import { agreed, example, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { checkReplay } from '../services/projection/src/replay-check/check-replay.ts'
import {
  type Ledger,
  openLedger,
  startErasing,
  startService,
  type TestService,
} from '../services/projection/test/support.ts'
import { map, secret, tablesWithSecret } from './erasure/support.ts'

t.setTimeout(300_000)

const timeZone = 'Asia/Ho_Chi_Minh'

const reads = [
  '/v1/proposals/lab',
  '/v1/proposals/lab/events',
  '/v1/proposals/lab/moments',
  '/v1/proposals?knownAtPosition=1',
  '/v1/proposals',
  '/v1/events',
]

/** Reads all that an instance says, so that it may keep it. */
async function readAll(service: TestService, head: number) {
  await service.applied(head)
  const answers = new Map<string, Awaited<ReturnType<TestService['get']>>>()
  for (const url of reads) answers.set(url, await service.get(url))
  return answers
}

async function assertErased(t: Test, service: TestService, head: number) {
  for (const [url, { body, statusCode, headers }] of await readAll(service, head)) {
    t.notMatch(body, secret, url)
    t.equal(statusCode, 200, url)
    t.ok(Number(headers['log-position']) >= head, url)
  }
  t.same((await service.get(`/v1/proposals?q=${secret}`)).json().proposals, [])
}

async function assertConsistent(t: Test, { database, pool }: Ledger) {
  t.same(await tablesWithSecret(database), [])
  const { found, findings } = await checkReplay(pool, timeZone)
  t.equal(found, 0, JSON.stringify(findings))
}

t.test('texts of a parked proposal are gone from every instance, and it stays parked where it was', async (t) => {
  const ledger = await openLedger(t)
  const erase = await startErasing(t, ledger)
  const services = [await startService(t, ledger), await startService(t, ledger)]
  await ledger.record('lab', proposed({ title: map('Laboratory') }), agreed())
  const broken = await ledger.record('lab', example('retracted', { events: [1] }))
  await ledger.record('lab', example('updated', { title: map('Another laboratory') }))
  const before = await ledger.record('other', proposed())
  for (const service of services)
    t.match((await readAll(service, before)).get('/v1/proposals/lab')?.body, secret, 'it may be kept')
  const head = await erase([1, 4])
  for (const service of services) {
    await assertErased(t, service, head)
    t.match((await service.get('/v1/proposals/lab')).json(), {
      title: { en: '█' },
      stage: 'agreed',
      version: 2,
      parked: { position: broken, code: 'impossible' },
    })
  }
  await assertConsistent(t, ledger)
  ledger.versions.set('lab', 5)
  await ledger.record('lab', example('confirmed'))
  const last = await ledger.record('other', agreed())
  for (const service of services) await assertErased(t, service, last)
  await assertConsistent(t, ledger)
})

t.test('an event that ends each process is not read again when texts beside it are erased', async (t) => {
  const ledger = await openLedger(t)
  const erase = await startErasing(t, ledger)
  const first = await startService(t, ledger)
  const before = await ledger.record(
    'lab',
    proposed({ title: map('Laboratory') }),
    example('updated', { title: map('A') }),
  )
  await first.applied(before)
  await first.stop()
  const deadly = await ledger.record('lab', { ...agreed(), note: map('A remark on') })
  await ledger.record('lab', example('updated', { title: map('Another') }))
  // As three processes leave it that ended with this event.
  await ledger.pool.query('UPDATE projection_generations SET tries = 3, tried_to = $1, tried_by = 0', [deadly])
  const services = [await startService(t, ledger), await startService(t, ledger)]
  for (const service of services) {
    const answer = (await readAll(service, deadly + 1)).get('/v1/proposals/lab')
    t.match(answer?.json(), { title: map('A'), parked: { position: deadly, code: 'too-costly' } })
  }
  const head = await erase([1, 2, deadly, deadly + 1])
  for (const service of services) {
    await assertErased(t, service, head)
    t.match((await service.get('/v1/proposals/lab')).json(), {
      title: { en: '█' },
      version: 2,
      parked: { position: deadly, code: 'too-costly' },
    })
  }
  t.equal((await ledger.pool.query('SELECT FROM set_aside')).rowCount, 2, 'in each read model')
  await assertConsistent(t, ledger)
})

t.test('the record of an erasure is never set aside, however often a process ended with it', async (t) => {
  const ledger = await openLedger(t)
  const erase = await startErasing(t, ledger)
  const first = await startService(t, ledger)
  await first.applied(await ledger.record('lab', proposed({ title: map('Laboratory') })))
  await first.stop()
  const head = await erase([1])
  await ledger.pool.query('UPDATE projection_generations SET tries = 3, tried_to = $1, tried_by = 0', [head])
  await assertErased(t, await startService(t, ledger), head)
  await assertConsistent(t, ledger)
})
