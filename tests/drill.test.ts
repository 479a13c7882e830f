/** `npm run drill`, with real servers, real backups and the auditor's command. */
import { spawnSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@commitments/event-store'
import { ensureDatabase, startServer } from '@commitments/local-postgres'
import { temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { takeBaseBackup } from '../scripts/drill/physical.ts'
import { drill, openLedger, startDrill } from './drill/ledger.ts'

t.setTimeout(600_000)

const unchecked = new AbortController().signal

t.test(
  'a base backup of a ledger is taken over the network, restored, served and found valid; nothing is left behind',
  async (t) => {
    const { server, url, record } = await openLedger(t)
    await record('lab')
    await record('school')
    const refused = await drill(t, { DATABASE_URL: url }, '--physical')
    t.match(refused, { status: 1, remarked: /base backup.*REPLICATION.*pg_hba\.conf/ }, 'the owner has not the right')
    const superuser = server.url.replace(/postgres$/, 'commitments')
    const drilled = await drill(t, { DATABASE_URL: superuser }, '--physical', '--json')
    t.equal(drilled.status, 0, drilled.said + drilled.remarked)
    t.match(JSON.parse(drilled.said), {
      serves: 'yes',
      reasons: [],
      backup: { kind: 'base backup', path: null },
      position: 2,
      signedSize: 2,
      complete: { behind: 0 },
      alarms: [],
      auditor: { outcome: 'valid', keyGiven: false },
    })
    t.same(drilled.left, [])
    const { password } = new URL(superuser)
    t.notMatch(drilled.said + drilled.remarked + refused.remarked, password)
  },
)

t.test('the drill says in a sentence what is missing', async (t) => {
  const { url, asSuperuser, record } = await openLedger(t)
  await record('lab')
  t.match(await drill(t, {}), { status: 78, remarked: /Set DATABASE_URL/ })
  t.match(await drill(t, { DATABASE_URL: 'postgres://127.0.0.1:9/x' }), {
    status: 1,
    remarked: /cannot be reached: .*ECONNREFUSED/,
  })
  const empty = temporaryFolder(t)
  t.match(await drill(t, { DATABASE_URL: url, POSTGRES_PROGRAMS: empty }), {
    status: 1,
    remarked: /pg_dump was not found in POSTGRES_PROGRAMS \(.*\)\. Install the client programs of Postgres 18/,
  })
  writeFileSync(join(empty, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 15.20"\n', { mode: 0o755 })
  t.match(await drill(t, { DATABASE_URL: url, POSTGRES_PROGRAMS: empty }), {
    status: 1,
    remarked: /pg_dump is too old: .* is of version 15, and version 18 or later is needed/,
  })
  t.match(await drill(t, { DATABASE_URL: url, LEDGER_SCHEMA: 'other' }), {
    status: 1,
    remarked: /no ledger other in this database/,
  })
  await asSuperuser(`CREATE ROLE reader LOGIN PASSWORD 'word'`)
  await asSuperuser('GRANT CONNECT ON DATABASE commitments TO reader')
  const asReader = new URL(url)
  asReader.username = 'reader'
  asReader.password = 'word'
  t.match(await drill(t, { DATABASE_URL: asReader.href }), { status: 1, remarked: /GRANT pg_read_all_data/ })
  const small = temporaryFolder(t)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', small]).status === 0
  t.after(() => spawnSync('umount', [small]))
  if (mounted)
    t.match(await drill(t, { DATABASE_URL: url, TMPDIR: small }), {
      status: 1,
      remarked: /not enough room in .* MB are free\. Set TMPDIR/,
      left: [],
    })
  else t.comment('this account may not mount a small disk')
  for (const [given, rule] of [
    [['--from=x', '--physical'], /--from stands alone/],
    [['--wal=x'], /add --from/],
    [['--from=x', '--until=2026-11-29T10:00:00Z'], /--wal or --restore-command/],
    [['--from=x', '--wal=y', '--until=soon'], /--until is a time/],
    [['--max-age=none'], /--max-age is a number/],
    [['--physical', '--without-read-models'], /has everything/],
    [['--form=x'], /Unknown option '--form'/],
  ] as const)
    t.match(await drill(t, { DATABASE_URL: url }, ...given), { status: 1, remarked: rule })
})

t.test('a ledger whose log was changed, and the backup of another ledger, are refused', async (t) => {
  const { server, url, record, asSuperuser } = await openLedger(t)
  await record('lab')
  await record('school')
  const base = temporaryFolder(t)
  const other = await openLedger(t)
  await other.record('lab')
  await takeBaseBackup(other.server.url, base, 1e9, unchecked)
  t.match(await drill(t, { DATABASE_URL: url }, `--from=${base}`), {
    status: 2,
    said: /NOT serve\. It is of another ledger: its Log-Id/,
  })
  await asSuperuser(
    `SET session_replication_role = replica; ALTER TABLE events DISABLE TRIGGER USER;
     UPDATE events SET line = replace(line, '"title"', '"title" ') WHERE position = 1; ALTER TABLE events ENABLE TRIGGER USER`,
  )
  const superuser = server.url.replace(/postgres$/, 'commitments')
  t.match(await drill(t, { DATABASE_URL: superuser }, '--physical'), {
    status: 2,
    said: /Auditor: +INVALID.*\nIt would NOT serve\. INVALID/,
  })
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'ledger.sql'), '-- PostgreSQL database dump\n')
  t.match(await drill(t, {}, `--from=${join(folder, 'ledger.sql')}`), {
    status: 2,
    remarked: /neither an archive of pg_dump .*script of SQL/,
  })
  t.match(await drill(t, {}, `--from=${join(folder, 'none')}`), { status: 1, remarked: /There is no / })
})

t.test('the ledger of npm start is drilled without DATABASE_URL, whether it runs or not', async (t) => {
  const DATA_DIR = temporaryFolder(t)
  spawnSync('chmod', ['755', DATA_DIR])
  const server = await startServer({ dataDirectory: join(DATA_DIR, 'postgres') })
  await migrate(await ensureDatabase(server.url, 'commitments'), { ledger: 'commitments' })
  const running = await drill(t, { DATA_DIR })
  t.match(running, { status: 0, said: /Last event: none\n.*\nComplete: +it has all 0 events/, left: [] })
  await server.stop()
  const copy = temporaryFolder(t)
  cpSync(join(DATA_DIR, 'postgres'), copy, { recursive: true })
  t.match(await drill(t, { DATA_DIR }), { status: 0, remarked: /Starting the Postgres of npm start/ })
  t.match(await drill(t, {}, `--from=${copy}`), { status: 0 }, 'a copy of the folder of a server that was stopped')
})

t.test('a drill that is told to stop leaves nothing behind', async (t) => {
  const { server, record } = await openLedger(t)
  await record('lab')
  const DATABASE_URL = server.url.replace(/postgres$/, 'commitments')
  for (const step of ['Taking', 'Recovering', 'Serving']) {
    const { child, ended } = startDrill(t, { DATABASE_URL }, '--physical')
    child.stderr.on('data', (data: Buffer) => {
      if (String(data).includes(step)) child.kill('SIGTERM')
    })
    t.match(await ended, { status: 143, said: '', left: [] }, step)
  }
})
