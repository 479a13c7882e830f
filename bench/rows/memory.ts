import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { captureStatuses, targetsOf } from '../lib/answers.ts'
import type { Bench } from '../lib/context.ts'
import { runAppends, runFeed, runReads } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import type { RunningServer } from '../lib/processes.ts'
import { rebuildProjections, secret, startCommandService, startProjectionService } from '../lib/product.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { bodies, furtherLine, preloadedProposal } from '../lib/workload.ts'

/** How many proposals are read and written: more than a service can keep in memory, so that its caches are full. */
const touched = 50_000
/** Readers of the live feed, and as many of the live changes: all follow while everything else is done. */
const liveReaders = 50
const goal = { kind: 'at most', value: 512 } as const

/** Peak memory of each process of the product over all work that fills it, with a million proposals. */
export async function measureMemory(bench: Bench): Promise<Row[]> {
  const proposals = bench.options.largeProposals
  const url = await loadedLedger(bench, proposals * 4)
  const projection = await startProjectionService(url)
  const command = await startCommandService(url)
  const following = [`/v1/events?after=${proposals * 4}`, `/v1/changes?since=${proposals * 4}`].map((path) =>
    followLive(projection, path),
  )
  const stopReaders = (await Promise.all(following)).flat()
  const first = `projected ${proposals.toLocaleString('en')} proposals: ${megabytes(projection.peakMemory())} MiB`
  bench.say(first)
  await appendEverywhere(bench, command, proposals)
  await readEverywhere(bench, projection, proposals)
  await runFeed({ port: projection.port, limit: proposals * 4, secret, digest: false })
  bench.say(`read and written: ${megabytes(projection.peakMemory())} MiB`)
  for (const name of ['proposal-status', 'proposal-moments']) await rebuildInService(projection, name)
  for (const stop of stopReaders) stop()
  const inService = `and two rebuilds by an admin call: ${megabytes(projection.peakMemory())} MiB`
  bench.say(inService)
  const rebuild = await rebuildProjections(url)
  const peaks = [
    { name: command.name, bytes: command.peakMemory() },
    { name: projection.name, bytes: projection.peakMemory() },
    { name: 'the rebuild', bytes: rebuild.peakMemory },
  ]
  await Promise.all([command.close(), projection.close()])
  return peaks.map(({ name, bytes }) => memoryRow(name, bytes, [notesOf(bench), first, inService]))
}

/** Live readers from the end of the log on, which take everything and keep nothing. Returns what ends each. */
function followLive({ port }: RunningServer, path: string): Promise<(() => void)[]> {
  const headers = { authorization: `Bearer ${secret}`, accept: 'text/event-stream' }
  const follow = async () => {
    const request = get({ port, path, headers, agent: false })
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    if (answer.statusCode !== 200) throw new Error(`a live reader of ${path} got ${answer.statusCode}`)
    for (const one of [request, answer]) one.on('error', () => undefined)
    answer.resume()
    return () => void request.destroy()
  }
  return Promise.all(Array.from({ length: liveReaders }, follow))
}

/** The admin call, and its end. */
async function rebuildInService({ port }: RunningServer, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${secret}` }
  const address = `http://127.0.0.1:${port}/v1/projections`
  const started = await fetch(`${address}/${name}/rebuild`, { method: 'POST', headers })
  if (started.status !== 202) throw new Error(`the rebuild of ${name} was answered ${started.status}`)
  const { generation: before } = await reportOf(address, headers, name)
  for (let idle = 0; idle < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { generation, rebuilding } = await reportOf(address, headers, name)
    if (generation !== before) return
    idle = rebuilding ? 0 : idle + 1
  }
  throw new Error(`the rebuild of ${name} by an admin call has replaced nothing`)
}

interface Report {
  name: string
  generation: number
  rebuilding: boolean
}

async function reportOf(address: string, headers: Record<string, string>, name: string): Promise<Report> {
  const answer = await fetch(address, { headers })
  const { projections } = (await answer.json()) as { projections: Report[] }
  const report = projections.find((one) => one.name === name)
  if (!report) throw new Error(`there is no projection ${name}`)
  return report
}

async function appendEverywhere(bench: Bench, { port }: RunningServer, proposals: number): Promise<void> {
  const { clients, seconds } = bench.options
  const proposalIds = spread(proposals)
  const name = Date.now().toString(36)
  const common = { port, clients, seconds, secret }
  await runAppends({ ...common, keyPrefix: `old-${name}`, to: { proposalIds }, bodies: [furtherLine] })
  await runAppends({ ...common, keyPrefix: `new-${name}`, to: { prefix: `memory-${name}` }, bodies: [...bodies] })
}

async function readEverywhere(bench: Bench, { port }: RunningServer, proposals: number): Promise<void> {
  const { clients, seconds } = bench.options
  const targets = targetsOf(await captureStatuses(port, spread(proposals)), 200)
  await runReads({ port, clients, seconds, secret, targets })
}

function spread(proposals: number): string[] {
  const count = Math.min(touched, proposals)
  return Array.from({ length: count }, (_, at) => preloadedProposal(Math.floor((at * proposals) / count)))
}

function notesOf(bench: Bench): string {
  const { largeProposals, seconds, clients } = bench.options
  return `peak resident memory (VmHWM) over the first projection of ${largeProposals.toLocaleString('en')} proposals of four events, appends to ${touched.toLocaleString('en')} old and to new proposals and reads of the old ones (${clients} clients, ${seconds} s each), the whole feed, a rebuild of each read model by an admin call, and one in its own process, with ${2 * liveReaders} live readers`
}

function memoryRow(name: string, bytes: number | null, notes: string[]): Row {
  const what = `peak memory, ${name}`
  if (bytes === null) return { what, notMeasured: 'this system does not tell a process’s peak memory (/proc is Linux)' }
  return { what, unit: 'MiB', ours: bytes / 2 ** 20, rival: null, goal, notes }
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '?' : formatFigure(bytes / 2 ** 20)
}
