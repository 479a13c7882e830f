/** Reading from standbys: two of them stream from a primary, as in production. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { acceptRestore, migrate, openPool } from '@commitments/event-store'
import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import {
  agreed,
  eventually,
  pauseReplay,
  processEnvironment,
  processKey,
  promote,
  proposed,
  scriptOf,
  startStandby,
  type TestDatabase,
  tcpProxy,
} from '@commitments/test-kit'
import {
  type ProjectionOptions,
  signingFor,
  startCommand,
  startProjection,
  type TestProjection,
  type TestService,
} from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

t.setTimeout(180_000)

const admin = { authorization: `Bearer ${processKey}` }
const keys = { API_KEYS: `process:record+read+audit+admin:${processKey}` }

interface Cluster {
  readonly primary: LocalServer
  readonly standbys: readonly [LocalServer, LocalServer]
  readonly command: TestService
  /** Applies and signs on the primary. */
  readonly projection: TestProjection
  readonly signing: NonNullable<ProjectionOptions['signing']>
  /** Records an event; returns its position. */
  record(proposalId: string, body: object): Promise<number>
}

async function startCluster(t: Test): Promise<Cluster> {
  const primary = await startTemporaryServer()
  t.teardown(() => primary.stop())
  await migrate(primary.url, { ledger: 'commitments' })
  const standbys = [await startStandby(t, primary), await startStandby(t, primary)] as const
  const command = await startCommand(t, on(primary), { environment: keys })
  const signing = signingFor(t)
  const projection = await startProjection(t, on(primary), { environment: keys, signing })
  const record = async (proposalId: string, body: object) => {
    const url = `/v1/proposals/${proposalId}/events`
    const answer = await command.app.inject({ method: 'POST', url, headers: admin, payload: body })
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return Number(answer.headers['log-position'])
  }
  return { primary, standbys, command, projection, signing, record }
}

function on({ url }: { url: string }): TestDatabase {
  return { url, ledger: 'commitments' } as TestDatabase
}

function startReader(t: Test, place: { url: string }, options: ProjectionOptions = {}): Promise<TestProjection> {
  const environment = { ...keys, PROJECTION_MODE: 'read' }
  return startProjection(t, on(place), { environment, patience: 1_000, ...options })
}

const cluster = await startCluster(t)
const [first, second] = cluster.standbys

t.test('an instance that only reads serves everything from a standby', async (t) => {
  const position = await cluster.record('lab', proposed())
  await cluster.record('lab', agreed())
  await eventually(async () => (await cluster.projection.get('/log/checkpoint')).body.split('\n')[1] === '2')
  const reader = await startReader(t, first)
  await reader.applied(2)
  const paths = [
    '/v1/proposals/lab',
    '/v1/proposals?stage=agreed',
    '/v1/proposals?asOf=2030-01-01',
    '/v1/proposals?format=csv',
    '/v1/proposals/lab?knownAtPosition=1',
    '/v1/proposals/lab/events?proof=true',
    '/v1/proposals/lab/changes',
    '/v1/portfolio',
    '/v1/portfolio/series',
    '/v1/parties',
    '/v1/changes',
    '/v1/calendar.ics',
    '/v1/activity.atom',
    '/v1/tables/events',
    '/v1/tables/proposals?asOf=2030-01-01',
    '/v1/tables/workbook.xlsx',
    '/v1/events',
    '/v1/projections',
    '/v1/log/proofs/inclusion?position=1',
    '/v1/log/forks',
    '/log/checkpoint',
    '/log/vkey',
    '/log/tile/0/000.p/2',
    '/log/tile/entries/000.p/2',
    '/',
    '/metrics',
    '/openapi.json',
    '/openapi-3.0.json',
  ]
  for (const path of paths) t.equal((await reader.get(path, admin)).statusCode, 200, path)
  const lines = await reader.get('/v1/events', { accept: 'application/x-ndjson', ...admin })
  t.equal(lines.body.trim().split('\n').length, 2)
  t.equal((await reader.get(`/v1/proposals/lab?atLeast=${position}`)).statusCode, 200)
  const ready = await reader.get('/health/ready')
  t.equal(ready.statusCode, 200)
  t.same(
    ready.json().checks.filter(({ ok }: { ok: boolean }) => !ok),
    [],
    'nothing is wrong',
  )
  t.match((await reader.get('/metrics', admin)).body, /^standby_receives 1$/m)
})

