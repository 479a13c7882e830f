/** The client and the auditor's command as packages: installed from a file into an empty folder, without a registry, on each Node. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { availableNodes, temporaryFolder } from '@commitments/test-kit'
import { signingFor, startServices } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

t.setTimeout(180_000)

const run = promisify(execFile)
const root = dirname(import.meta.dirname)
/** Before a program: without what the test runner loads into every Node. */
const plainly = ['-u', 'NODE_OPTIONS']
const apiKey = 'packed-secret-0123456789'

async function install(t: Test): Promise<string> {
  const words = [...plainly, process.execPath, 'scripts/pack.ts', temporaryFolder(t)]
  const packed = (await run('env', words, { cwd: root })).stdout.trim().split('\n')
  t.equal(packed.length, 2)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...packed], {
    cwd: folder,
  })
  return folder
}

/** The program of the client's README, with the addresses of this test. */
function exampleFor(commandUrl: string, projectionUrl: string, proposalId: string): string {
  const [, program = ''] =
    /```js\n([\s\S]+?)```/.exec(readFileSync(join(root, 'packages/client/README.md'), 'utf8')) ?? []
  return program
    .replace('http://127.0.0.1:8080', commandUrl)
    .replace('http://127.0.0.1:8081', projectionUrl)
    .replaceAll('quantum-centre', proposalId)
}

t.test('the packages work in an empty folder', async (t) => {
  const folder = await install(t)
  const environment = { API_KEYS: `packed:record+read+audit:${apiKey}` }
  const { command, projection } = await startServices(t, { environment, projection: { signing: signingFor(t) } })
  const [commandUrl, projectionUrl] = await Promise.all([command.listen(), projection.listen()])

  for (const [index, node] of availableNodes().entries()) {
    const name = `the client records and reads, as its README shows, on ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`
    t.test(name, async (t) => {
      writeFileSync(join(folder, 'example.js'), exampleFor(commandUrl, projectionUrl, `centre-${index}`))
      const env = { ...process.env, COMMITMENTS_API_KEY: apiKey }
      t.equal(
        (await run('env', [...plainly, node, 'example.js'], { cwd: folder, env })).stdout,
        'version 1: proposed\n',
      )
      const again = await run('env', [...plainly, node, 'example.js'], { cwd: folder, env })
      t.match(again.stderr, /^already-proposed/, 'a refusal is a ProblemError')
    })

    t.test(
      `commitments-audit finds the log valid, with ${node === process.execPath ? 'the Node of this run' : 'an older Node'}`,
      async (t) => {
        await projection.applied(1)
        const program = join(folder, 'node_modules/.bin/commitments-audit')
        const env = { ...process.env, XDG_STATE_HOME: temporaryFolder(t) }
        const { stdout } = await run('env', [...plainly, node, program, 'verify', projectionUrl], { cwd: folder, env })
        t.match(stdout, /^VALID/m)
      },
    )
  }

  t.test('its types hold in a strict program, with an older compiler as well', async (t) => {
    const program = `
      import { createClient, type RecordOptions, ProblemError } from '@commitments/client'
      const client = createClient({ commandUrl: 'http://c', projectionUrl: 'http://p' })
      const options: RecordOptions = { idempotencyKey: 'once' }
      export const position: Promise<number> = client
        .recordEvent('p', { type: 'closed', occurredOn: null, data: {} }, options)
        .then((recorded) => recorded.position)
      // @ts-expect-error there is no such event
      export const wrong = client.recordEvent('p', { type: 'forgotten', occurredOn: null, data: {} })
      export const code = (error: unknown): string => (error instanceof ProblemError ? error.code : '')
    `
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'src/program.ts'), program)
    const words = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--lib',
      'es2022,dom,dom.iterable',
    ]
    for (const compiler of ['packages/client/node_modules/typescript', 'node_modules/typescript']) {
      const tsc = join(root, compiler, 'bin/tsc')
      const { status, stdout } = spawnSync('env', [...plainly, process.execPath, tsc, ...words, 'src/program.ts'], {
        cwd: folder,
        encoding: 'utf8',
      })
      t.equal(`${status} ${stdout}`, '0 ', compiler)
    }
  })
})
