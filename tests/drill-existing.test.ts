/** `npm run drill` with backups that exist, and with archives: real servers, real backups and the auditor's command. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '@commitments/local-postgres'
import { eventually, temporaryFolder } from '@commitments/test-kit'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { takeBaseBackup } from '../scripts/drill/physical.ts'
import { drill, openLedger, programs, withoutPrograms } from './drill/ledger.ts'

t.setTimeout(600_000)

const unchecked = new AbortController().signal

t.test(
  'a base backup that exists is recovered from the archived WAL to its end or to a moment, and compared with the ledger',
  async (t) => {
    const wal = temporaryFolder(t)
    // The server runs as another account, and so does the one that recovers.
    spawnSync('chmod', ['777', wal])
    const { server, url, record, asSuperuser } = await openLedger(t, {
      archive_mode: 'on',
      archive_command: `cp %p ${wal}/%f`,
    })
    await record('lab')
    const base = temporaryFolder(t)
    await takeBaseBackup(server.url, base, 1e9, unchecked)
    await record('school')
    await sleep(1_100)
    const moment = new Date().toISOString()
    await sleep(1_100)
    const last = await record('centre')
    await asSuperuser('SELECT pg_switch_wal()')
    await eventually(() => readdirSync(wal).filter((name) => /^[0-9A-F]{24}$/.test(name)).length >= 3, {
      within: 30_000,
    })
    const from = `--from=${base}`
    const alone = await drill(t, { DATABASE_URL: url }, from)
    t.match(alone, {
      status: 0,
      said: /Complete: +it lacks the last 2 of the ledger’s 3 events, those since .*\n.*VALID/,
    })
    t.match(alone.said, /Backup: +base backup .*taken at \d{4}-/)
    const whole = await drill(t, { DATABASE_URL: url }, from, `--wal=${wal}`, '--json')
    t.equal(whole.status, 0, whole.said + whole.remarked)
    t.match(JSON.parse(whole.said), { position: last, signedSize: last, complete: { behind: 0 } })
    const earlier = await drill(t, {}, from, `--restore-command=cp ${wal}/%f %p`, `--until=${moment}`, '--json')
    t.match(JSON.parse(earlier.said), {
      serves: 'yes',
      position: 2,
      complete: { sentence: /not compared with the ledger/, behind: null },
    })
    t.match(await drill(t, {}, from, `--wal=${wal}`, '--until=2100-01-01T00:00:00Z'), {
      status: 2,
      remarked: /would NOT serve\. Postgres could not recover the backup: .*recovery target/,
    })
    t.ok(existsSync(join(base, 'backup_label')), 'the backup stays as it is')
    const files = readdirSync(base)
    const packed = temporaryFolder(t)
    t.equal(spawnSync('tar', ['-czf', join(packed, 'base.tar.gz'), '-C', base, ...files]).status, 0)
    t.match(await drill(t, { DATABASE_URL: url }, `--from=${packed}`), { status: 0, said: /lacks the last 2/ })
    t.match(await drill(t, { DATABASE_URL: url }, `--from=${packed}`, '--max-age=0.001'), {
      status: 2,
      said: /NOT serve\. It is older than 0\.001 hours/,
    })
    rmSync(join(base, 'global', 'pg_control'))
    t.match(await drill(t, {}, from), {
      status: 2,
      remarked: /would NOT serve\. Postgres could not recover the backup: .*pg_control/,
    })
  },
)

t.test(
  'an archive of pg_dump is restored, with or without read models, on a temporary server or on one that is named',
  { skip: withoutPrograms },
  async (t) => {
    const { url, server, record, asSuperuser } = await openLedger(t)
    await record('lab')
    const own = { POSTGRES_PROGRAMS: programs ?? '' }
    const drilled = await drill(t, { ...own, DATABASE_URL: url }, '--json')
    t.equal(drilled.status, 0, drilled.said + drilled.remarked)
    t.match(JSON.parse(drilled.said), {
      backup: { kind: 'pg_dump' },
      position: 1,
      rebuilt: [],
      alarms: [],
      complete: { behind: 0 },
    })
    const without = await drill(t, { ...own, DATABASE_URL: url }, '--without-read-models')
    t.match(without, { status: 0, said: /made again from the log: proposal-status, proposal-moments/, left: [] })
    const folder = temporaryFolder(t)
    const file = join(folder, 'ledger.dump')
    for (const [form, path] of [
      ['custom', file],
      ['directory', join(folder, 'ledger')],
    ] as const) {
      const { status, stderr } = spawnSync(join(programs ?? '', 'pg_dump'), [`--format=${form}`, '--file', path, url], {
        encoding: 'utf8',
      })
      t.equal(status, 0, stderr)
      t.match(
        await drill(t, own, `--from=${path}`),
        { status: 0, said: /Backup: +pg_dump .*taken at \d{4}-\d\d-\d\dT/ },
        form,
      )
    }
    await asSuperuser(`CREATE ROLE driller LOGIN CREATEDB CREATEROLE PASSWORD 'word'`)
    const target = await openTarget(t)
    const beside = await drill(t, { ...own, DRILL_DATABASE_URL: target.url, DATABASE_URL: url }, `--from=${file}`)
    t.match(beside, { status: 0, said: /Restored: +on a database of its own at DRILL_DATABASE_URL/, left: [] })
    t.same(await target.left(), { databases: ['postgres'], roles: ['driller'] })
    const same = new URL(server.url)
    same.username = 'driller'
    same.password = 'word'
    const onSame = { ...own, DRILL_DATABASE_URL: same.href, DATABASE_URL: url }
    t.match(await drill(t, onSame), {
      status: 1,
      remarked: /roles commitments_command, .* already: GRANT .* TO its user/,
    })
    await asSuperuser('GRANT commitments_command, commitments_projection TO driller')
    t.match(await drill(t, onSame), { status: 0 }, 'on the server of the ledger itself')
    t.match(await drill(t, { ...own, LEDGER_SCHEMA: 'other' }, `--from=${file}`), {
      status: 2,
      remarked: /no ledger other\. It has the ledger commitments/,
    })
    spawnSync('truncate', ['-s', '-2000', file])
    t.match(await drill(t, own, `--from=${file}`), { status: 2, remarked: /would NOT serve\./ })
  },
)

async function openTarget(t: Test) {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'server'))
  spawnSync('chmod', ['-R', '755', folder])
  const server = await startServer({ dataDirectory: join(folder, 'server') })
  t.after(() => server.stop())
  const client = new Client({ connectionString: server.url })
  await client.connect()
  t.after(() => client.end())
  await client.query(`CREATE ROLE driller LOGIN CREATEDB CREATEROLE PASSWORD 'word'`)
  await client.query('CREATE DATABASE commitments_drill_1_1 OWNER driller')
  const url = new URL(server.url)
  url.username = 'driller'
  url.password = 'word'
  const namesOf = async (sql: string) => (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)
  return {
    url: url.href,
    left: async () => ({
      databases: await namesOf('SELECT datname AS name FROM pg_database WHERE NOT datistemplate'),
      roles: await namesOf(`SELECT rolname AS name FROM pg_roles WHERE rolname !~ '^(pg_|postgres)'`),
    }),
  }
}
