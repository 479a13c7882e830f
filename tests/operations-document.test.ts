/** What docs/operations.md tells an operator to do, done word for word; and its tables of checks and codes are those of the code. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { startTemporaryServer } from '@commitments/local-postgres'
import { freePort, isInstalled, temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { blocksOf, sh } from './support/page-commands.ts'

t.setTimeout(600_000)

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('docs/operations.md')
const night = page.slice(page.indexOf('## The bad night'))

t.test('the bad night knows every check of /health/ready and every reason not to sign', async (t) => {
  const inRows = new Set(
    [...night.matchAll(/^\| (.*?) \|/gm)].flatMap(([, first = '']) =>
      [...first.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
    ),
  )
  const sources = globSync(
    ['services/{command,projection}/src/**/*.ts', 'packages/{event-store,http-kit}/src/**/*.ts'],
    { cwd: root },
  )
  const checks = sources.flatMap((file) =>
    [...read(file).matchAll(/\bname: '([a-z-]+)',(?=[^{}]*(?:\bcheck\b|isAlarm|\bok: false))/g)].map(
      ([, name = '']) => name,
    ),
  )
  const codes = [
    ...(
      /type RefusalCode =([\s\S]*?)\n\n/.exec(read('services/projection/src/transparency/refusals.ts'))?.[1] ?? ''
    ).matchAll(/'([a-z-]+)'/g),
  ]
  const { projectionNames } = await import('@commitments/projection/maintenance')
  t.ok(checks.length >= 14, `${checks.length} checks were found`)
  t.ok(codes.length >= 14, `${codes.length} codes were found`)
  for (const name of [...checks, ...projectionNames, ...codes.map(([, code = '']) => code)])
    t.ok(inRows.has(name), name)
})

const missing = ['psql', 'openssl', 'curl'].filter(
  (program) => !isInstalled(program, program === 'openssl' ? 'version' : '--version'),
)

t.test(
  'every command of the page works, in its order',
  { skip: missing.length > 0 && `there is no ${missing.join(', ')}` },
  async (t) => {
    const server = await startTemporaryServer()
    t.after(() => server.stop())
    const ETC = temporaryFolder(t)
    const { port, password } = new URL(server.url)
    const PGSERVICEFILE = join(ETC, 'services.conf')
    writeFileSync(
      PGSERVICEFILE,
      `[admin]\nhost=127.0.0.1\nport=${port}\nuser=postgres\npassword=${password}\ndbname=postgres\n`,
      { mode: 0o600 },
    )
    const as = (user: string) => `postgres://commitments_${user}:${user}-word@127.0.0.1:${port}/commitments`
    const environment = {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: ETC,
      PGSERVICEFILE,
      ETC,
      DATA_DIR: join(ETC, 'none'),
      OWNER_URL: as('owner'),
      COMMAND_URL: as('command'),
      PROJECTION_URL: as('projection'),
      ADMIN_URL: server.url.replace(/postgres$/, 'commitments'),
      COMMAND_PORT: String(await freePort()),
      PROJECTION_PORT: String(await freePort()),
    }
    const wanted: [part: string, printed: RegExp][] = [
      ['CREATE DATABASE commitments', /^$/],
      ['run --silent migrate', /"applied":\["0001_\w+",/],
      ['make-key', /^$/],
      ['services/projection/src/main.ts', /"status":"ready".*"status":"ready"/s],
      ['drill', /Last event: +none[\s\S]*\nIt would serve\./],
    ]
    const blocks = blocksOf('operations.md').filter(({ language }) => language === 'sh')
    t.equal(blocks.length, wanted.length, 'no command of the page is left out')
    for (const [index, { text }] of blocks.entries()) {
      const [part, printed] = wanted[index] ?? ['', /never/]
      t.ok(text.includes(part), `${part} is the next command`)
      const isServing = part.startsWith('services/')
      // The services go on when the shell has ended.
      const done = await sh(isServing ? `${text}\njobs -p > "$ETC/running"` : text, root, environment)
      if (isServing) t.after(() => spawnSync('sh', ['-c', `kill $(cat ${ETC}/running)`]))
      t.equal(done.status, 0, done.text)
      t.match(done.text, printed, part)
    }
    const keys = JSON.parse(readFileSync(join(ETC, 'api-keys.json'), 'utf8')) as object
    t.match(keys, [{ name: 'most-registry', scopes: ['record', 'read', 'audit'] }])
  },
)
