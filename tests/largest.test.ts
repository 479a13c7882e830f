import { eventually, openDatabase, processKey, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Asked, ask, count, follow, type Outcomes, pipeline } from './largest/callers.ts'
import { peakOf, type Running, startProcess } from './largest/processes.ts'

t.setTimeout(240_000)

const authorization = `Bearer ${processKey}`
const ndjson = { 'content-type': 'application/x-ndjson', authorization }
const json = { 'content-type': 'application/json', authorization }

/** MiB that each service may use (`mem_limit` in docker-compose.yml). */
const mayTake = 512
const fatProposals = 240

/** About 55 KB with two bytes for each character, as in Vietnamese texts; it nearly fills a line. */
const fatText = 'đ'.repeat(9_100)
const fat = { en: fatText, vi: fatText, ko: fatText }

function fatProposal(proposalId: string) {
  return { proposalId, ...proposed({ summary: fat, fields: ['fat'] }) }
}

/** A proposal close to its limit of 8 MiB. */
function* largestProposal(proposalId: string) {
  yield { proposalId, ...proposed() }
  for (let index = 0; index < 150; index += 1) {
    const reason = { ...fat, en: `${index} ${fatText}` }
    const data = { which: 'end', to: String(2100 + index), reason }
    yield { proposalId, type: 'rescheduled', occurredOn: null, assertedBy: 'most-vn', data }
  }
}

function lines(events: Iterable<object>): string {
  return Array.from(events, (event) => `${JSON.stringify(event)}\n`).join('')
}

function fatLines(prefix: string, some: number): string {
  return lines(Array.from({ length: some }, (_, index) => fatProposal(`${prefix}-${index}`)))
}

const small = JSON.stringify(proposed())

function smallLines(prefix: string, some: number): string {
  return Array.from({ length: some }, (_, index) => `{"proposalId":"${prefix}-${index}",${small.slice(1)}\n`).join('')
}

async function fill(command: Running, projection: Running): Promise<void> {
  for (let part = 0; part < 3; part += 1) {
    const body = fatLines(`fat-${part}`, fatProposals / 3)
    t.equal(await ask(command, { method: 'POST', path: '/v1/events', headers: ndjson, body }), '200')
  }
  const body = lines(largestProposal('largest'))
  t.equal(await ask(command, { method: 'POST', path: '/v1/events', headers: ndjson, body }), '200')
  await caughtUp(projection)
}

async function caughtUp({ url }: Running): Promise<void> {
  await eventually(
    async () => {
      const answer = await fetch(`${url}/v1/projections`, { headers: { authorization } })
      const { projections } = (await answer.json()) as { projections: { lag: { events: number } }[] }
      return projections.every(({ lag }) => lag.events === 0)
    },
    { within: 120_000 },
  )
}

/** Reads on separate connections, and how many run at once. */
const reads: readonly (readonly [number, Asked])[] = [
  [10, { path: '/v1/proposals?limit=500' }],
  [2, { path: '/v1/proposals?limit=500&sort=-title&field=fat' }],
  [5, { path: '/v1/proposals?limit=500&asOf=2025-01-01' }],
  [5, { path: '/v1/proposals?limit=500&knownAtPosition=200' }],
  [3, { path: '/v1/proposals?field=fat', headers: { accept: 'text/csv' } }],
  [2, { path: '/v1/proposals?asOf=2025-01-01', headers: { accept: 'text/csv' } }],
  [5, { path: '/v1/events?limit=1000' }],
  [2, { path: '/v1/events?limit=1000', headers: { accept: 'application/cloudevents-batch+json' } }],
  [5, { path: '/v1/events', headers: { accept: 'application/x-ndjson' } }],
  [2, { path: '/v1/events', headers: { accept: 'application/x-ndjson' }, idle: 8 }],
  [5, { path: '/v1/proposals/largest/events?limit=1000' }],
  [2, { path: '/v1/proposals/largest/events?limit=1000&proof=true' }],
  [2, { path: '/v1/proposals/largest/changes' }],
  [5, { path: '/v1/proposals/largest' }],
  [2, { path: '/v1/proposals/largest?asOf=2025-01-01' }],
  [5, { path: '/v1/changes?limit=1000' }],
  [5, { path: '/v1/portfolio' }],
  [2, { path: '/v1/portfolio?asOf=2025-01-01' }],
  [5, { path: '/v1/proposals?limit=500', idle: 8 }],
  [5, { path: '/v1/proposals/largest', idle: 8 }],
]

