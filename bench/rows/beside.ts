import type { Bench } from '../lib/context.ts'
import { runBeside, runCrowd } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import type { RunningServer } from '../lib/processes.ts'
import { secret, startCommandService, startProjectionService } from '../lib/product.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { percentile } from '../lib/statistics.ts'
import { bodies, preloadedProposal } from '../lib/workload.ts'

const readers = 300
const addresses = 20

/** The most expensive reads: full pages, sorts without an index, a search, and the past. */
const lists = [
  '/v1/proposals?limit=500',
  '/v1/proposals?limit=500&sort=-title',
  '/v1/proposals?limit=500&q=e&sort=-updated',
  '/v1/proposals?limit=500&asOf=2025-01-01&sort=-title',
  '/v1/portfolio?asOf=2025-01-01',
] as const

/** What one client asks again and again: full pages of a search that matches everything, sorted without an index. */
const dearest = {
  'the dearest list': '/v1/proposals?limit=500&q=e&sort=-title',
  'the dearest moment': '/v1/proposals?limit=500&q=e&sort=-title&asOf=2025-01-01',
} as const

/** What others experience while readers request the most expensive lists without a pause: three hundred without a key, and one alone. */
export async function measureBesideReaders(bench: Bench): Promise<Row[]> {
  const url = await loadedLedger(bench, bench.options.events)
  const services = await Promise.all([startProjectionService(url), startCommandService(url)])
  const rows = await besideCrowd(bench, services)
  for (const [what, path] of Object.entries(dearest)) rows.push(await besideOne(bench, services, what, path))
  await Promise.all(services.map((service) => service.close()))
  return rows
}

type Services = readonly [projection: RunningServer, command: RunningServer]

async function besideCrowd(bench: Bench, services: Services): Promise<Row[]> {
  const { felt, answered, refused } = await besideReading(bench, services, [...lists], readers, bodies[0] ?? '')
  const notes = [
    `${readers} anonymous readers from ${addresses} addresses ask for ${lists.join(', ')} again and again, over ${(bench.options.events / 4).toLocaleString('en')} proposals; who is told 503 waits two seconds`,
    `they had ${answered} answers and ${refused} times 503 within ${bench.options.seconds + 2} s`,
  ]
  return [
    besideRow('readers: a status, p99', felt.statuses, 0.99, 50, notes),
    besideRow('readers: /health/live, p99', felt.healths, 0.99, 100, notes),
    besideRow('readers: acknowledged → visible, most', felt.visible, 1, 1_000, notes),
  ]
}

async function besideOne(bench: Bench, services: Services, what: string, path: string): Promise<Row> {
  const { felt, answered, refused } = await besideReading(bench, services, [path], 1, null)
  return besideRow(`${what}: a status, p99`, felt.statuses, 0.99, 50, [
    `one client asks for ${path} again and again: ${answered} answers and ${refused} times 503 within ${bench.options.seconds + 2} s`,
  ])
}

/** @param event recorded again and again meanwhile, if any */
async function besideReading(
  bench: Bench,
  [projection, command]: Services,
  paths: readonly string[],
  clients: number,
  event: string | null,
) {
  const { seconds } = bench.options
  const many = { readers: clients, addresses: Math.min(clients, addresses), paths: [...paths] }
  const crowd = runCrowd({ ...many, port: projection.port, seconds: seconds + 2 })
  // By then, all of them have begun.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const [felt, counts] = await Promise.all([
    runBeside({
      commandPort: command.port,
      projectionPort: projection.port,
      seconds,
      statusPath: `/v1/proposals/${preloadedProposal(0)}`,
      body: event,
      prefix: `beside-${Date.now().toString(36)}`,
      secret,
    }),
    crowd,
  ])
  return { felt, ...counts }
}

function besideRow(what: string, took: Float64Array, share: number, most: number, notes: readonly string[]): Row {
  const figures = [0.5, 0.99, 1].map((part) => formatFigure(percentile(took, part))).join(', ')
  return {
    what: `beside ${what}`,
    unit: 'ms',
    ours: percentile(took, share),
    rival: null,
    goal: { kind: 'at most', value: most },
    notes: [...notes, `${took.length} times; p50, p99 and most: ${figures} ms`],
  }
}
