import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { acceptRestore, setHalt } from '@commitments/event-store'
import { folderHome } from '@commitments/projection'
import { eventually, temporaryFolder } from '@commitments/test-kit'
import { keptFile, newKey, signingFor } from '@commitments/test-kit/services'
import { openCheckpoint, parseVerifierKey } from '@commitments/transparency'
import t from 'tap'
import { build } from '../../src/transparency/build.ts'
import { prepare, publish } from '../../src/transparency/sign.ts'
import { readTreeState, takeEpoch } from '../../src/transparency/tree-state.ts'
import { type Ledger, openLedger, startService } from '../support.ts'
import { backUp, linesOf, recordMany, rootOfLines, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

t.test(
  'of two services on one ledger only one signs at a time, and no two checkpoints contradict each other',
  async (t) => {
    const ledger = await openLedger(t)
    const shared = { keys: [newKey()], home: folderHome(temporaryFolder(t)) }
    const services = [
      await startKeeping(t, ledger, signingFor(t, shared), { takeOverAfter: 50 }),
      await startKeeping(t, ledger, signingFor(t, shared), { takeOverAfter: 50 }),
    ] as const
    for (const service of services) await eventually(() => servedCheckpoint(service))
    const seen = new Map<number, Buffer>()
    let round = 0
    for (; round < 30 || seen.size <= 3; round += 1) {
      await recordMany(ledger, round * 20 + 1, round * 20 + 20)
      // Another instance takes over from the keeper of the tree, at any point of its work.
      if (round % 5 === 0) await takeEpoch(ledger.pool)
      await sleep(100)
      for (const service of services) {
        const { size, root } = await servedCheckpoint(service)
        t.ok(seen.get(size)?.equals(root) ?? true, `one root for ${size}`)
        seen.set(size, root)
      }
    }
    await services[0].signedAt(20 * round)
    const lines = await linesOf(ledger)
    for (const [size, root] of seen) t.same(root, rootOfLines(lines.slice(0, size)), `${size} is of this log`)
    t.ok(seen.size > 3, `${seen.size} checkpoints`)
    await services[0].untilReady(true)
    await services[1].untilReady(true)
  },
)

t.test('if the signing service ends, the other takes over', async (t) => {
  const ledger = await openLedger(t)
  const shared = { keys: [newKey()], home: folderHome(temporaryFolder(t)) }
  const first = await startKeeping(t, ledger, signingFor(t, shared))
  await recordMany(ledger, 1, 3)
  await first.signedAt(3)
  const second = await startKeeping(t, ledger, signingFor(t, shared))
  await second.untilReady(true, /this instance signs/)
  await first.untilReady(true, /another instance signs/)
  await second.stop()
  await recordMany(ledger, 4, 6)
  await first.signedAt(6)
  await first.untilReady(true, /this instance signs/)
})

t.test(
  'an instance that stands by gives its alarm up as soon as another one has signed everything, also if nothing is recorded any more',
  async (t) => {
    const ledger = await openLedger(t)
    const shared = { keys: [newKey()], home: folderHome(temporaryFolder(t)) }
    await recordMany(ledger, 1, 3)
    const first = await startKeeping(t, ledger, signingFor(t, shared))
    await first.signedAt(3)
    const restore = await backUp(ledger)
    await recordMany(ledger, 4, 5)
    await first.signedAt(5)
    await restore()
    await first.untilReady(false, /5 events was signed/)
    const second = await startKeeping(t, ledger, signingFor(t, shared))
    await second.untilReady(false, /5 events was signed/)
    await acceptRestore(ledger.pool, 'a backup')
    await Promise.all([first, second].map((service) => service.untilReady(true, /signed up to the head of the log, 3/)))
    for (const { get } of [first, second]) {
      t.equal((await get('/v1/proposals')).headers['log-alarm'], undefined)
      t.equal((await get('/health/ready?for=signing')).statusCode, 200)
    }
  },
)

t.test(
  'every instance has the alarm of a log that is halted, also one that stands by, does not sign, or only reads, and gives it up with the halt',
  async (t) => {
    const ledger = await openLedger(t)
    const shared = { keys: [newKey()], home: folderHome(temporaryFolder(t)) }
    await recordMany(ledger, 1, 3)
    // If it took over, it would look at the log itself, and end the halt.
    const standsBy = await startKeeping(t, ledger, signingFor(t, shared), { takeOverAfter: 60_000 })
    await standsBy.untilReady(true, /this instance signs/)
    const signs = await startKeeping(t, ledger, signingFor(t, shared))
    await standsBy.untilReady(true, /another instance signs/)
    await signs.untilReady(true, /this instance signs/)
    await signs.stop()
    const others = [
      await startService(t, ledger),
      await startService(t, ledger, { environment: { PROJECTION_MODE: 'read' } }),
    ]
    const all = [standsBy, ...others]
    await setHalt(ledger.pool, 'signer', 'Nothing is signed: another instance says so.')
    const alarms = async () =>
      Promise.all(all.map(async ({ get }) => (await get('/v1/proposals')).headers['log-alarm']))
    await eventually(async () => (await alarms()).every((alarm) => alarm === 'signing-refused'))
    for (const { get } of all) {
      const ready = await get('/health/ready')
      t.match(ready, { statusCode: 200, body: /another instance says so/ }, 'it can read')
    }
    t.equal((await standsBy.get('/health/ready?for=signing')).statusCode, 503)
    await setHalt(ledger.pool, 'signer', null)
    await eventually(async () => (await alarms()).every((alarm) => alarm === undefined))
  },
)

/** A ledger with events in its tree, on which no service works. */
async function still(t: Parameters<typeof signingFor>[0]) {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  const service = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  await service.signedAt(5)
  await service.stop()
  return { ledger, signing, pool: ledger.database.pool('projection') }
}

/** Adds the next events to the tree without signing, like a keeper that is stopped in between. */
async function growOnly(ledger: Ledger, pool: ReturnType<Ledger['database']['pool']>, epoch: number): Promise<void> {
  const { tree } = await readTreeState(pool)
  const built = await build(pool, epoch, tree, 1_000)
  if (built.outcome !== 'built') throw new Error(`${built.outcome}, with ${(await linesOf(ledger)).length} events`)
}

t.test(
  'a signer that was overtaken between reading and signing publishes nothing and does not touch the file',
  async (t) => {
    const { ledger, signing, pool } = await still(t)
    const mine = await takeEpoch(pool)
    await recordMany(ledger, 6, 7)
    await growOnly(ledger, pool, mine)
    const prepared = await prepare(pool, signing, await readTreeState(pool), [])
    if (prepared.outcome !== 'ready') throw new Error(prepared.outcome)
    await takeEpoch(pool)
    const { logId } = prepared.candidate.bound
    const before = statSync(keptFile(signing, logId)).mtimeMs
    t.equal(await publish(pool, signing, prepared.candidate, true), 'superseded')
    t.equal((await readTreeState(pool)).signed?.size, 5)
    t.equal(statSync(keptFile(signing, logId)).mtimeMs, before)
  },
)

t.test('a checkpoint whose grounds have changed since is not published', async (t) => {
  const { ledger, signing, pool } = await still(t)
  const epoch = await takeEpoch(pool)
  await recordMany(ledger, 6, 7)
  await growOnly(ledger, pool, epoch)
  const standing = await readTreeState(pool)
  const prepared = await prepare(pool, signing, standing, [])
  if (prepared.outcome !== 'ready') throw new Error(prepared.outcome)
  const elsewhere = { ...prepared.candidate, timeline: 'another server/00000002' }
  t.equal(await publish(pool, signing, elsewhere, true), 'superseded', 'another server, with the same epoch')
  // The same epoch, but tree and checkpoint went back together, as after a restore.
  await ledger.pool.query('UPDATE log_tree SET size = 3')
  t.equal(await publish(pool, signing, prepared.candidate, true), 'superseded', 'a smaller tree')
  await ledger.pool.query('UPDATE log_tree SET size = 7')
  await ledger.pool.query('DELETE FROM log_checkpoints')
  t.equal(await publish(pool, signing, prepared.candidate, true), 'superseded', 'another checkpoint')
})

t.test('a writer of the tree that was overtaken writes nothing', async (t) => {
  const { ledger, pool } = await still(t)
  const mine = await takeEpoch(pool)
  await recordMany(ledger, 6, 7)
  const { tree } = await readTreeState(pool)
  await takeEpoch(pool)
  t.same(await build(pool, mine, tree, 100), { outcome: 'superseded' })
  t.equal((await readTreeState(pool)).tree.size, 5)
})

t.test('a replaced key signs as well while both are configured, and then alone', async (t) => {
  const ledger = await openLedger(t)
  const home = folderHome(temporaryFolder(t))
  const [old, young] = [newKey(), newKey()]
  const keysOf = async (keys: (typeof old)[], size: number) => {
    const service = await startKeeping(t, ledger, signingFor(t, { home, keys }))
    await eventually(async () => (await service.get('/log/vkey')).body.trimEnd().split('\n').length === keys.length)
    await service.signedAt(size)
    const vkeys = (await service.get('/log/vkey')).body.trimEnd().split('\n')
    const note = (await service.get('/log/checkpoint')).body
    await service.stop()
    return { vkeys, note }
  }
  await recordMany(ledger, 1, 4)
  const before = await keysOf([old], 4)
  const during = await keysOf([young, old], 4)
  t.equal(during.vkeys[1], before.vkeys[0])
  for (const vkey of during.vkeys) {
    const verifier = parseVerifierKey(vkey)
    if (verifier === null) throw new Error(vkey)
    t.match(openCheckpoint(during.note, { verifiers: [verifier] }), { outcome: 'verified', checkpoint: { size: 4 } })
  }
  await recordMany(ledger, 5, 6)
  const after = await keysOf([young], 6)
  t.same(after.vkeys, during.vkeys.slice(0, 1))
  const first = openCheckpoint(before.note, {
    verifiers: [parseVerifierKey(before.vkeys[0] as string)].filter((v) => v !== null),
  })
  const last = openCheckpoint(after.note, {
    verifiers: [parseVerifierKey(after.vkeys[0] as string)].filter((v) => v !== null),
  })
  if (first.outcome !== 'verified' || last.outcome !== 'verified') throw new Error('not verified')
  t.equal(first.checkpoint.origin, last.checkpoint.origin)
  const lines = await linesOf(ledger)
  t.same(last.checkpoint.root, rootOfLines(lines))
  t.same(first.checkpoint.root, rootOfLines(lines.slice(0, 4)))
})

t.test('a log with a new origin is signed under it, and still has to continue what was signed before', async (t) => {
  const ledger = await openLedger(t)
  const parts = { home: folderHome(temporaryFolder(t)), keys: [newKey()], keyName: 'most.example/key' }
  const before = await startKeeping(t, ledger, signingFor(t, parts))
  await recordMany(ledger, 1, 3)
  await before.signedAt(3)
  await before.stop()
  const after = await startKeeping(t, ledger, signingFor(t, { ...parts, origin: 'log.example/renamed' }))
  await eventually(async () => (await servedCheckpoint(after)).origin.startsWith('log.example/renamed/'))
  await after.untilReady(true)
  await recordMany(ledger, 4, 4)
  await after.signedAt(4)
})
