/** What docs/backups.md tells an operator to do, done with the same programs, word for word and in its order, on real servers. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTemporaryServer } from '@commitments/local-postgres'
import { eventually, temporaryFolder } from '@commitments/test-kit'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { openLedger, programs, withoutPrograms } from './drill/ledger.ts'
import { blocksOf, sh } from './support/page-commands.ts'

t.setTimeout(900_000)

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/backups.md'), 'utf8')

t.test('the tables that an archive may leave out are those whose rows a rebuild makes again', async (t) => {
  const { readModels } = await import('../scripts/drill/logical.ts')
  const named = [...page.matchAll(/--exclude-table-data='commitments\.(\w+)_\*'/g)].map(([, name]) => name)
  t.same(named, readModels)
})

t.test('every command of the page works, in its order', { skip: withoutPrograms }, async (t) => {
  const BACKUPS = temporaryFolder(t)
  spawnSync('sh', ['-c', `chmod 755 ${BACKUPS} && mkdir -m 777 ${BACKUPS}/wal`])
  const archive_command = `cp %p ${BACKUPS}/wal/%f`
  const ledger = await openLedger(t, { wal_level: 'logical', archive_mode: 'on', archive_command })
  await ledger.record('lab')
  const [roles = ''] = [...page.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, block = '']) => block)
  await ledger.asSuperuser(roles)
  const other = await startTemporaryServer()
  t.after(() => other.stop())
  const asAdmin = async (sql: string) => {
    const client = new Client({ connectionString: other.url })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await asAdmin(`CREATE ROLE commitments_owner LOGIN CREATEDB CREATEROLE PASSWORD 'another-one'`)
  await asAdmin(`CREATE DATABASE moved TEMPLATE template0 ENCODING 'UTF8'`)
  const PGSERVICEFILE = join(BACKUPS, 'services.conf')
  const section = (name: string, url: string, dbname: string) => {
    const { port, username, password } = new URL(url)
    return `[${name}]\nhost=127.0.0.1\nport=${port}\nuser=${username}\npassword=${password}\ndbname=${dbname}\n`
  }
  const withUser = (url: string, user: string, password: string) =>
    url.replace(/\/\/.*@/, `//${user}:${password}@`).replace(/\w+$/, 'restored')
  const sections = [
    section('ledger', withUser(ledger.url, 'ledger_backup', 'choose-one'), 'commitments'),
    section('other', withUser(other.url, 'commitments_owner', 'another-one'), 'postgres'),
    section('old', ledger.server.url, 'commitments'),
    section('new', other.url, 'moved'),
  ]
  writeFileSync(PGSERVICEFILE, sections.join(''), { mode: 0o600 })
  const { port, password } = new URL(ledger.server.url)
  const environment: Record<string, string> = {
    BACKUPS,
    PGSERVICEFILE,
    HOME: BACKUPS,
    PATH: [programs, join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    POSTGRES_PROGRAMS: programs ?? '',
    DATA_DIR: join(BACKUPS, 'none'),
    RESTORED_URL: withUser(other.url, 'commitments_owner', 'another-one'),
    NEW_URL: other.url.replace(/postgres$/, 'moved'),
    OLD_CONNINFO: `host=127.0.0.1 port=${port} user=postgres password=${password} dbname=commitments`,
  }
  const wanted: [part: string, printed: RegExp][] = [
    ['pg_dumpall', /^$/],
    ['--exclude-table-data', /^$/],
    ['pg_basebackup', /backup successfully verified/],
    ['pg_restore', /^CREATE DATABASE\n\{"applied":\[\],"granted":\[".*GRANT/],
    ['run --silent rebuild', /.*/],
    ['accept-restore', /everything agrees\nThe log of ledger commitments, which ends at position 1, was \S+ and is/],
    ['--until', /position 2, .*\n.*\nComplete: .*\nAuditor: +VALID.*\nIt would serve\./],
    ['CREATE SUBSCRIPTION', /^$/],
    ['accept-move', /everything agrees\nThe log \S+ is signed here from now on/],
    ['--max-age', /Last event: +position 1, .*\n.*\nComplete: .*\nAuditor: +VALID.*\nIt would serve\./],
  ]
  const blocks = blocksOf('backups.md').filter(({ language }) => language === 'sh')
  t.equal(blocks.length, wanted.length, 'no command of the page is left out')
  for (const [index, { text }] of blocks.entries()) {
    const [part, printed] = wanted[index] ?? ['', /never/]
    t.ok(text.includes(part), `${part} is the next command`)
    const done = await sh(text, root, environment)
    t.equal(done.status, 0, done.text)
    t.match(done.text, printed, part)
    if (part === 'pg_basebackup') environment['MOMENT'] = await momentBetween(ledger, join(BACKUPS, 'wal'))
    if (part === 'run --silent rebuild') await withoutReadModels(t, environment)
  }
  t.ok(existsSync(join(BACKUPS, 'roles.sql')))
})

/** An event before and one after the moment, and both in the archive. */
async function momentBetween({ record, asSuperuser }: Awaited<ReturnType<typeof openLedger>>, wal: string) {
  await record('school')
  await sleep(1_100)
  const moment = new Date().toISOString()
  await sleep(1_100)
  await record('centre')
  const before = readdirSync(wal).length
  await asSuperuser('SELECT pg_switch_wal()')
  await eventually(() => readdirSync(wal).length > before, { within: 30_000 })
  return moment
}

/** The page's restore with the archive that leaves them out: a rebuild makes them, and has nothing to ask. */
async function withoutReadModels(t: Test, environment: Record<string, string>) {
  const [restore = '', rebuild = ''] = blocksOf('backups.md')
    .filter(({ text }) => /pg_restore|run --silent rebuild/.test(text))
    .map(({ text }) => text.replaceAll('restored', 'restored_log').replace('ledger.dump', 'log.dump'))
  const own = { ...environment, RESTORED_URL: `${environment['RESTORED_URL']}_log` }
  const done = await sh(`${restore}\n${rebuild}DATABASE_URL="$RESTORED_URL" npm run --silent replay-check`, root, own)
  t.equal(done.status, 0, done.text)
  t.match(done.text, /everything agrees\n$/)
}
