import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuseOldNode } from './node-version.mjs'

// npm run check: all checks of the sources that do not run tests. All of them run, whichever fails.

refuseOldNode()
if (process.argv.slice(2).some((one) => one === '--help' || one === '-h')) {
  console.log(
    'Usage: npm run check\nRuns all checks of the sources that do not run tests. Exit code: 0 only if all of them hold.',
  )
  process.exit(0)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const node = process.execPath
const bin = (name) => join(root, 'node_modules/.bin', name)

const editions = ['openapi/command.json', 'openapi/projection.json']

const checks = [
  ['types', bin('tsc'), ['-p', '.']],
  ["types that the auditor's oldest Node has", bin('tsc'), ['-p', 'packages/audit-cli']],
  ['types of the board', bin('tsc'), ['-p', 'packages/board']],
  ["types of the board's tests", bin('tsc'), ['-p', 'packages/board/test']],
  ['format', bin('biome'), ['check', '.']],
  ['lint', bin('oxlint'), ['--type-aware']],
  ['schema and table types', node, ['scripts/dump-schema.ts', '--check']],
  ['OpenAPI documents', node, ['scripts/dump-openapi.ts', '--check']],
  ['types of the client', node, ['packages/client/scripts/generate-client.ts', '--check']],
  ['list of acts', node, ['scripts/generate-acts.ts', '--check']],
  ['codes of IATI', node, ['scripts/generate-iati-codes.ts', '--check']],
  ['columns of the tables', node, ['scripts/generate-tables.ts', '--check']],
  ['list of errors', node, ['scripts/generate-errors.ts', '--check']],
  // The bench has its own dependencies, which only people who run it need.
  ...(existsSync(join(root, 'bench/node_modules')) ? [['types of the bench', bin('tsc'), ['-p', 'bench']]] : []),
  [
    'OpenAPI lint',
    bin('redocly'),
    ['lint', ...editions, ...editions.map((file) => file.replace('.json', '-3.0.json'))],
  ],
]

const failed = checks
  .filter(([title, command, parameters]) => !passes(title, command, parameters))
  .map(([title]) => title)
console.log(failed.length === 0 ? 'Everything holds.' : `Does not hold: ${failed.join(', ')}.`)
process.exitCode = failed.length === 0 ? 0 : 1

function passes(title, command, parameters) {
  console.log(`— ${title}`)
  const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  return spawnSync(command, parameters, { cwd: root, stdio: 'inherit', env: environment }).status === 0
}