t.test('a call that would write is refused by an instance that only reads, and says where to send it', async (t) => {
  const reader = await startReader(t, first)
  for (const name of ['rebuild', 'drift-check']) {
    const url = `/v1/projections/proposal-status/${name}`
    const answer = await reader.app.inject({ method: 'POST', url, headers: admin })
    t.match([answer.statusCode, answer.json().code], [409, 'only-reads'])
  }
})

t.test('a reader of the live feed of a standby gets each new event', async (t) => {
  const reader = await startReader(t, first)
  const head = await cluster.record('live-1', proposed())
  await reader.applied(head)
  const stream = await follow(t, reader, head)
  await cluster.record('live-2', proposed())
  await cluster.record('live-3', proposed())
  await eventually(() => stream.positions().length === 2)
  t.same(stream.positions(), [head + 1, head + 2])
})

t.test(
  'an answer is never older than atLeast, though connections lead to two standbys of which one stands still',
  async (t) => {
    const before = await cluster.record('pool', proposed())
    const balancer = await tcpProxy(t, first, second)
    const reader = await startReader(t, { url: balancer.through(first.url) })
    await reader.applied(before)
    await pauseReplay(second, true)
    const position = await cluster.record('pool', agreed())
    await cluster.projection.applied(position)
    const paths = [
      '/v1/proposals/pool',
      '/v1/proposals/pool?knownAtPosition=POSITION',
      '/v1/proposals?ids=pool',
      '/v1/proposals?asOf=2030-01-01',
      '/v1/proposals?format=csv',
      '/v1/portfolio',
      '/v1/portfolio?stage=agreed',
      '/v1/portfolio?asOf=2030-01-01',
      '/v1/portfolio/series',
      '/v1/parties',
      '/v1/parties?asOf=2030-01-01',
      '/v1/changes',
      '/v1/calendar.ics',
      '/v1/activity.atom',
      '/v1/tables/events',
      '/v1/tables/money?asOf=2030-01-01',
      '/v1/proposals/pool/events',
      '/v1/proposals/pool/events/2',
      '/v1/proposals/pool/changes',
    ].map((path) => `${path}${path.includes('?') ? '&' : '?'}atLeast=${position}`.replace('POSITION', String(position)))
    const ask = async (path: string) => {
      const answer = await reader.get(path, admin).catch((error: NodeJS.ErrnoException) => error)
      // A download that cannot go on is cut off, so that nobody takes it for the whole.
      if (answer instanceof Error) return t.equal(answer.code, 'LIGHT_ECONNRESET', path)
      const { statusCode, headers, body } = answer
      if (statusCode === 503) return t.equal(JSON.parse(body).code, 'not-yet-applied', path)
      return t.ok(
        statusCode === 200 && Number(headers['log-position']) >= position,
        `${path}: ${statusCode} at ${String(headers['log-position'])}`,
      )
    }
    // Several at once, so that more than one connection is open and both servers are asked.
    for (let round = 0; round < 3; round += 1) await Promise.all(paths.map(ask))
    await pauseReplay(second, false)
    await eventually(async () => {
      for (const path of paths) if ((await reader.get(path, admin)).statusCode !== 200) throw new Error(path)
    })
  },
)