/** Reads that are pipelined many times on one connection, and on how many connections. */
const readPipelines: readonly (readonly [connections: number, times: number, Asked, takes?: boolean])[] = [
  [1, 4_000, { path: '/health/ready' }],
  [1, 800, { path: '/health/live' }],
  [1, 800, { path: '/metrics' }],
  [1, 800, { path: '/v1/proposals/fat-0-1' }],
  [1, 400, { path: '/v1/proposals/unknown' }],
  [1, 200, { method: 'HEAD', path: '/v1/portfolio?asOf=2025-01-01' }],
  [1, 200, { method: 'HEAD', path: '/v1/proposals/largest' }],
  [2, 100, { path: '/v1/events?limit=1000' }],
  [5, 60, { path: '/v1/proposals?limit=500' }, false],
  [5, 60, { path: '/v1/proposals/largest' }, false],
  [10, 100, { path: '/v1/proposals/fat-0-2' }, false],
  [5, 60, { path: '/v1/proposals/largest/changes' }, false],
  [5, 60, { path: '/v1/proposals/largest/events?limit=1000' }, false],
]

function writes(): readonly (readonly [number, Asked])[] {
  const dryRun = JSON.stringify(proposed({ summary: fat }))
  const post = { method: 'POST', path: '/v1/events' } as const
  return [
    [4, { ...post, headers: ndjson, body: fatLines('bulk', 40) }],
    [5, { ...post, path: '/v1/events?atomic=true', headers: ndjson, body: fatLines('whole', 140) }],
    [2, { ...post, path: '/v1/events?atomic=true', headers: ndjson, body: smallLines('many', 10_000) }],
    [2, { ...post, headers: ndjson, body: smallLines('more', 2_000) }],
    [200, { ...post, path: '/v1/proposals/dry/events?dryRun=true', headers: json, body: dryRun }],
  ]
}

const writePipelines: readonly (readonly [connections: number, times: number, Asked])[] = [
  [1, 4_000, { path: '/health/ready' }],
  [1, 2_000, { path: '/health/live' }],
  [1, 1_500, { path: '/metrics' }],
  [
    2,
    200,
    {
      method: 'POST',
      path: '/v1/proposals/dry-2/events?dryRun=true',
      headers: json,
      body: JSON.stringify(proposed({ summary: fat })),
    },
  ],
]

/** Runs everything at once. Returns the outcomes by request. */
async function everything(command: Running, projection: Running): Promise<Map<string, Outcomes>> {
  const outcomes = new Map<string, Outcomes>()
  const of = ({ method = 'GET', path, headers = {} }: Asked, how: string) => {
    const what = `${method} ${path} ${headers.accept ?? ''} ${how}`
    const known = outcomes.get(what) ?? new Map()
    outcomes.set(what, known)
    return known
  }
  const alone = (service: Running, [times, asked]: readonly [number, Asked]) =>
    Array.from({ length: times }, async () => count(of(asked, asked.idle ? 'idle' : ''), await ask(service, asked)))
  const inLine = (service: Running, [connections, times, asked, takes]: (typeof readPipelines)[number]) =>
    Array.from({ length: connections }, async () => {
      const seconds = takes === false ? 10 : 30
      const found = await pipeline(service, asked, times, { takes: takes !== false, seconds })
      for (const [what, some] of found) count(of(asked, `× ${times}`), what, some)
    })
  const following = Promise.all(Array.from({ length: 60 }, (_, index) => follow(projection, index >= 20)))
  await Promise.all([
    ...reads.flatMap((one) => alone(projection, one)),
    ...readPipelines.flatMap((one) => inLine(projection, one)),
    ...writes().flatMap((one) => alone(command, one)),
    ...writePipelines.flatMap((one) => inLine(command, one)),
  ])
  for (const { status, leave } of await following) {
    count(of({ path: '/v1/events' }, 'live'), status)
    leave()
  }
  return outcomes
}

t.test('the largest requests of all kinds at once end neither service, and each stays within its memory', async (t) => {
  if (process.platform !== 'linux') return
  const database = await openDatabase(t, { durable: true })
  const command = await startProcess(t, 'command', database.url)
  const projection = await startProcess(t, 'projection', database.url)
  const started = performance.now()
  const tell = (what: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const peaks = [command, projection].map((service) => peakOf(service).toFixed(0)).join(' and ')
    t.comment(`${seconds} s, ${what}: ${peaks} MiB at most`)
  }
  await fill(command, projection)
  tell('filled')
  const outcomes = await everything(command, projection)
  for (const [what, found] of outcomes) t.comment(what, Object.fromEntries(found))
  for (const service of [command, projection]) {
    t.equal(service.child.exitCode ?? service.child.signalCode, null, `it lives ${service.output()}`)
  }
  tell('asked')
  const unexpected = [...outcomes].flatMap(([what, found]) =>
    [...found.keys()]
      .filter((status) => !/^(?:200|201|304|404|409|503|closed)$/.test(status))
      .map((status) => [what, status]),
  )
  t.same(unexpected, [], 'whatever was asked is answered, or told to come again')
  await caughtUp(projection)
  for (const [, asked] of reads) {
    if (!asked.idle) t.equal(await ask(projection, asked), '200', `afterwards, ${asked.path}`)
  }
  for (const service of [command, projection]) {
    t.equal(await ask(service, { path: '/health/ready' }), '200')
    t.ok(peakOf(service) < mayTake, `at most ${peakOf(service).toFixed(0)} MiB`)
  }
})
