/** The server of the database under load: it has no connections left, it stands still. And a service that stands still. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Settings, startTemporaryServer } from '@commitments/local-postgres'
import { eventually, processEnvironment, scriptOf } from '@commitments/test-kit'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { startService } from '../scripts/start/supervisor.ts'
import { startLoad } from './crash/load.ts'
import { type System, startSystem } from './crash/system.ts'
import { firstRefusal, isProblem, isWholeAgain, more, pidsOf, stretch } from './support/outage.ts'

t.setTimeout(600_000)

async function openSystem(t: Test, settings: Settings = {}): Promise<System> {
  const system = await startSystem(() => {}, await startTemporaryServer({ settings }))
  t.teardown(() => system.stop())
  return system
}

t.test('a server without connections left: 503, and recording goes on when there are some', async (t) => {
  const system = await openSystem(t, { max_connections: 40 })
  const load = startLoad(system, { clients: 4, watchers: 1 })
  await more(load)
  const pids = pidsOf(system)
  const hogs = await takeAllConnections(t, system)
  await isProblem(t, await firstRefusal(system, 'no-connection'))
  for (const hog of hogs) await hog.end()
  await isWholeAgain(t, system, pids, [load])
})

/** Ends those of the services, and takes what is free, until theirs are gone and none is left. */
async function takeAllConnections(t: Test, { server }: System): Promise<Client[]> {
  const admin = new Client({ connectionString: server.url })
  await admin.connect()
  const hogs: Client[] = []
  const isFull = async () => {
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'commitments' AND pid <> pg_backend_pid()",
    )
    while (await takeOne(server.url, hogs)) continue
    const { rows } = await admin.query<{ others: string }>(
      "SELECT count(*) AS others FROM pg_stat_activity WHERE datname = 'commitments' AND backend_type = 'client backend'",
    )
    return Number(rows[0]?.others) === 0
  }
  await eventually(isFull, { within: 60_000 })
  t.comment(`${hogs.length} connections taken`)
  return [...hogs, admin]
}

async function takeOne(url: string, hogs: Client[]): Promise<boolean> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    hogs.push(client)
    return true
  } catch {
    return false
  }
}

t.test('a server that stands still (SIGSTOP of all its processes): 503, and it goes on where it was', async (t) => {
  const system = await openSystem(t)
  const load = startLoad(system, { clients: 4, watchers: 1 })
  await more(load)
  const pids = pidsOf(system)
  const stopped = [system.server.pid, ...childrenOf(system.server.pid)]
  for (const pid of stopped) process.kill(pid, 'SIGSTOP')
  try {
    await isProblem(t, await firstRefusal(system, 'stopped'))
  } finally {
    for (const pid of stopped.toReversed()) process.kill(pid, 'SIGCONT')
  }
  await isWholeAgain(t, system, pids, [load])
})

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | null {
  try {
    // After the name, which stands in brackets: the state, and the parent.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return null
  }
}

t.test(
  'of two command services one stands still for a while: the other records, and nothing is out of order',
  async (t) => {
    const system = await openSystem(t)
    const environment = processEnvironment(system.databaseUrl)
    const options = { name: 'command', script: scriptOf('command'), environment, say: () => {} }
    const other = await startService(options, new AbortController().signal)
    t.teardown(() => other.stop())
    const load = startLoad(system, { clients: 4, watchers: 1, name: 'first' })
    const beside = startLoad(
      { command: other, projection: system.projection },
      { clients: 4, watchers: 1, name: 'second' },
    )
    await more(beside)
    const pids = pidsOf(system)
    for (let round = 0; round < 5; round += 1) {
      process.kill(system.command.pid, 'SIGSTOP')
      const before = load.acknowledged.length
      await more(beside)
      t.ok(load.acknowledged.length - before < stretch, 'only the other one records')
      process.kill(system.command.pid, 'SIGCONT')
      await sleep(200)
    }
    await isWholeAgain(t, system, pids, [load, beside])
  },
)
