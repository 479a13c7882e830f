/** Nothing rests on a past that was lost, and nothing goes on under its identity. */
import { acceptRestore, migrate, openPool } from '@commitments/event-store'
import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import {
  agreed,
  copyAsStandby,
  eventually,
  example,
  promote,
  proposed,
  type TestDatabase,
  tcpProxy,
} from '@commitments/test-kit'
import {
  type CommandOptions,
  signingFor,
  startCommand,
  startProjection,
  type TestProjection,
} from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

t.setTimeout(180_000)

const secret = 'record-secret-0123456789'
const went = { status: 503, code: 'log-went-back' }

t.test(
  'after a failover that lost a tail, no event rests on a state that never was, and who was told of the lost events records nothing until a restore is accepted',
  async (t) => {
    const primary = await migrated(t)
    const first = await startRecording(t, [primary])
    t.match(await first.record('x', proposed()), { status: 201 })
    const standby = await copyAsStandby(t, primary)
    const knowing = await startRecording(t, [primary, standby])
    // Recorded after replication was cut, and known to this service alone.
    t.match(await knowing.record('x', agreed()), { status: 201 })
    await primary.kill()
    await promote(standby)
    const other = await startRecording(t, [standby])
    t.match(await other.record('x', example('ended', { ending: 'withdrawn' })), { status: 201 })
    const refused = await eventually(
      async () => {
        const answer = await knowing.record('y', proposed())
        return answer.status === 503 && answer.code === 'log-went-back' ? answer : null
      },
      { within: 30_000 },
    )
    t.match(refused.detail, /The event at position 2, which was acknowledged, is no longer in the log.*accept-restore/)
    t.match(await knowing.record('x', example('funded')), went)
    t.match(await knowing.ready(), { status: 503, body: /position 2, which was acknowledged.*accept-restore/ })
    for (const id of ['a', 'b', 'c']) t.match(await other.record(id, proposed()), { status: 201 })
    t.match(await knowing.record('y', proposed()), went, 'however far the log has grown')
    const { logId } = await accept(t, standby)
    await eventually(async () => (await knowing.record('y', proposed())).logId === logId)
    t.match(
      await knowing.record('x', example('funded')),
      { status: 409, code: 'ended' },
      'decided on the events that are there',
    )
    t.match(await knowing.ready(), { status: 200 })
  },
)

t.test(
  'after a failover that lost events, no answer is of the lost past: not one that a caller has kept, nor one in the memory of an instance that was cut off meanwhile',
  async (t) => {
    const primary = await migrated(t)
    await (await startRecording(t, [primary])).record('x', proposed())
    const standby = await copyAsStandby(t, primary)
    t.match(await (await startRecording(t, [primary])).record('x', agreed()), { status: 201 })
    const [toPrimary, toStandby] = [await tcpProxy(t, primary), await tcpProxy(t, standby)]
    toStandby.refuse()
    const through = { ...databaseAt([primary]), url: urlOf(primary, [toPrimary, toStandby]) }
    const cutOff = [
      await startProjection(t, through),
      await startProjection(t, through, { environment: { PROJECTION_MODE: 'read' } }),
    ]
    const present = await startProjection(t, databaseAt([primary, standby]))
    const all = [...cutOff, present]
    const seeing = (service: TestProjection, position: string) =>
      eventually(async () => (await portfolioOf(service)).headers['log-position'] === position, { within: 30_000 })
    const lost = new Map<string, string>()
    for (const service of all) {
      await seeing(service, '2')
      for (const [path, headers] of asked)
        lost.set(path, String((await service.get(path, headers)).headers['etag'] ?? t.fail(path)))
    }
    toPrimary.refuse()
    await primary.kill()
    await promote(standby)
    await seeing(present, '1')
    t.match((await portfolioOf(present)).json(), { byStage: { proposed: 1 } }, 'nor while the log is shorter')
    await eventually(
      async () => {
        const { 'log-position': position } = (await present.get('/v1/portfolio/series')).headers
        t.not(position, '2', 'the lost event is in no series')
        return position === '1'
      },
      { within: 30_000 },
    )
    const recording = await startRecording(t, [standby])
    t.match(await recording.record('x', example('ended', { ending: 'withdrawn' })), { status: 201 })
    t.match(await recording.record('y', proposed()), { status: 201 })
    await seeing(present, '3')
    toStandby.resume()
    for (const service of all) {
      await seeing(service, '3')
      t.match((await service.get('/v1/proposals/x')).json(), { stage: 'proposed', ending: 'withdrawn' })
      for (const [path, headers] of asked) {
        const again = await service.get(path, { ...headers, 'if-none-match': String(lost.get(path)) })
        t.equal(again.statusCode, 200, `${path} ${headers['accept'] ?? ''}`)
      }
    }
  },
)

