import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { eventually, openDatabase, processEnvironment, processKey, proposed, scriptOf } from '@commitments/test-kit'
import t, { type Test } from 'tap'

t.setTimeout(60_000)

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly exit: Promise<unknown[]>
}

async function startCommand(t: Test, databaseUrl: string): Promise<Running> {
  const child = fork(scriptOf('command'), { env: processEnvironment(databaseUrl), detached: true })
  t.teardown(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  return { child, url: listening, exit }
}

/** The outcomes of a client's requests, by the proposal that each was to create. */
interface Seen {
  readonly recorded: Set<string>
  readonly cut: Set<string>
  inFlight: number
  open: boolean
}

/** Sends one request after the other over a kept connection, until new connections are refused. Nothing is retried. */
async function runClient(url: string, client: number, seen: Seen): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let round = 0; seen.open; round += 1) {
    const proposalId = `c${client}-${round}`
    seen.inFlight += 1
    const outcome = await send(new URL(`/v1/proposals/${proposalId}/events`, url), agent)
    seen.inFlight -= 1
    if (outcome === 201) seen.recorded.add(proposalId)
    else if (outcome === 'ECONNREFUSED') break
    else if (typeof outcome === 'string') seen.cut.add(proposalId)
    else throw new Error(`${proposalId} was answered with ${outcome}`)
  }
  agent.destroy()
}

/** The status of the complete answer, or the code of the error. */
async function send(url: URL, agent: Agent): Promise<number | string> {
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' }
  const sending = request(url, { method: 'POST', agent, headers })
  sending.end(JSON.stringify(proposed()))
  try {
    const [response] = await once(sending, 'response')
    await response.toArray()
    return response.statusCode
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

t.test('SIGTERM under load: exactly the recorded events were answered', async (t) => {
  const database = await openDatabase(t, { durable: true })
  const { child, url, exit } = await startCommand(t, database.url)
  const seen: Seen = { recorded: new Set(), cut: new Set(), inFlight: 0, open: true }
  const clients = Promise.all(Array.from({ length: 16 }, (_, index) => runClient(url, index, seen)))
  await eventually(() => seen.recorded.size > 500, { within: 30_000 })
  const before = seen.recorded.size
  const { inFlight } = seen
  child.kill('SIGTERM')
  t.same(await exit, [0, null], 'it ends by itself, and in order')
  await clients
  t.comment(`${inFlight} requests were under way; ${seen.recorded.size - before} were answered after the signal`)
  t.comment(`${seen.cut.size} connections were closed before their request was read`)
  const answered = seen.recorded.size - before
  t.ok(answered + seen.cut.size >= inFlight, 'those under way were answered, or cut before they were read')
  const { rows } = await database.pool().query<{ proposal_id: string }>('SELECT proposal_id FROM events')
  t.same(rows.map((row) => row.proposal_id).sort(), [...seen.recorded].sort())
})

t.test('SIGTERM in the middle of a bulk import: it is finished, with its summary', async (t) => {
  const database = await openDatabase(t, { durable: true })
  const { child, url, exit } = await startCommand(t, database.url)
  const lines = Array.from({ length: 3_000 }, (_, index) => JSON.stringify({ proposalId: `p${index}`, ...proposed() }))
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/x-ndjson' }
  const sending = request(new URL('/v1/events', url), { method: 'POST', headers })
  sending.write(`${lines.slice(0, 1_000).join('\n')}\n`)
  const [response] = await once(sending, 'response')
  child.kill('SIGTERM')
  const refused = () => send(new URL('/v1/proposals/late/events', url), new Agent()).then((code) => code !== 201)
  await eventually(refused)
  sending.end(lines.slice(1_000).join('\n'))
  const body = Buffer.concat(await response.toArray()).toString('utf8')
  t.match(JSON.parse(body.trim().split('\n').at(-1) ?? ''), { summary: { lines: 3_000, recorded: 3_000 } })
  t.same(await exit, [0, null])
})
