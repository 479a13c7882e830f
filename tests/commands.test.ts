/** The commands for operators: what they say when they are asked how, and when they cannot do anything. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { migrate } from '@commitments/event-store'
import { openDatabase, temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { startDatabase } from '../scripts/start/database.ts'

t.setTimeout(120_000)

const root = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** Runs what `npm run <name>` runs, without anything of this environment but PATH. */
async function run(name: string, given: readonly string[], environment: Record<string, string> = {}) {
  const [, command = ''] = /^exec node (.+)$/.exec(scripts[name] ?? '') ?? []
  const child = spawn(process.execPath, [...command.split(' '), ...given], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...environment },
  })
  const [said, remarked, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status, said, remarked }
}

const commands = Object.keys(scripts).filter((name) =>
  /^exec node .*(?:scripts\/[a-z-]+\.(?:ts|mjs)|relay\/src\/main\.ts)/.test(scripts[name] ?? ''),
)
/** They make files, or print one value, and take no parameters. */
const withoutHelp = new Set(['build', 'commit'])

t.test('--help and -h say how a command is used, and nothing is done', async (t) => {
  const asked = commands.filter((name) => !withoutHelp.has(name)).map((name) => [name, '--help'] as const)
  for (const [name, option] of [...asked, ['rebuild', '-h'] as const]) {
    const { status, said, remarked } = await run(name, [option])
    t.same({ status, remarked }, { status: 0, remarked: '' }, name)
    t.match(said, new RegExp(`^Usage: npm (?:run )?(?:--silent )?${name === 'dev' ? 'start' : name}`))
  }
})

t.test('a reader that has read enough, such as head, breaks no command', async (t) => {
  const child = spawn(process.execPath, ['scripts/iati-check.ts', 'package.json', 'package.json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  const [remarked, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.same({ status, remarked }, { status: 1, remarked: '' }, 'two files that are not IATI')
})

t.test('an option that a command does not have is answered with its usage', async (t) => {
  for (const name of ['migrate', 'rebuild', 'replay-check', 'accept-restore', 'make-key', 'sbom', 'soak']) {
    const { status, said, remarked } = await run(name, ['--no-such-option'])
    t.not(status, 0, name)
    t.equal(said, '')
    t.match(remarked, /no-such-option[^]*Usage: npm/, name)
    t.notMatch(remarked, / at .*\.ts:/, name)
  }
})

t.test('a command whose ledger is not there says so in a sentence, with what to do next', async (t) => {
  const { url } = await openDatabase(t, { migrated: false })
  const environment = { DATABASE_URL: url, LEDGER_SCHEMA: `nowhere_${process.pid}` }
  for (const [name, ...given] of [['rebuild'], ['replay-check'], ['accept-restore', '--reason', 'restored']] as const) {
    const { status, remarked } = await run(name, given, environment)
    t.equal(status, 1, name)
    t.match(
      remarked,
      name === 'accept-restore'
        ? /there is no such ledger.*npm run migrate/
        : /role "nowhere_\d+_projection" does not exist.*npm run migrate/,
    )
    t.notMatch(remarked, /\n +at /, name)
  }
})

t.test(
  'without DATABASE_URL a command works on the Postgres of npm start, while that runs and after it was stopped',
  async (t) => {
    const folder = temporaryFolder(t)
    // The account that runs Postgres has to enter it.
    chmodSync(folder, 0o755)
    const environment = { DATA_DIR: folder }
    const reason = ['--reason', 'the disk was lost']
    t.match(await run('accept-restore', reason, environment), {
      status: 78,
      remarked: /^Set DATABASE_URL .* embedded Postgres of npm start is used, which is not in .*\(DATA_DIR\)\./,
    })
    const database = await startDatabase(folder, () => {})
    await migrate(database.url, { ledger: 'commitments' })
    t.match(await run('replay-check', [], environment), { status: 0, said: /everything agrees/ })
    await database.stop()
    for (const [name, given, said] of [
      ['accept-restore', reason, /The log of ledger commitments, .* is [0-9a-f-]{36} now\./],
      ['replay-check', [], /everything agrees/],
      ['rebuild', [], /proposal-status: generation \d+ is live/],
      ['migrate', [], /"applied":\[\]/],
    ] as const)
      t.match(
        await run(name, given, environment),
        { status: 0, said, remarked: /^Starting the Postgres of npm start/ },
        name,
      )
    t.match(await run('accept-move', reason, environment), { status: 3, remarked: /was signed nowhere so far/ })
  },
)
