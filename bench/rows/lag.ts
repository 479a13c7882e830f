import type { Bench } from '../lib/context.ts'
import { queryRows } from '../lib/database.ts'
import { runLag } from '../lib/load.ts'
import { createLedger, ledger, secret, startCommandService, startProjectionService } from '../lib/product.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { median, percentile } from '../lib/statistics.ts'
import { bodies } from '../lib/workload.ts'

const appendsPerSecond = 1000
/** At so few a second it takes longer until the code is compiled that is measured. */
const warmings = 2

interface Round {
  p50: number
  p99: number
  rate: number
  lateP99: number
}

/** The time from the acknowledgement of an event until its status shows it, at a steady thousand appends per second. */
export async function measureLags(bench: Bench): Promise<Row[]> {
  const url = await createLedger(bench, 'bench_lag')
  const services = await Promise.all([startCommandService(url), startProjectionService(url)])
  const [commandPort, projectionPort] = services.map(({ port }) => port) as [number, number]
  const run = (name: string, seconds: number) => lagRound(bench, { commandPort, projectionPort }, name, seconds)
  const warmSeconds = warmings * bench.options.warmSeconds
  await run('warm', warmSeconds)
  const rounds: Round[] = []
  for (let round = 0; round < bench.options.rounds; round++)
    rounds.push(await run(`bench-${round}`, bench.options.seconds))
  await checkCount(url, appendsPerSecond * (warmSeconds + bench.options.rounds * bench.options.seconds))
  await Promise.all(services.map((service) => service.close()))
  const notes = [
    'open loop: appends are sent at fixed times; each, when acknowledged, is read back at once with ?atLeast, and the read has its own way there and back in the figure',
    `${bench.options.clients} connections to each service; every read was checked to show the event`,
    ...rounds.map(formatRound),
  ]
  const figure = median(rounds.map(({ p99 }) => p99))
  return [
    {
      what: 'acknowledged → visible, p99',
      unit: 'ms',
      ours: figure,
      rival: null,
      goal: { kind: 'at most', value: 20 },
      notes,
    },
  ]
}

async function lagRound(
  bench: Bench,
  ports: { commandPort: number; projectionPort: number },
  prefix: string,
  seconds: number,
): Promise<Round> {
  const { clients } = bench.options
  const result = await runLag({
    ...ports,
    connections: clients,
    appendsPerSecond,
    seconds,
    bodies: [...bodies],
    prefix,
    secret,
  })
  const round = {
    p50: percentile(result.lags, 0.5),
    p99: percentile(result.lags, 0.99),
    rate: result.appendsPerSecond,
    lateP99: percentile(result.lateness, 0.99),
  }
  bench.say(formatRound(round))
  return round
}

function formatRound({ p50, p99, rate, lateP99 }: Round): string {
  const [middle, high, late] = [p50, p99, lateP99].map(formatFigure)
  return `p50 ${middle} ms, p99 ${high} ms at ${formatFigure(rate)} appends per s (sent up to ${late} ms late, p99)`
}

async function checkCount(url: string, expected: number): Promise<void> {
  const [row] = await queryRows<{ count: string }>(url, `SELECT count(*) FROM ${ledger}.events`)
  if (Number(row?.count) !== expected)
    throw new Error(`${row?.count} events are in the log, ${expected} were acknowledged`)
}
