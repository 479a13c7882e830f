import type { Bench } from '../lib/context.ts'
import { runBeside, runCrowd } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
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

/** What others experience while three hundred anonymous readers request the most expensive lists without a pause. */
export async function measureBesideReaders(bench: Bench): Promise<Row[]> {
  const url = await loadedLedger(bench, bench.options.events)
  const [projection, command] = await Promise.all([startProjectionService(url), startCommandService(url)])
  const { seconds } = bench.options
  const crowd = runCrowd({ port: projection.port, readers, addresses, seconds: seconds + 2, paths: [...lists] })
  // By then, all of them have begun.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const [felt, { answered, refused }] = await Promise.all([
    runBeside({
      commandPort: command.port,
      projectionPort: projection.port,
      seconds,
      statusPath: `/v1/proposals/${preloadedProposal(0)}`,
      body: bodies[0] ?? '',
      prefix: `beside-${Date.now().toString(36)}`,
      secret,
    }),
    crowd,
  ])
  await Promise.all([projection.close(), command.close()])
  const notes = [
    `${readers} anonymous readers from ${addresses} addresses ask for ${lists.join(', ')} again and again, over ${(bench.options.events / 4).toLocaleString('en')} proposals; who is told 503 waits two seconds`,
    `they had ${answered} answers and ${refused} times 503 within ${seconds + 2} s`,
  ]
  return [
    besideRow('a status, p99', felt.statuses, 0.99, 50, notes),
    besideRow('/health/live, p99', felt.healths, 0.99, 100, notes),
    besideRow('acknowledged → visible, most', felt.visible, 1, 1_000, notes),
  ]
}

function besideRow(what: string, took: Float64Array, share: number, most: number, notes: readonly string[]): Row {
  const figures = [0.5, 0.99, 1].map((part) => formatFigure(percentile(took, part))).join(', ')
  return {
    what: `beside readers: ${what}`,
    unit: 'ms',
    ours: percentile(took, share),
    rival: null,
    goal: { kind: 'at most', value: most },
    notes: [...notes, `${took.length} times; p50, p99 and most: ${figures} ms`],
  }
}