t.test(
  'a download over two standbys has no gap, and a reader that has more than a standby is not told that the log is shorter',
  async (t) => {
    const balancer = await tcpProxy(t, first, second)
    const reader = await startReader(t, { url: balancer.through(first.url) })
    await pauseReplay(second, true)
    const position = await cluster.record('ahead', proposed())
    const alone = await startReader(t, second, { patience: 200 })
    for (const path of [
      `/v1/events?after=${position}`,
      `/v1/changes?since=${position}`,
      `/v1/proposals?knownAtPosition=${position}`,
    ]) {
      const answer = await alone.get(path, admin)
      t.match([answer.statusCode, answer.json().code], [503, 'not-yet-applied'], path)
    }
    for (let round = 0; round < 8; round += 1) {
      const { headers, body } = await reader.get('/v1/events', { accept: 'application/x-ndjson', ...admin })
      const positions = body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).position)
      t.same(
        positions,
        Array.from({ length: Number(headers['log-position']) }, (_, index) => index + 1),
      )
    }
    await pauseReplay(second, false)
    await eventually(async () => (await alone.get(`/v1/events?after=${position}`, admin)).statusCode === 200)
  },
)

t.test('a reader follows a rebuild and an accepted restore of the primary', async (t) => {
  const reader = await startReader(t, first)
  const generation = async () => (await reader.get('/v1/projections', admin)).json().projections[0].generation
  const before = await generation()
  const url = '/v1/projections/proposal-status/rebuild'
  t.equal((await cluster.projection.app.inject({ method: 'POST', url, headers: admin })).statusCode, 202)
  await eventually(async () => (await generation()) > before, { within: 30_000 })
  const position = await cluster.record('rebuilt', proposed())
  await cluster.projection.applied(position)
  t.equal((await reader.get(`/v1/proposals/rebuilt?atLeast=${position}`)).statusCode, 200)
  const stream = await follow(t, reader, position)
  const pool = openPool(cluster.primary.url, { ledger: 'commitments' })
  t.teardown(() => pool.end())
  const { logId } = await acceptRestore(pool, 'a test')
  await eventually(async () => (await reader.get('/v1/proposals/rebuilt')).headers['log-id'] === logId)
  await eventually(() => stream.isOver())
  const again = await cluster.record('restored', proposed())
  await cluster.projection.applied(again)
  const answer = await reader.get(`/v1/proposals/restored?atLeast=${again}`)
  t.match([answer.statusCode, answer.headers['log-id']], [200, logId])
})

t.test('on a standby the service says how to start it, and once only that there is no LISTEN', async (t) => {
  const refused = await run(t, { ...processEnvironment(first.url), LOG_LEVEL: 'warn' })
  const [status] = await refused.ended
  t.equal(status, 1)
  t.match(refused.said(), /the database is a standby, which only reads: .* start it with PROJECTION_MODE=read/)
  const reader = await run(t, { ...processEnvironment(first.url), LOG_LEVEL: 'warn', PROJECTION_MODE: 'read' })
  await eventually(async () => (await fetch(`${await reader.address}/health/ready`)).ok, { within: 30_000 })
  await eventually(() => reader.said().includes('has no LISTEN'), { within: 30_000 })
  // The connection is tried again after 50, 100, 200 … milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  const lines = reader.said().trim().split('\n')
  t.match(lines, [/this server is a standby, which has no LISTEN: the log is polled/])
  t.equal(lines.length, 1, 'nothing else is warned of')
})

t.test('a command service on a standby is not ready, and says what to do', async (t) => {
  const command = await startCommand(t, on(first), { environment: keys })
  const ready = await command.get('/health/ready')
  t.equal(ready.statusCode, 503)
  t.match(
    ready.json().checks.find(({ name }: { name: string }) => name === 'database'),
    { ok: false, detail: /the database is a standby and only reads: connect this service to the primary/ },
  )
})

t.test('whether the log is signed is asked of an instance that signs; a reader says that it does not', async (t) => {
  await eventually(async () => (await cluster.projection.get('/health/ready?for=signing')).statusCode === 200)
  const reader = await startReader(t, first)
  const answer = await reader.get('/health/ready?for=signing')
  t.match(
    [answer.statusCode, answer.json()],
    [503, { checks: [{ name: 'signing', detail: /does not sign .*PROJECTION_MODE is read/ }] }],
  )
})

