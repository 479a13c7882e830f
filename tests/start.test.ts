import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Client, createClient, type Recorded, type RecordedEvent } from '@commitments/client'
import { eventually, freePort } from '@commitments/test-kit'
import t from 'tap'
import { dataFolder, processesOf, processOf, type Ready, start, startReady } from './start/running.ts'

const skip = process.platform !== 'linux' && 'counts processes through /proc'
const files = ['portfolio.ndjson', 'portfolio-later.ndjson'].map((name) =>
  readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { proposalId: string }),
)
const portfolio = files.flat()

/** The second start's message about each file: how many proposals and events existed already. */
const foundAgain = files.map(
  (events) =>
    new RegExp(
      `: 0 events of ${new Set(events.map(({ proposalId }) => proposalId)).size} proposals recorded, ${events.length} were there already`,
    ),
)

/** The number of versions of a proposal in the files. */
function versionsOf(proposalId: string): number {
  return portfolio.filter((event) => event.proposalId === proposalId).length
}

function clientOf({ command, projection, key }: Ready): Client {
  return createClient({ commandUrl: command, projectionUrl: projection, apiKey: key })
}

async function feed(ready: Ready): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const { line } of clientOf(ready).feed()) events.push(JSON.parse(line) as RecordedEvent)
  return events
}

function recordAgreed(ready: Ready): Promise<Recorded> {
  const body = {
    type: 'agreed',
    occurredOn: '2026-08',
    evidence: [{ title: 'Exchange of letters', supports: 'Both ministries agreed to hold the session.' }],
    data: { form: 'exchange-of-notes', parties: ['most-vn', 'msit-kr'] },
  } as const
  return clientOf(ready).recordEvent('jcm10', body, { idempotencyKey: 'jcm10-agreed' })
}

t.test(
  'npm start loads the portfolio, records a first event, and finds everything again the second time',
  { skip },
  async (t) => {
    const dataDirectory = dataFolder(t)
    const first = await startReady(dataDirectory)
    const client = clientOf(first)
    const loaded = await feed(first)
    t.same(
      loaded.map((event) => event.proposalId),
      portfolio.map((event) => event.proposalId),
      'every line, in its order',
    )
    for (const proposalId of new Set(portfolio.map((event) => event.proposalId))) {
      t.equal((await client.getProposal(proposalId)).value.proposalId, proposalId)
    }

    const recorded = await recordAgreed(first)
    const seen = await client.getProposal('jcm10', { atLeast: recorded })
    t.match(seen.value, { stage: 'agreed', version: versionsOf('jcm10') + 1 })

    t.equal(statSync(join(dataDirectory, 'api-key')).mode & 0o777, 0o600, 'the kept key is closed to others')
    t.notMatch(readFileSync(join(dataDirectory, 'api-keys.json'), 'utf8'), first.key, 'services know a digest only')

    t.equal(statSync(join(dataDirectory, 'log-key.pem')).mode & 0o777, 0o600, 'so is the key of the log')
    const verifierKey = await (await fetch(`${first.projection}/log/vkey`)).text()
    t.match(first.said(), verifierKey.trimEnd(), 'the terminal shows what checkpoints are verified with')

    first.process.kill('SIGTERM')
    await first.ended()
    await eventually(() => processesOf(dataDirectory).length === 0)

    const second = await startReady(dataDirectory)
    t.equal(second.key, first.key)
    t.equal(await (await fetch(`${second.projection}/log/vkey`)).text(), verifierKey)
    for (const expected of foundAgain) t.match(second.said(), expected)
    t.equal((await feed(second)).length, portfolio.length + 1, 'nothing is recorded twice')
    t.equal((await recordAgreed(second)).replayed, true)
  },
)

