import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuseOldNode } from './node-version.mjs'

// npm test [-- files, folders and options of tap]: every test, or the named ones, against embedded Postgres servers. Its last line is
// `N passed, N failed`; the exit status is 0 only where nothing failed. `--coverage` measures coverage as well.

refuseOldNode()
const { startTemporaryServer } = await import('@commitments/local-postgres')
const { reportRun } = await import('./test/report.ts')

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')

/**
 * Nothing on the shared server outlives the run, so it need not survive a crash: a commit does not wait for the disk. The services refuse
 * such a server where they start as processes of their own; those tests use the durable one.
 */
const throwaway = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '4GB',
}

buildTap()
process.exitCode = await main(process.argv.slice(2))

/** tap is compiled for its set of plug-ins; the first run after an installation would still use the set it came with. */
function buildTap() {
  const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')
  if (!readFileSync(built, 'utf8').includes('@tapjs/typescript')) return
  const { status } = spawnSync(process.execPath, [tap, 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('tap could not be built')
}

async function main(parameters) {
  // Every test file has pools of its own, and several files run at a time.
  const server = await startTemporaryServer({ settings: { max_connections: 300, ...throwaway } })
  const durable = await startTemporaryServer({ settings: { max_connections: 300 } })
  try {
    const { status, passed, failed } = await runTap(parameters, {
      TEST_DATABASE_SERVER: server.url,
      TEST_DURABLE_SERVER: durable.url,
    })
    // A run can also fail as a whole: a file that is not there, a process that died.
    const unexplained = status !== 0 && failed === 0 ? 1 : 0
    console.log(`${passed} passed, ${failed + unexplained} failed`)
    return status === 0 && failed > 0 ? 1 : status
  } finally {
    await Promise.all([server.stop(), durable.stop()])
  }
}

async function runTap(parameters, databaseServers) {
  const wanted = parameters.filter((parameter) => parameter !== '--coverage').flatMap(testFiles)
  const options = ['--reporter=tap', '--no-color']
  if (!parameters.includes('--coverage')) options.push('--disable-coverage')
  const child = spawn(process.execPath, [tap, ...options, ...wanted], {
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

/** A folder stands for the test files below it. */
function testFiles(parameter) {
  if (!statSync(join(root, parameter), { throwIfNoEntry: false })?.isDirectory()) return [parameter]
  return globSync('**/*.test.ts', { cwd: join(root, parameter) }).map((file) => join(parameter, file))
}
