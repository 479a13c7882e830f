import { captureStatuses, targetsOf } from '../lib/answers.ts'
import type { Bench } from '../lib/context.ts'
import { runAppends, runReads } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { readProcessorTime } from '../lib/process-usage.ts'
import type { RunningServer } from '../lib/processes.ts'
import { createLedger, secret, startCommandService, startProjectionService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, formatFigure, type Side } from '../lib/rounds.ts'
import { median } from '../lib/statistics.ts'
import { bodies, preloadedProposal } from '../lib/workload.ts'

const withoutGate = ['--import', new URL('../lib/without-gate.ts', import.meta.url).href]
/** Of four events each; the cost of a read does not depend on how many there are. */
const readProposals = 1_000

/** Does work for some seconds, and returns how much was done in each. */
type Work = (server: RunningServer, round: string, seconds: number) => Promise<number>

/** Services in which requests wait for others at the gate, against the same services without it. */
export async function measureGate(bench: Bench): Promise<Row[]> {
  const { clients } = bench.options
  const { appends, reads } = await startEach(bench)
  const rows = [await compare(bench, `appends, ${clients} clients`, appends, appending(clients))]
  for (const [what, many] of [
    [`status reads, ${clients} clients`, clients],
    ['status reads, one client', 1],
  ] as const)
    rows.push(await compare(bench, what, reads, await reading(reads[0], many)))
  await Promise.all([...appends, ...reads].map((service) => service.close()))
  return rows
}

/** With and without. */
type Both = readonly [RunningServer, RunningServer]

/** The second of two projection services on one ledger would only stand by, and read each status from the database: so each has its own. */
async function startEach(bench: Bench): Promise<{ appends: Both; reads: Both }> {
  const empty = await createLedger(bench, 'bench_gate')
  const one = await loadedLedger(bench, 4 * readProposals)
  const other = await loadedLedger(bench, 4 * (readProposals + 1))
  return {
    appends: [await startCommandService(empty), await startCommandService(empty, withoutGate)],
    reads: [await startProjectionService(one), await startProjectionService(other, {}, withoutGate)],
  }
}

function appending(clients: number): Work {
  return async ({ port }, round, seconds) => {
    const job = { port, clients, seconds, bodies: [...bodies], to: { prefix: round }, keyPrefix: round, secret }
    return (await runAppends(job)).appendsPerSecond
  }
}

async function reading({ port }: RunningServer, clients: number): Promise<Work> {
  const ids = Array.from({ length: readProposals }, (_, number) => preloadedProposal(number))
  const targets = targetsOf(await captureStatuses(port, ids), 200)
  return async (server, _round, seconds) =>
    (await runReads({ port: server.port, clients, seconds, secret, targets })).readsPerSecond
}

async function compare(bench: Bench, what: string, both: Both, work: Work): Promise<Row> {
  const { seconds, rounds, warmSeconds } = bench.options
  const used: number[][] = [[], []]
  const prefix = what.replaceAll(/\W+/g, '-')
  const sides = both.map((server, at): Side => {
    return {
      name: `${what}, ${at === 0 ? 'with' : 'without'} gate`,
      async measure(round) {
        const before = readProcessorTime(server.pid)
        const rate = await work(server, `${prefix}-${at}-${round}`, seconds / 2)
        const after = readProcessorTime(server.pid)
        if (before !== null && after !== null) used[at]?.push(((after - before) * 1e6) / (rate * (seconds / 2)))
        return rate
      },
    }
  })
  for (const [at, server] of both.entries()) await work(server, `${prefix}-${at}-warm`, warmSeconds / 4)
  const [gathered, alone] = await alternate(sides, rounds, bench.say)
  if (!gathered || !alone) throw new Error('two sides were measured')
  const cost = used.map((figures) => (figures.length === 0 ? 'unknown' : formatFigure(median(figures)))).join(' and ')
  return rateRow(`gate: ${what}`, 'per s', gathered, { ...alone, name: 'without gate' }, 1, [
    formatRounds(gathered),
    formatRounds(alone),
    `processor time of the service, all threads, with and without: ${cost} µs a request`,
  ])
}
