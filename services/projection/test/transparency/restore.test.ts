import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acceptRestore, haltedState, readHalt } from '@commitments/event-store'
import { folderHome } from '@commitments/projection'
import { eventually, proposed, temporaryFolder } from '@commitments/test-kit'
import { keptFile, signingFor, testOrigin } from '@commitments/test-kit/services'
import { parseCheckpoint, parseNote } from '@commitments/transparency'
import t from 'tap'
import { type Ledger, openLedger } from '../support.ts'
import {
  backUp,
  linesOf,
  recordMany,
  restoreAfterNine,
  rootOfLines,
  servedCheckpoint,
  startKeeping,
} from './support.ts'

t.setTimeout(120_000)

/** As an operator would do it, who then starts the service again. */
async function restoredLedger(t: Parameters<typeof signingFor>[0]) {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  await restoreAfterNine(t, { ledger, signing })
  return { ledger, signing, service: await startKeeping(t, ledger, signing) }
}

function keptSize(file: string): number | undefined {
  const note = parseNote(readFileSync(file, 'utf8'))
  return typeof note === 'string' ? undefined : parseCheckpoint(note.text)?.size
}

for (const [what, position, line] of [
  ['behind a gap', 7, `'{"position":7,"slipped":"in"}'`],
  ['with a line that says another position', 6, 'line'],
] as const) {
  t.test(`an event that was inserted after the end ${what} is never signed`, async (t) => {
    const ledger = await openLedger(t)
    const service = await startKeeping(t, ledger, signingFor(t))
    await recordMany(ledger, 1, 5)
    await service.signedAt(5)
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER ALL')
    await ledger.pool.query(
      `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
       SELECT ${position}, 'slipped-in', 1, gen_random_uuid(), recorded_at, ${line} FROM events WHERE position = 5`,
    )
    await service.untilReady(false, /event after position 5 is not at 6.*replay-check/)
    t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="log-irregular"\} 1$/m)
    t.equal((await servedCheckpoint(service)).size, 5)
  })
}

t.test(
  'a database restored to an earlier state is not signed; reads continue with the alarm, and health, metric and log say so',
  async (t) => {
    const { service, ledger } = await restoredLedger(t)
    await service.untilReady(false, /9 events was signed.*ends at position 5.*accept-restore/)
    t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="file-ahead"\} 1$/m)
    t.match((await service.get('/health/ready')).json(), { status: 'ready' })
    t.equal((await service.get('/health/ready')).statusCode, 200)
    const forSigning = await service.get('/health/ready?for=signing')
    t.match(
      [forSigning.statusCode, forSigning.json()],
      [503, { checks: [{ name: 'transparency-log', ok: false, detail: /9 events was signed/ }] }],
    )
    t.match((await service.get('/metrics')).body, /^log_signing_ready 0$/m)
    const list = await service.get('/v1/proposals')
    t.match(
      { status: list.statusCode, headers: list.headers },
      { status: 200, headers: { 'log-alarm': 'signing-refused' } },
    )
    t.match((await service.get('/v1/projections')).json().alarms, [
      { alarm: 'signing-refused', detail: /^Nothing is signed: .*accept-restore/ },
    ])
    t.equal((await servedCheckpoint(service)).size, 5, 'what was signed rightly is served on')
    await t.rejects(ledger.record('again', proposed()), { code: haltedState, message: /9 events was signed/ })
    // Also if the log has grown beyond what was signed, in whatever way: by then its content differs.
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER events_halted')
    ledger.versions.clear()
    await ledger.recordAll(Array.from({ length: 8 }, (_, index) => [`again${index}`, proposed()] as const))
    await service.untilReady(false, /Up to position 9, the log differs from its signed state/)
    t.match((await service.get('/metrics')).body, /^log_signing_refused\{code="file-differs"\} 1$/m)
    t.equal((await servedCheckpoint(service)).size, 5)
  },
)

