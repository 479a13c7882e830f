import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuseOldNode } from './node-version.mjs'

// npm test [-- files, folders]: every test, or the named ones, against embedded Postgres servers. Its last line is `N passed, N failed`;
// the exit status is 0 only if nothing failed. With `--coverage` or another option of tap, tap runs the files itself.

refuseOldNode()
if (process.argv.slice(2).some((one) => one === '--help' || one === '-h')) {
  console.log(
    'Usage: npm test [-- files, folders]\n' +
      'Runs every test, or the named ones, against embedded Postgres servers. With --coverage or another option of tap, tap runs the files.\n' +
      'Exit code: 0 only if nothing failed.',
  )
  process.exit(0)
}
const { startTemporaryServer } = await import('@commitments/local-postgres')
const { reportRun } = await import('./test/report.ts')
const { buildServed } = await import('./start/build.ts')

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')

/**
 * Nothing on the shared server outlives the run, so it need not survive a crash: a commit does not wait for the disk. Services that run as
 * separate processes refuse such a server; their tests use the durable one.
 */
const throwaway = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '4GB',
}

process.exitCode = await main(process.argv.slice(2))

async function main(parameters) {
  // Tests open the board in a browser, if there is one, and run the auditor's command.
  const built = buildServed(root)
  // Every test file has its own pools, and several files run at a time.
  const server = await startTemporaryServer({ settings: { max_connections: 300, ...throwaway } })
  const durable = await startTemporaryServer({ settings: { max_connections: 300 } })
  try {
    if (!(await built)) throw new Error('What is served could not be built; see above.')
    const { status, passed, failed } = await runTests(parameters, {
      TEST_DATABASE_SERVER: server.url,
      TEST_DURABLE_SERVER: durable.url,
    })
    // A run can also fail as a whole: a missing file, or a process that ended unexpectedly.
    const unexplained = status !== 0 && failed === 0 ? 1 : 0
    console.log(`${passed} passed, ${failed + unexplained} failed`)
    return status === 0 && failed > 0 ? 1 : status
  } finally {
    await Promise.all([server.stop(), durable.stop()])
  }
}

async function runTests(parameters, databaseServers) {
  const [program, ...rest] = parameters.some((one) => one.startsWith('-')) ? byTap(parameters) : byFile(parameters)
  const child = spawn(process.execPath, [program, ...rest], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...databaseServers },
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  const ended = once(child, 'close')
  const counts = await reportRun(child.stdout, (line) => console.log(line))
  const [status] = await ended
  return { status: status ?? 1, ...counts }
}

function byFile(parameters) {
  // Two hundred processes load the same sources: the first compiles them, and the others use the result.
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/compile')
  const wanted = parameters.length > 0 ? parameters : ['packages', 'services', 'tests']
  return [join(root, 'scripts/test/run-files.ts'), ...wanted.flatMap(testFiles)]
}

function byTap(parameters) {
  buildTap()
  const options = ['--reporter=tap', '--no-color']
  if (!parameters.includes('--coverage')) options.push('--disable-coverage')
  return [tap, ...options, ...parameters.filter((one) => one !== '--coverage').flatMap(testFiles)]
}

/** tap is compiled for its set of plug-ins; the first run after an installation would still use the original set. */
function buildTap() {
  const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')
  if (!readFileSync(built, 'utf8').includes('@tapjs/typescript')) return
  const { status } = spawnSync(process.execPath, [tap, 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('tap could not be built')
}

/** A folder means the test files below it. */
function testFiles(parameter) {
  if (!statSync(join(root, parameter), { throwIfNoEntry: false })?.isDirectory()) return [parameter]
  return globSync('**/*.test.ts', { cwd: join(root, parameter), exclude: ['**/node_modules'] }).map((file) =>
    join(parameter, file),
  )
}