/** With the tags by which a caller asks again. */
const asked: [string, Record<string, string>][] = [
  ['/v1/proposals/x', {}],
  ['/v1/proposals', {}],
  ['/v1/proposals?format=csv', {}],
  ['/v1/proposals?format=csv&knownAtPosition=2', {}],
  ['/v1/tables/events', {}],
  ['/v1/tables/workbook.xlsx?knownAtPosition=2', {}],
  ['/v1/events?limit=2', { accept: 'application/x-ndjson' }],
  ['/v1/events?after=1&limit=1', { accept: 'application/x-ndjson' }],
]

function portfolioOf(service: TestProjection) {
  return service.get('/v1/portfolio')
}

t.test(
  'on a promoted server that lacks what was signed, a service that has just started waits for the signer, and then records nothing until a restore is accepted',
  async (t) => {
    const { primary, standby, signing } = await signedAndLost(t, 1)
    await primary.kill()
    await promote(standby)
    const fresh = await startRecording(t, [standby], { limits: { log: { ...patient, confirmMs: 120_000 } } })
    t.match(await fresh.record('e', proposed()), { status: 503, code: 'unavailable' })
    t.match(await fresh.ready(), {
      status: 503,
      body: /signer has not shown yet that the log continues what was signed/,
    })
    const signer = await startProjection(t, databaseAt([standby]), { signing })
    await eventually(async () => (await fresh.record('e', proposed())).code === 'log-went-back', { within: 30_000 })
    t.match(await fresh.ready(), { status: 503, body: /A checkpoint of 4 events was signed .* ends at position 3/ })
    t.match(await fresh.record('a', agreed()), went, 'for every proposal')
    const { logId } = await accept(t, standby)
    await eventually(async () => (await fresh.record('e', proposed())).logId === logId, { within: 30_000 })
    await eventually(async () => (await fresh.ready()).status === 200, { within: 30_000 })
    await eventually(async () => (await signer.get('/log/checkpoint')).body.split('\n')[0]?.endsWith(logId))
  },
)

t.test('after a failover that lost nothing, recording goes on as soon as the signer has confirmed it', async (t) => {
  const { primary, standby, signing, recording } = await signedAndLost(t, 0)
  await startProjection(t, databaseAt([primary, standby]), { signing })
  await primary.kill()
  await promote(standby)
  const fresh = await startRecording(t, [standby], { limits: { log: { ...patient, confirmMs: 120_000 } } })
  for (const [service, id] of [
    [recording, 'e'],
    [fresh, 'f'],
  ] as const) {
    await eventually(async () => (await service.record(id, proposed())).status === 201, { within: 30_000 })
    await eventually(async () => (await service.ready()).status === 200, { within: 30_000 })
  }
})

t.test(
  'a signer that lived through the outage looks on the promoted server at once, although all is signed by what that server has',
  async (t) => {
    const { primary, standby, signing } = await signedAndLost(t, 1)
    const signer = await startProjection(t, databaseAt([primary, standby]), { signing })
    await eventually(async () => /this instance signs/.test((await signer.get('/health/ready')).body))
    await primary.kill()
    // Several of its turns fail meanwhile.
    await eventually(async () => failedTurns((await signer.get('/metrics')).body) >= 3, { within: 30_000 })
    await promote(standby)
    const fresh = await startRecording(t, [standby], { limits: { log: { ...patient, confirmMs: 120_000 } } })
    await eventually(async () => (await fresh.record('e', proposed())).code === 'log-went-back', { within: 30_000 })
  },
)

