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
const goal = { kind: 'at most', value: 512 } as const

/** Peak memory of each process of the product over all work that fills it, with a million proposals. */
export async function measureMemory(bench: Bench): Promise<Row[]> {
  const proposals = bench.options.largeProposals
  const url = await loadedLedger(bench, proposals * 4)
  const projection = await startProjectionService(url)
  const command = await startCommandService(url)
  const first = `projected ${proposals.toLocaleString('en')} proposals: ${megabytes(projection.peakMemory())} MiB`
  bench.say(first)
  await appendEverywhere(bench, command, proposals)
  await readEverywhere(bench, projection, proposals)
  await runFeed({ port: projection.port, limit: proposals * 4, secret, digest: false })
  const rebuild = await rebuildProjections(url)
  const peaks = [
    { name: command.name, bytes: command.peakMemory() },
    { name: projection.name, bytes: projection.peakMemory() },
    { name: 'the rebuild', bytes: rebuild.peakMemory },
  ]
  await Promise.all([command.close(), projection.close()])
  return peaks.map(({ name, bytes }) => memoryRow(name, bytes, [notesOf(bench), first]))
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
  return `peak resident memory (VmHWM) over the first projection of ${largeProposals.toLocaleString('en')} proposals of four events, appends to ${touched.toLocaleString('en')} old and to new proposals and reads of the old ones (${clients} clients, ${seconds} s each), the whole feed, and a rebuild`
}

function memoryRow(name: string, bytes: number | null, notes: string[]): Row {
  const what = `peak memory, ${name}`
  if (bytes === null) return { what, notMeasured: 'this system does not tell a process’s peak memory (/proc is Linux)' }
  return { what, unit: 'MiB', ours: bytes / 2 ** 20, rival: null, goal, notes }
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '?' : formatFigure(bytes / 2 ** 20)
}