t.test('a killed service is soon back on the same port, and so is Postgres', { skip }, async (t) => {
  const dataDirectory = dataFolder(t)
  const running = await startReady(dataDirectory)
  for (const name of ['command', 'projection'] as const) {
    const script = `services/${name}/src/main.ts`
    const killed = processOf(dataDirectory, script) ?? 0
    process.kill(killed, 'SIGKILL')
    const isBack = async () =>
      (await fetch(`${running[name]}/health/ready`)).ok && processOf(dataDirectory, script) !== killed
    await eventually(isBack, { within: 20_000 })
  }
  const postmaster = Number(readFileSync(join(dataDirectory, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])
  process.kill(postmaster, 'SIGKILL')
  // Not before that: what remains of the server may still take a request until it sees that it is alone.
  await eventually(() => running.said().includes('Postgres ended unexpectedly'))
  t.match(
    await recordAgreed(running),
    { version: versionsOf('jcm10') + 1 },
    'the client sends until the services can record again',
  )
  t.match(running.said(), /Postgres ended unexpectedly/)
})

t.test('npm run dev restarts both services when a source changes, on the same ports', { skip }, async (t) => {
  const dataDirectory = dataFolder(t)
  const running = await startReady(dataDirectory, {}, 'dev')
  const pids = () => ['command', 'projection'].map((name) => processOf(dataDirectory, `services/${name}/src/main.ts`))
  const before = pids()
  const now = new Date()
  utimesSync(new URL('../services/command/src/index.ts', import.meta.url), now, now)
  await eventually(() => pids().every((pid, index) => pid !== undefined && pid !== before[index]), { within: 20_000 })
  for (const name of ['command', 'projection'] as const)
    await eventually(async () => (await fetch(`${running[name]}/health/ready`)).ok, { within: 20_000 })
  t.match(running.said(), /index\.ts changed: restarting the services/)
  process.kill(-(running.process.pid ?? 0), 'SIGINT')
  t.equal(await running.ended(), 0)
})

t.test('Ctrl-C ends everything properly, without an error on the terminal', { skip }, async (t) => {
  const dataDirectory = dataFolder(t)
  const running = await startReady(dataDirectory)
  process.kill(-(running.process.pid ?? 0), 'SIGINT')
  await running.ended()
  await eventually(() => processesOf(dataDirectory).length === 0)
  t.notMatch(running.said(), /error|Error|ended \(/)
  t.match(readFileSync(join(dataDirectory, 'postgres/server.log'), 'utf8'), /database system is shut down/)
  t.notOk(existsSync(join(dataDirectory, 'in-use-by')), 'the folder was given back, not left')
})

for (const victim of ['npm', 'launcher'] as const) {
  t.test(
    `after kill -9 of the ${victim} no process is left, and the next start uses the data folder`,
    { skip },
    async (t) => {
      const dataDirectory = dataFolder(t)
      const first = await startReady(dataDirectory)
      const launcher = processOf(dataDirectory, 'scripts/start.mjs')
      process.kill((victim === 'npm' ? first.process.pid : launcher) ?? 0, 'SIGKILL')
      await eventually(() => processesOf(dataDirectory).length === 0, { within: 20_000 })
      const second = await startReady(dataDirectory)
      t.equal((await feed(second)).length, portfolio.length)
    },
  )
}

t.test('a second start on one data folder says that the first one uses it', { skip }, async (t) => {
  const dataDirectory = dataFolder(t)
  await startReady(dataDirectory)
  const second = start(dataDirectory)
  t.equal(await second.ended(), 1)
  t.match(second.said(), /is in use by process \d+/)
})

t.test('ready means loaded and projected: until then both services are up but not ready', { skip }, async (t) => {
  const [COMMAND_PORT, PROJECTION_PORT] = [String(await freePort()), String(await freePort())]
  const started = start(dataFolder(t), { COMMAND_PORT, PROJECTION_PORT })
  const readOnly = `http://127.0.0.1:${PROJECTION_PORT}`
  const statusOf = (port: string) =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ status }) => status,
      () => 0,
    )
  const seen: Record<string, Set<number>> = { [COMMAND_PORT]: new Set(), [PROJECTION_PORT]: new Set() }
  const early: string[] = []
  await eventually(
    async () => {
      for (const [port, statuses] of Object.entries(seen)) {
        const status = await statusOf(port)
        statuses.add(status)
        if (status !== 200) continue
        const { headers } = await fetch(`${readOnly}/v1/proposals/jcm10`)
        if (Number(headers.get('log-position')) < portfolio.length) early.push(port)
      }
      return Object.values(seen).every((statuses) => statuses.has(200))
    },
    { within: 60_000 },
  )
  t.same(early, [])
  for (const statuses of Object.values(seen)) t.ok(statuses.has(503), 'it was up before it was ready')
  process.kill(-(started.process.pid ?? 0), 'SIGINT')
  t.equal(await started.ended(), 0)
})

t.test('a start that was killed while loading is completed by the next', { skip }, async (t) => {
  const dataDirectory = dataFolder(t)
  const first = start(dataDirectory)
  await eventually(() => first.said().includes('Recording the portfolio'), { within: 30_000 })
  process.kill(processOf(dataDirectory, 'scripts/start.mjs') ?? 0, 'SIGKILL')
  const second = await startReady(dataDirectory)
  t.equal((await feed(second)).length, portfolio.length)
})

t.test(
  'a port in use and a wrong configuration are reported in one sentence, before anything is created',
  { skip },
  async (t) => {
    const dataDirectory = dataFolder(t)
    const other = createServer().listen(0, '127.0.0.1')
    t.after(() => other.close())
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const taken = start(dataDirectory, { COMMAND_PORT: String(port) })
    t.equal(await taken.ended(), 1)
    t.match(
      taken.said(),
      new RegExp(`^Port ${port} on 127.0.0.1 is used by another program. Set COMMAND_PORT to another port.$`, 'm'),
    )

    const wrong = start(dataDirectory, { COMMAND_PORT: 'eighty', LEDGER_SCHEMA: 'Not A Name' })
    t.equal(await wrong.ended(), 1)
    t.match(wrong.said(), /COMMAND_PORT/)
    t.match(wrong.said(), /LEDGER_SCHEMA/)
  },
)

t.test('an old Node is refused in one clear sentence', async (t) => {
  const launcher = new URL('../scripts/start.mjs', import.meta.url).href
  const pretence = `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } }); await import('${launcher}')`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', pretence], { encoding: 'utf8' })
  t.equal(status, 1)
  t.match(stderr, /^Commitments needs Node 24 or later/)
  t.equal(stderr.trim().split('\n').length, 1)
})
