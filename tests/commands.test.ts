/** The commands for operators: what they say when they are asked how, and when they cannot do anything. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'

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
  /^exec node .*scripts\/[a-z-]+\.(?:ts|mjs)/.test(scripts[name] ?? ''),
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