function failedTurns(metrics: string): number {
  return Number(/^log_keeper_failures_total (\d+)/m.exec(metrics)?.[1])
}

t.test('where no signer comes after a failover, recording goes on without it after a while', async (t) => {
  const { primary, standby } = await signedAndLost(t, 0)
  await primary.kill()
  await promote(standby)
  const fresh = await startRecording(t, [standby], { limits: { log: { ...patient, confirmMs: 2_000 } } })
  t.match(await fresh.record('e', proposed()), { status: 503, code: 'unavailable' })
  await eventually(async () => (await fresh.record('e', proposed())).status === 201, { within: 30_000 })
})

const patient = { tryMs: 4_000, readMs: 4_000 }

/**
 * A primary on which everything is signed, and a standby that lacks the last events. Nobody signs any more.
 *
 * @param lost how many events it lacks
 */
async function signedAndLost(t: Test, lost: number) {
  const primary = await migrated(t)
  const signing = signingFor(t)
  const signer = await startProjection(t, databaseAt([primary]), { signing })
  const hosts: LocalServer[] = [primary]
  const early = await startRecording(t, hosts)
  const signed = (size: number) =>
    eventually(async () => (await signer.get('/log/checkpoint')).body.split('\n')[1] === String(size), {
      within: 30_000,
    })
  for (const id of ['a', 'b', 'c']) await early.record(id, proposed())
  await signed(3)
  const standby = await copyAsStandby(t, primary)
  const recording = await startRecording(t, [primary, standby])
  for (let count = 0; count < lost; count += 1) {
    t.match(await recording.record(`lost-${count}`, proposed()), { status: 201 })
  }
  await signed(3 + lost)
  await signer.stop()
  return { primary, standby, signing, recording }
}

interface Recording {
  record(proposalId: string, body: object): Promise<Answer>
  ready(): Promise<{ status: number; body: string }>
}

interface Answer {
  readonly status: number
  readonly code?: string
  readonly detail?: string
  readonly logId: unknown
}

async function startRecording(t: Test, servers: LocalServer[], options: CommandOptions = {}): Promise<Recording> {
  const { app, get } = await startCommand(t, databaseAt(servers), {
    environment: { API_KEYS: `recorder:record:${secret}` },
    ...options,
  })
  return {
    record: async (proposalId, body) => {
      const headers = { authorization: `Bearer ${secret}` }
      const url = `/v1/proposals/${proposalId}/events`
      const answer = await app.inject({ url, method: 'POST', headers, payload: body })
      const { code, detail } = answer.json()
      return { status: answer.statusCode, code, detail, logId: answer.headers['log-id'] }
    },
    ready: async () => {
      const answer = await get('/health/ready')
      return { status: answer.statusCode, body: answer.body }
    },
  }
}

/** The ledger on the first of the servers that takes writes. */
function databaseAt(servers: readonly LocalServer[]): TestDatabase {
  const url = `${urlOf(servers[0] as LocalServer, servers)}?target_session_attrs=read-write`
  const unused = () => {
    throw new Error('not used here')
  }
  return { url, ledger: 'commitments', pool: unused, client: unused }
}

/** The address of whichever can be reached. */
function urlOf({ url }: LocalServer, places: readonly { readonly port: number }[]): string {
  const { username, password } = new URL(url)
  return `postgres://${username}:${password}@${places.map(({ port }) => `127.0.0.1:${port}`).join(',')}/postgres`
}

async function migrated(t: Test): Promise<LocalServer> {
  const server = await startTemporaryServer()
  t.after(() => server.stop())
  await migrate(server.url, { ledger: 'commitments' })
  return server
}

/** As an operator does it. */
async function accept(t: Test, server: LocalServer): Promise<{ logId: string }> {
  const pool = openPool(server.url, { ledger: 'commitments', max: 1 })
  t.after(() => pool.end())
  return acceptRestore(pool, 'the failover lost events')
}
