import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'

/** A service in a separate process; `slow` requests take a second. */
async function start(
  t: Test,
  mode = 'orderly',
  keyFile = '',
): Promise<{ child: ChildProcess; port: number; output: Promise<string> }> {
  const child = fork(new URL('service-for-tests.ts', import.meta.url), [mode, keyFile], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  const output = text(child.stdout as NodeJS.ReadableStream & AsyncIterable<Buffer>)
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { child, port: Number(new URL(url).port), output }
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

t.test('on SIGTERM running requests are finished, then the rest is closed, and the process exits with 0', async (t) => {
  const { child, port, output } = await start(t)
  const socket = connect(port, '127.0.0.1')
  socket.write(request('/slow'))
  const answer = text(socket)
  await once(child, 'message')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.match(await answer, /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*slowly/i)
  t.match(await output, /"stopping"[\s\S]*closed what it had opened[\s\S]*"stopped"/)
})

t.test('an idle connection does not delay the end, and new ones are refused', async (t) => {
  const { child, port } = await start(t)
  const socket = connect(port, '127.0.0.1')
  socket.write(request('/health/live'))
  await once(socket, 'data')
  const began = Date.now()
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  // Otherwise it would be kept for the 72 seconds that a connection may be idle.
  t.ok(Date.now() - began < 36_000)
  await t.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
})

t.test('on SIGHUP the key file is read again, and the service continues', async (t) => {
  const keyFile = join(t.testdir(), 'keys.json')
  writeFileSync(keyFile, '[]', { mode: 0o600 })
  const { child, port, output } = await start(t, 'orderly', keyFile)
  child.kill('SIGHUP')
  const socket = connect(port, '127.0.0.1')
  socket.write(request('/slow'))
  await once(child, 'message')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.match(await output, /"the key file was read again"/)
})

t.test('a second signal ends at once', async (t) => {
  const { child } = await start(t, 'stuck')
  child.kill('SIGTERM')
  await once(child, 'message')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 1)
})

t.test(
  'with a delay, SIGTERM first makes the service unready; it serves until a second signal, and closes each connection',
  async (t) => {
    const { child, port, output } = await start(t, 'delayed')
    const ask = async (path: string) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(request(path))
      return text(socket)
    }
    child.kill('SIGTERM')
    const ready = await ask('/health/ready')
    t.match(ready, /^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"shutdown"/i)
    t.match(ready, /send requests to another instance/)
    t.match(await ask('/slow'), /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*slowly/i, 'it still serves')
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    t.equal(code, 0)
    t.match(await output, /"not ready any more; stopping after the delay"[\s\S]*"stopping"[\s\S]*"stopped"/)
  },
)

t.test('Ctrl-C does not wait for a balancer', async (t) => {
  const { child, output } = await start(t, 'delayed')
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.notMatch(await output, /after the delay/)
})

t.test('the service ends when its parent goes away', async (t) => {
  const { child } = await start(t)
  child.disconnect()
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})