t.test('after an accepted restore another log is signed, and the fork is on record', async (t) => {
  const { service, ledger } = await restoredLedger(t)
  await service.untilReady(false)
  const { log_id: old } = (await ledger.pool.query('SELECT log_id FROM log_identity')).rows[0]
  await service.stop()
  const { logId } = await acceptRestore(ledger.pool, 'restored from the backup')
  const again = await startKeeping(t, ledger, service.signing)
  const { origin, root } = await again.signedAt(5)
  t.equal(origin, `${testOrigin}/${logId}`)
  t.same(root, rootOfLines(await linesOf(ledger)))
  await again.untilReady(true)
  await ledger.record('after', proposed())
  await again.signedAt(6)
  const { forks } = (await again.get('/v1/log/forks')).json()
  const sizes = forks.map(({ note }: { note: string }) => Number(note.split('\n')[1]))
  t.same(sizes, [5, 9], 'what the database knew, and what the file knew')
  t.match(forks, [
    { oldLogId: old, newLogId: logId, source: 'database', reason: 'restored from the backup' },
    { oldLogId: old, newLogId: logId, source: 'file' },
  ])
  t.match((await again.get('/log/checkpoint')).headers, { 'log-id': logId })
})

t.test('a log that was given another origin continues what was kept under the one before', async (t) => {
  const ledger = await openLedger(t)
  const root = temporaryFolder(t)
  const homeOf = (origin: string) => folderHome(join(root, encodeURIComponent(origin)))
  const named = (origin: string) => {
    mkdirSync(homeOf(origin).place, { recursive: true })
    return signingFor(t, { origin, home: homeOf(origin), formerHomes: (former) => [homeOf(former)] })
  }
  await restoreAfterNine(t, { ledger, signing: named('log.example/before') })
  const behind = await startKeeping(t, ledger, named('log.example/after'))
  await behind.untilReady(false, /A checkpoint of 9 events was signed/)
  await behind.stop()
  await acceptRestore(ledger.pool, 'renamed as well')
  const again = await startKeeping(t, ledger, named('log.example/after'))
  await again.signedAt(5)
  await again.stop()
  const renamed = await startKeeping(t, ledger, named('log.example/last'))
  await recordMany(ledger, 10, 10)
  t.match((await renamed.signedAt(6)).origin, /^log\.example\/last\//)
  await renamed.untilReady(true)
})

t.test('a restore while the service runs is detected', async (t) => {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await recordMany(ledger, 1, 5)
  await service.signedAt(5)
  const restore = await backUp(ledger)
  await recordMany(ledger, 6, 9)
  await service.signedAt(9)
  await restore()
  await service.untilReady(false, /9 events was signed/)
})

t.test('a log with a removed or changed tail is not continued', async (t) => {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await recordMany(ledger, 1, 5)
  await service.signedAt(5)
  await tamper(ledger, 'DELETE FROM events WHERE position = 5')
  await service.untilReady(false, /ends at position 4, but the tree has 5 leaves/)
  ledger.versions.delete('p5')
  await ledger.record('other', proposed())
  await ledger.record('another', proposed())
  await service.untilReady(false, /The event at position 5 is not the event from which the tree was built/)
  t.equal((await servedCheckpoint(service)).size, 5)
})

async function tamper({ pool }: Ledger, statement: string): Promise<void> {
  await pool.query('ALTER TABLE events DISABLE TRIGGER ALL')
  await pool.query(statement)
  await pool.query('ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only')
}

t.test('a tree that does not give the signed root is not signed', async (t) => {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await recordMany(ledger, 1, 6)
  await service.signedAt(6)
  await ledger.pool.query("UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 0")
  await recordMany(ledger, 7, 7)
  await service.untilReady(false, /does not begin with the tree of 6 leaves/)
  t.equal((await servedCheckpoint(service)).size, 6)
})

t.test('a crash between file and database leaves a file that is ahead, and signing continues', async (t) => {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  const first = await startKeeping(t, ledger, signing)
  await recordMany(ledger, 1, 5)
  const { logId } = (await first.signedAt(5)) && (await identity(ledger))
  const before = (await ledger.pool.query('SELECT * FROM log_checkpoints')).rows[0]
  await recordMany(ledger, 6, 9)
  await first.signedAt(9)
  await first.stop()
  // The commit of the last checkpoint was lost; the log, which was durable before, is complete. The tree is too, or is behind.
  await ledger.pool.query('DELETE FROM log_checkpoints')
  await ledger.pool.query(
    'INSERT INTO log_checkpoints (log_id, size, root, note, vkeys, epoch, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [before.log_id, 5, before.root, before.note, before.vkeys, before.epoch, before.published_at],
  )
  await ledger.pool.query("UPDATE log_tree SET size = 0, root = sha256(''), frontier = '', last_leaf = NULL")
  await ledger.pool.query('DELETE FROM log_tiles')
  t.equal(keptSize(keptFile(signing, logId)), 9)
  const second = await startKeeping(t, ledger, signing)
  await second.signedAt(9)
  await second.untilReady(true)
})

async function identity({ pool }: Ledger): Promise<{ logId: string }> {
  return { logId: (await pool.query('SELECT log_id FROM log_identity ORDER BY generation DESC')).rows[0].log_id }
}

t.test(
  'without the file nothing is signed on the database’s word alone, and putting the file back is enough',
  async (t) => {
    const ledger = await openLedger(t)
    const signing = signingFor(t)
    const first = await startKeeping(t, ledger, signing)
    await recordMany(ledger, 1, 5)
    await first.signedAt(5)
    await first.stop()
    const file = keptFile(signing, (await identity(ledger)).logId)
    rmSync(file)
    const second = await startKeeping(t, ledger, signing)
    await second.untilReady(false, /that would confirm it is missing/)
    await recordMany(ledger, 6, 6)
    writeFileSync(file, 'no checkpoint at all')
    await second.untilReady(false, /cannot be read as a checkpoint/)
    t.equal((await servedCheckpoint(second)).size, 5)
    writeFileSync(file, (await second.get('/log/checkpoint')).body)
    await second.signedAt(6)
    await second.untilReady(true)
  },
)

t.test('the file is on the disk before the checkpoint can be seen', async (t) => {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  const service = await startKeeping(t, ledger, signing)
  await service.signedAt(0)
  const file = keptFile(signing, (await identity(ledger)).logId)
  for (let number = 1; number <= 20; number += 1) {
    await recordMany(ledger, number, number)
    const isSigned = async () => {
      const { size } = await servedCheckpoint(service)
      t.ok((keptSize(file) ?? -1) >= size)
      return size === number
    }
    await eventually(isSigned, { within: 20_000 })
  }
})

t.test('a halt that somebody takes away is set again, as long as what stands against the log stands', async (t) => {
  const { ledger, service } = await restoredLedger(t)
  await service.untilReady(false, /9 events was signed/)
  for (let times = 0; times < 2; times += 1) {
    await ledger.database.pool('projection').query('DELETE FROM log_halts')
    await eventually(async () => /9 events was signed/.test((await readHalt(ledger.pool, 'signer')) ?? ''))
  }
  await t.rejects(ledger.record('again', proposed()), { code: haltedState })
})

/** The last event is gone, and then back; meanwhile another instance has taken over, and ended, or the epoch was put back too. */
async function cutAndMended(t: Parameters<typeof signingFor>[0], more = '') {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await recordMany(ledger, 1, 5)
  await service.signedAt(5)
  await ledger.pool.query('CREATE TABLE aside AS SELECT * FROM events WHERE position = 5')
  const change = (sql: string) =>
    ledger.pool.query(`BEGIN; ALTER TABLE events DISABLE TRIGGER ALL; ${sql};
      ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only; ALTER TABLE events ENABLE ALWAYS TRIGGER events_halted; COMMIT`)
  await change('DELETE FROM events WHERE position = 5')
  await service.untilReady(false, /The log ends at position 4, but the tree has 5/)
  await change(`INSERT INTO events SELECT * FROM aside; UPDATE log_tree SET epoch = epoch + 7; ${more}`)
  return { ledger, service }
}

t.test(
  'an instance that stands by no longer refuses when all is signed and nothing stands against it any more',
  async (t) => {
    const { service } = await cutAndMended(t, 'DELETE FROM log_halts')
    await service.untilReady(true)
  },
)

t.test('a halt ends when the log is whole again, although no event comes and nobody keeps the tree', async (t) => {
  const { ledger, service } = await cutAndMended(t)
  await eventually(async () => (await readHalt(ledger.pool)) === null, { within: 20_000 })
  await service.untilReady(true)
  await ledger.record('after', proposed())
  await service.signedAt(6)
})

t.test('an instance that stands by refuses on as long as the log differs from its tree', async (t) => {
  for (const halts of [
    'DELETE FROM log_halts',
    // The comparison of lines may have been faster than the signer.
    "DELETE FROM log_halts WHERE source = 'lines'; UPDATE log_halts SET source = 'lines'",
  ]) {
    const { service } = await cutAndMended(t, `UPDATE events SET line = line || ' ' WHERE position = 5; ${halts}`)
    await service.untilReady(false, /The event at position 5 is not the event from which the tree was built/)
  }
})
