import { spawnSync } from 'node:child_process'
import t from 'tap'
import { createLogger } from '../src/index.ts'
import { openApp, post, secrets, writer } from './support.ts'

const completed = (lines: string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request completed')

t.test('a request is one log line, with its id, route, status, duration, key and the handler’s notes', async (t) => {
  const { app, lines } = await openApp(t)
  const answer = await post(app)
  t.match(completed(lines), [
    {
      requestId: answer.headers['x-request-id'],
      method: 'POST',
      route: '/v1/things/:thing/acts',
      status: 201,
      milliseconds: Number,
      key: 'writer',
      thing: 'alpha',
      by: 'writer',
    },
  ])
})

t.test('a valid id of the caller is kept, and an invalid one is replaced', async (t) => {
  const { app } = await openApp(t)
  const idFor = async (given: string) =>
    (await post(app, undefined, { ...writer, 'x-request-id': given })).headers['x-request-id']
  t.equal(await idFor('abc-1.2_3~'), 'abc-1.2_3~')
  for (const given of ['', 'a b', 'x'.repeat(65), 'a"b', '<script>']) {
    t.match(await idFor(given), /^[A-Za-z0-9-]{8,40}$/, given)
  }
})

t.test('neither keys nor queries reach the log, whatever happens to the request', async (t) => {
  const { app, lines } = await openApp(t, { level: 'trace' })
  await post(app)
  await post(app, '{')
  await post(app, undefined, { authorization: 'Bearer guessed-secret-4711' })
  await app.inject({
    method: 'POST',
    url: '/v1/things/secret/acts?weight=3',
    headers: writer,
    payload: '{"type":"met","day":"2024-01-01"}',
  })
  await app.inject({ url: `/nothing?key=${secrets.writer}`, headers: writer })
  await app.inject({ url: `/v1/things?limit=${secrets.writer}` })
  t.ok(lines.length >= 6)
  t.notMatch(lines.join(''), new RegExp(`${secrets.writer}|guessed-secret`))
})

t.test('no body of a request reaches the log, whether it is accepted, refused or the cause of a fault', async (t) => {
  const { app, lines } = await openApp(t, { level: 'trace' })
  const amount = { value: 'body-4711', currency: 'VND' }
  t.equal((await post(app, { type: 'paid', amount })).statusCode, 201)
  t.equal((await post(app, { type: 'paid', amount: { ...amount, currency: 'body-4711' } })).statusCode, 400)
  t.equal((await post(app, '{"type":"body-4711')).statusCode, 400)
  const url = '/v1/things/secret/acts'
  const headers = { ...writer, 'content-type': 'application/json' }
  t.equal((await app.inject({ method: 'POST', url, headers, payload: { type: 'paid', amount } })).statusCode, 500)
  t.ok(lines.length >= 4)
  t.notMatch(lines.join(''), /body-4711/)
})

t.test('a member with the name of a secret is censored even if it is logged', async (t) => {
  const lines: string[] = []
  const logger = createLogger({ name: 'x', level: 'info', stream: { write: (line) => void lines.push(line) } })
  const authorization = 'Bearer hunter2'
  logger.info({ headers: { authorization }, req: { headers: { authorization } }, config: { API_KEYS: 'hunter2' } }, 'x')
  logger.info({ authorization, secret: 'hunter2', options: { password: 'hunter2', connectionString: 'hunter2' } }, 'x')
  t.notMatch(lines.join(''), /hunter2/)
  t.match(lines.join(''), /\[redacted\]/)
})

t.test('above the level nothing is written for a successful request', async (t) => {
  const { app, lines } = await openApp(t, { level: 'warn' })
  await post(app)
  await app.inject({ url: '/nothing' })
  t.strictSame(lines, [])
})

t.test('keys that could be guessed cause a warning with their name', async (t) => {
  const { loadApiKeys } = await import('../src/index.ts')
  const { lines } = await openApp(t, { keys: loadApiKeys({ API_KEYS: 'dev:record:hunter2' }) })
  t.match(lines.join(''), /short enough to be guessed/)
  t.match(lines.join(''), /"dev"/)
  t.notMatch(lines.join(''), /hunter2/)
})

t.test('lines that were logged at the last moment are written, however the process ends', async (t) => {
  for (const end of ['', 'process.exit(3)', "throw new Error('unforeseen')"]) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', programThatLogs(end)])
    const told = stdout.toString().trim().split('\n')
    t.strictSame(
      told.map((line) => JSON.parse(line).number),
      [0, 1, 2],
      end || 'by itself',
    )
  }
})

function programThatLogs(end: string): string {
  const kit = new URL('../src/index.ts', import.meta.url).href
  return `
    const { createLogger } = await import('${kit}')
    const logger = createLogger({ name: 'x', level: 'info' })
    logger.info({ number: 0 }, 'a turn before')
    await new Promise(setImmediate)
    createLogger({ name: 'y', level: 'info' }).info({ number: 1 }, 'of another logger')
    logger.info({ number: 2 }, 'last')
    ${end}`
}
