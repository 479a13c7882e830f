/** Behind PgBouncer, as docs/operations.md says. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  eventually,
  freePort,
  installedAs,
  openDatabase,
  processEnvironment,
  processKey,
  proposed,
  type ServiceName,
  scriptOf,
  temporaryFolder,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const program = installedAs('pgbouncer', '/usr/sbin/pgbouncer')
const skip = program === undefined ? 'left out: PgBouncer is not installed (Debian: apt-get install pgbouncer)' : false

t.test('with session pooling and users of their own, both services work', { skip }, async (t) => {
  const environment = await startPooler(t, 'session')
  const command = await startService(t, 'command', environment)
  const projection = await startService(t, 'projection', environment)
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' }
  const record = async (id: string) => {
    const body = JSON.stringify(proposed())
    const answer = await fetch(`${command}/v1/proposals/${id}/events`, { method: 'POST', headers, body })
    return answer.status
  }
  const statuses = await Promise.all(Array.from({ length: 100 }, (_, index) => record(`p${index}`)))
  t.same(new Set(statuses), new Set([201]))
  t.equal((await fetch(`${projection}/v1/proposals/p99?atLeast=100`)).status, 200)
  for (const url of [command, projection]) {
    await eventually(async () => (await fetch(`${url}/health/ready`)).status === 200)
  }
  t.pass('both are ready')
})

t.test('with transaction pooling, the services refuse to start and say why', { skip }, async (t) => {
  const environment = await startPooler(t, 'transaction')
  for (const name of ['command', 'projection'] as const) {
    const child = fork(scriptOf(name), { env: environment, silent: true })
    t.teardown(() => child.kill('SIGKILL'))
    const said = text(child.stderr as NodeJS.ReadableStream & AsyncIterable<Buffer>)
    const [code] = await once(child, 'exit')
    t.equal(code, 1, name)
    t.match(await said, /connections to this database share sessions.*pool_mode = session/)
  }
})

async function startService(t: Test, name: ServiceName, env: Record<string, string>): Promise<string> {
  const child = fork(scriptOf(name), { env })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  return listening
}

/** PgBouncer before a new ledger, with a user for each service. */
async function startPooler(t: Test, mode: 'session' | 'transaction'): Promise<Record<string, string>> {
  const database = await openDatabase(t, { durable: true })
  const server = new URL(database.url)
  const name = server.pathname.slice(1)
  const users = { command: `${name}_command`, projection: `${name}_projection` }
  for (const [role, user] of Object.entries(users)) {
    await database.pool().query(`CREATE ROLE ${user} LOGIN PASSWORD 'pooled' IN ROLE commitments_${role};
      ALTER ROLE ${user} IN DATABASE ${name} SET search_path = commitments, pg_temp`)
  }
  const port = await freePort()
  const folder = join(temporaryFolder(t), 'pooler')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  writeFileSync(
    join(folder, 'users.txt'),
    Object.values(users)
      .map((user) => `"${user}" "pooled"\n`)
      .join(''),
  )
  const settings = [
    '[databases]',
    `${name} = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]',
    `listen_addr = 127.0.0.1`,
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${join(folder, 'users.txt')}`,
    `pool_mode = ${mode}`,
    'ignore_startup_parameters = options,extra_float_digits',
    'default_pool_size = 60',
  ]
  writeFileSync(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`)
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn(program as string, [...account, join(folder, 'pgbouncer.ini')], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  const address = (user: string) => `postgres://${user}:pooled@127.0.0.1:${port}/${name}`
  await eventually(() => canConnect(port), { within: 20_000 })
  const { DATABASE_URL: _owner, ...environment } = processEnvironment(database.url)
  return {
    ...environment,
    COMMAND_DATABASE_URL: address(users.command),
    PROJECTION_DATABASE_URL: address(users.projection),
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const [connected] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    once(socket, 'error').then(() => [false]),
  ])
  socket.destroy()
  return connected === true
}
