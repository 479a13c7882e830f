import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { unseen } from '@commitments/event-store'
import { checkReplay, remakeTree } from '@commitments/projection'
import t from 'tap'
import { compareTree } from '../../src/transparency/compare-tree.ts'
import { judgeSigning } from '../../src/transparency/signing-health.ts'
import { type Ledger, openLedger } from '../support.ts'
import { recordMany, servedCheckpoint, startKeeping } from './support.ts'

t.setTimeout(120_000)

const timeZone = 'Asia/Ho_Chi_Minh'

async function built(t: Parameters<typeof startKeeping>[0], size: number) {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await service.applied(await recordMany(ledger, 1, size))
  await service.signedAt(size)
  return { ledger, service, pool: ledger.database.pool('projection') }
}

t.test('a tree that matches the log has no findings', async (t) => {
  const { pool } = await built(t, 600)
  t.same(await compareTree(pool), { size: 600, findings: [], found: 0 })
  t.match(await checkReplay(pool, timeZone), { found: 0, events: 600 })
})

/** The change, and the finding. */
const tamperings = {
  "UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 65) WHERE level = 0 AND index = 1": {
    what: 'tile 0/1 has a hash 2 that differs from the log',
    position: 259,
  },
  "UPDATE log_tiles SET hashes = sha256('x') || sha256('y') WHERE level = 1": {
    what: 'tile 1/0 has a hash 0 that differs from the log',
    position: 1,
  },
  'DELETE FROM log_tiles WHERE level = 0 AND index = 2': {
    what: 'tile 0/2 has a hash 0 that differs from the log',
    position: 513,
  },
  "UPDATE log_tree SET root = sha256('x')": {
    what: 'the root of the log differs from that of the stored tree of 600 events',
  },
  "UPDATE log_checkpoints SET root = sha256('x')": {
    what: 'the log does not match the signed root of its first 600 events',
  },
  "UPDATE events SET line = replace(line, 'proposed', 'rejected') WHERE position = 300": {
    what: 'tile 0/1 has a hash 43 that differs from the log',
    position: 300,
  },
  'DELETE FROM events WHERE position > 590': { what: 'the log is shorter than the tree', position: 591 },
}

for (const [statement, finding] of Object.entries(tamperings)) {
  t.test(`a difference is named, and stops a rebuild: ${statement}`, async (t) => {
    const { ledger, service, pool } = await built(t, 600)
    await service.stop()
    await tamper(ledger, statement)
    t.match((await compareTree(pool)).findings[0], finding)
    const { found, findings } = await checkReplay(pool, timeZone)
    t.ok(found > 0)
    t.ok(findings.some(({ what }) => what === `transparency log: ${finding.what}`))
    const script = new URL('../../../../scripts/rebuild.ts', import.meta.url).pathname
    const env = { ...process.env, DATABASE_URL: ledger.database.url }
    await t.rejects(promisify(execFile)(process.execPath, [script], { env }), {
      code: 2,
      stdout: new RegExp(`transparency log differs from the log in .*${finding.what}`, 's'),
    })
  })
}

async function tamper({ pool }: Ledger, statement: string): Promise<void> {
  await pool.query('ALTER TABLE events DISABLE TRIGGER ALL')
  await pool.query(statement)
  await pool.query('ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only')
}

t.test(
  'a damaged tree is rebuilt from the log, and signing continues, because it still gives the signed root',
  async (t) => {
    const { ledger, service, pool } = await built(t, 300)
    await ledger.pool.query("UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 0")
    await recordMany(ledger, 301, 301)
    await service.untilReady(false, /rebuild -- --tree/)
    t.equal((await servedCheckpoint(service)).size, 300)
    await remakeTree(pool)
    await service.signedAt(301)
    await service.untilReady(true)
    t.same((await compareTree(pool)).found, 0)
  },
)

t.test('a tree is compared while it grows', async (t) => {
  const { ledger, pool, service } = await built(t, 100)
  const writing = recordMany(ledger, 101, 900)
  for (let round = 0; round < 5; round += 1) t.same((await compareTree(pool)).findings, [])
  await writing
  await service.signedAt(900)
  t.same(await compareTree(pool), { size: 900, findings: [], found: 0 })
})

t.test('it is an alarm if no tree is built or signed for long while events wait', (t) => {
  const standing = (size: number, head: number) => ({ head, tree: { size }, signed: { size } }) as never
  const keeper = { refused: null, epoch: 1 }
  const movement = unseen()
  t.match(judgeSigning(keeper, movement, standing(5, 5), 0), { ok: true })
  t.match(judgeSigning(keeper, movement, standing(5, 6), 1_000), { ok: true })
  t.match(judgeSigning(keeper, movement, standing(5, 9), 10_999), { ok: true })
  t.match(judgeSigning(keeper, movement, standing(5, 9), 11_000), { ok: false, detail: /does not move.*5 of 9/ })
  t.match(judgeSigning(keeper, movement, standing(6, 9), 12_000), { ok: true }, 'it moves again')
  t.end()
})
