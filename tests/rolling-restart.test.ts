/** Two instances of each service behind a balancer are restarted one after the other, under load: no request fails. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, freePort, isInstalled, openDatabase, scriptOf } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import {
  nothingFailed,
  type Ports,
  replace,
  type StartBalancer,
  startOwnBalancer,
  startRolling,
  type Urls,
} from './upgrade/rolling.ts'

t.setTimeout(600_000)

t.test('a rolling restart behind a small balancer fails no request', (t) => restartAll(t, startOwnBalancer))

const hasHaproxy = isInstalled('haproxy', '-v')
const skip = hasHaproxy ? false : 'left out: HAProxy is not installed (Debian: apt-get install haproxy)'
t.test('a rolling restart behind HAProxy, as documented, fails no request', { skip }, (t) =>
  restartAll(t, startHaproxy),
)

async function restartAll(t: Test, startBalancer: StartBalancer): Promise<void> {
  const database = await openDatabase(t, { durable: true })
  const rolling = await startRolling(t, database.url, startBalancer, scriptOf)
  for (const { name, port } of rolling.all) await replace(t, rolling, name, port, scriptOf)
  await nothingFailed(t, rolling, database)
}

/** `docs/running/haproxy.cfg`, with the addresses of this test. */
async function startHaproxy(t: Test, ports: Ports): Promise<Urls> {
  const own = { command: await freePort(), projection: await freePort() }
  const bound = { ' :8180': own.command, ' :8181': own.projection }
  const commands = { ' 10.0.0.31:8080': ports.command[0], ' 10.0.0.32:8080': ports.command[1] }
  const projections = { ' 10.0.0.31:8081': ports.projection[0], ' 10.0.0.32:8081': ports.projection[1] }
  const text = readFileSync(new URL('../docs/running/haproxy.cfg', import.meta.url), 'utf8')
  const file = join(t.testdir(), 'haproxy.cfg')
  const replaced = Object.entries({ ...bound, ...commands, ...projections }).reduce(
    (sofar, [from, to]) => sofar.replaceAll(`${from}\n`, ` 127.0.0.1:${to}\n`),
    // No standby is here to read from.
    text.replace(/^ +server reader-1 .*\n/m, ''),
  )
  writeFileSync(file, replaced)
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  const urls = { command: `http://127.0.0.1:${own.command}`, projection: `http://127.0.0.1:${own.projection}` }
  const answers = (url: string) => fetch(`${url}/health/ready`).then(({ ok }) => ok)
  await eventually(async () => (await answers(urls.command)) && (await answers(urls.projection)), { within: 30_000 })
  return urls
}