t.test('an instance that only reads has no key, and may not be told to sign', async (t) => {
  const environment = { ...processEnvironment(first.url), PROJECTION_MODE: 'read', LOG_SIGNER: 'yes' }
  const refused = await run(t, environment)
  t.equal((await refused.ended)[0], 78)
  t.match(refused.said(), /LOG_SIGNER must be absent or no with PROJECTION_MODE=read/)
})

t.test('while its standby is away, an instance is not ready, says so, and reads on afterwards', async (t) => {
  const reader = await startReader(t, second)
  const position = await cluster.record('away', proposed())
  await cluster.projection.applied(position)
  await reader.applied(position)
  await second.kill()
  const [check] = await eventually(async () => {
    const ready = await reader.get('/health/ready')
    t.equal(ready.statusCode, 503)
    const { checks } = ready.json()
    // A connection that was open can still have the farewell of its process, which outlived the postmaster.
    return checks[0].detail.startsWith('the database ended the connection') ? null : checks
  })
  t.match(check, { ok: false, detail: /^the (?:database cannot be reached|connection to the database)/ })
  t.match((await reader.get('/v1/proposals?ids=away')).json(), { status: 503, code: 'unavailable' })
  await second.restart()
  await eventually(async () => (await reader.get('/health/ready')).statusCode === 200, { within: 30_000 })
  const list = `/v1/proposals?ids=away&atLeast=${position}`
  await eventually(async () => (await reader.get(list)).statusCode === 200, { within: 30_000 })
})

t.test(
  'a standby without its primary goes on reading; promoted, it is read on and follows whoever applies there',
  async (t) => {
    const position = await cluster.record('last', proposed())
    await cluster.projection.applied(position)
    const reader = await startReader(t, first)
    await reader.applied(position)
    await cluster.primary.kill()
    t.equal((await reader.get('/v1/proposals/last')).statusCode, 200)
    await promote(first)
    t.equal((await reader.get('/health/ready')).statusCode, 200)
    const applying = await startProjection(t, on(first), { environment: keys, signing: cluster.signing })
    const command = await startCommand(t, on(first), { environment: keys })
    const url = '/v1/proposals/promoted/events'
    // The signer shows first that the log continues what was signed.
    const answer = await eventually(
      async () => {
        const tried = await command.app.inject({ method: 'POST', url, headers: admin, payload: proposed() })
        if (tried.statusCode !== 201) throw new Error(tried.body)
        return tried
      },
      { within: 30_000 },
    )
    const next = Number(answer.headers['log-position'])
    await applying.applied(next)
    t.equal((await reader.get(`/v1/proposals/promoted?atLeast=${next}`)).statusCode, 200)
  },
)

/** A reader of the live feed, over a connection of its own. */
async function follow(t: Test, reader: TestProjection, after: number) {
  const leave = new AbortController()
  const headers = { accept: 'text/event-stream', ...admin }
  const answer = await fetch(`${await reader.listen()}/v1/events?after=${after}`, { headers, signal: leave.signal })
  t.teardown(() => leave.abort())
  let text = ''
  let isOver = false
  void (async () => {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString()
  })()
    .catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  return {
    positions: () =>
      [...text.matchAll(/^id: ?[0-9a-f-]+:(\d+)$/gm)]
        .map(([, position]) => Number(position))
        .filter((at) => at > after),
    isOver: () => isOver,
  }
}

/** The service as a process. */
async function run(t: Test, env: Record<string, string>) {
  const child = fork(scriptOf('projection'), { env, silent: true })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)))
  const address = once(child, 'message').then(([message]) => (message as { listening: string }).listening)
  address.catch(() => undefined)
  return { said: () => said, address, ended: once(child, 'close') }
}
