import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@commitments/test-kit'
import { Client } from 'pg'
import t from 'tap'
import { startLoad } from './crash/load.ts'
import { startSystem } from './crash/system.ts'
import { firstRefusal, isProblem, isWholeAgain, more, pidsOf } from './support/outage.ts'

t.setTimeout(600_000)

const mayMount =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0
const skip = mayMount ? false : 'left out: a file system of its own for the database needs root on Linux'

t.test('a full disk: 503, and recording goes on when there is room', { skip }, async (t) => {
  const script = join(import.meta.dirname, 'full-disk/disk-server.ts')
  const child = spawn('unshare', ['--mount', process.execPath, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ url, pid }] = (await once(child, 'message')) as [{ url: string; pid: number }]
  const system = await startSystem(() => {}, { url, pid, stop: () => tell(child, 'stop') })
  t.teardown(() => system.stop())
  const load = startLoad(system, { clients: 4, watchers: 1 })
  await more(load)
  const pids = pidsOf(system)
  await tell(child, 'fill')
  await isProblem(t, await firstRefusal(system, 'full'))
  await tell(child, 'free')
  // Postgres ends itself where there is no room for its write-ahead log; whoever runs it starts it again.
  const isUp = await answersAgain(url)
  t.comment(isUp ? 'the server went on by itself' : 'the server had ended and is started again')
  if (!isUp) await tell(child, 'restart')
  await isWholeAgain(t, system, pids, [load])
})

async function tell(child: ChildProcess, what: string): Promise<void> {
  child.send(what)
  await once(child, 'message')
}

async function answersAgain(url: string): Promise<boolean> {
  await sleep(1_000)
  const look = async () => {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    await client.end()
  }
  return eventually(look, { within: 10_000 }).then(
    () => true,
    () => false,
  )
}
