import { captureStatuses, targetsOf } from '../lib/answers.ts'
import type { Bench } from '../lib/context.ts'
import { runAppends, runLag, runReads } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { bytesOf } from '../lib/preload.ts'
import { type RunningServer } from '../lib/processes.ts'
import { secret, startCommandService, startProjectionService, untilCaughtUp } from '../lib/product.ts'
import { formatRounds, type MeasuredRow, type Row, spreadOf } from '../lib/report.ts'
import { alternate, formatFigure, type Side } from '../lib/rounds.ts'
import { bytesOfEvent, vacuumOf } from '../lib/sizes.ts'
import { percentile } from '../lib/statistics.ts'
import { bodies, furtherLine, preloadedProposal } from '../lib/workload.ts'

const smallEvents = 10_000
/** Proposals in use: all of the small log, and as many of the large one, so that only the size of the log differs. */
const working = smallEvents / 4

/** One of the two logs. */
interface Ledger {
  name: string
  url: string
  proposalIds: string[]
}

/** A log with a service. */
interface Served extends Ledger {
  process: RunningServer
}

/** Appends a second at which the live projection is measured. */
const livePace = 500

/** The cost of an append, a status read and the live projection with a large log, compared with a small one. */
export async function measureGrowth(bench: Bench): Promise<Row[]> {
  const large = await openLedger(bench, bench.options.largeEvents)
  const ledgers = [large, await openLedger(bench, smallEvents)]
  const commands = await serve(ledgers, startCommandService)
  const appended = [
    await compare(bench, 'append to new proposals', commands, appendSides(bench, commands, 'new')),
    await compare(bench, 'append to old proposals', commands, appendSides(bench, commands, 'old')),
  ]
  await stop(commands)
  const projections = await serve(ledgers, startProjectionService)
  const read = await compare(bench, 'status read', projections, await readSides(bench, projections))
  const live = await measureLive(bench, ledgers, projections)
  await stop(projections)
  const size = `the large log's database takes ${((await bytesOf(large.url)) / 1e9).toFixed(1)} GB on disk`
  const stored = [size, await bytesOfEvent(large.url), ...(await vacuumOf(large.url))]
  for (const line of stored) bench.say(line)
  return [...appended, read, { ...live, notes: [...live.notes, ...stored] }]
}

/** How long what was recorded is not visible yet, and how far the projections are behind when a steady load ends. */
async function measureLive(bench: Bench, ledgers: Ledger[], projections: Served[]): Promise<MeasuredRow> {
  const commands = await serve(ledgers, startCommandService)
  const behind = ledgers.map(() => [] as number[])
  const run = Date.now().toString(36)
  const sides = commands.map(({ name, process }, at): Side => {
    const projection = (projections[at] as Served).process
    return {
      name,
      async measure(round) {
        const { lags } = await runLag({
          commandPort: process.port,
          projectionPort: projection.port,
          connections: bench.options.clients,
          appendsPerSecond: livePace,
          seconds: bench.options.seconds,
          bodies: [...bodies],
          prefix: `live-${run}-${round + 1}`,
          secret,
        })
        const ended = performance.now()
        await untilCaughtUp(projection)
        behind[at]?.push((performance.now() - ended) / 1000)
        return percentile(lags, 0.5)
      },
    }
  })
  for (const side of sides) await side.measure(-1)
  const [large, small] = await alternate(sides, bench.options.rounds, bench.say)
  await stop(commands)
  if (!large || !small) throw new Error('two sides were measured')
  return {
    what: `acknowledged → visible, p50, ${large.name}`,
    unit: 'ms',
    ours: large.median,
    rival: { name: small.name, figure: small.median },
    spread: spreadOf(large.rounds, small.rounds),
    goal: { kind: 'at most', value: 1.1 },
    notes: [
      `open loop at ${livePace} appends per s to new proposals; each is read back at once with ?atLeast`,
      ...[large, small].map((side) => `ms, ${formatRounds(side)}`),
      ...sides.map(
        ({ name }, at) =>
          `${name}: statuses and past had caught up ${behind[at]?.slice(1).map(formatFigure).join(', ')} s after the last append`,
      ),
    ],
  }
}

async function openLedger(bench: Bench, events: number): Promise<Ledger> {
  const url = await loadedLedger(bench, events)
  const proposals = Math.floor(events / 4)
  const proposalIds = Array.from({ length: working }, (_, at) =>
    preloadedProposal(Math.floor((at * proposals) / working)),
  )
  return { name: `${events.toLocaleString('en')} events`, url, proposalIds }
}

function serve(ledgers: Ledger[], start: (url: string) => Promise<RunningServer>): Promise<Served[]> {
  return Promise.all(ledgers.map(async (ledger) => ({ ...ledger, process: await start(ledger.url) })))
}

async function stop(served: Served[]): Promise<void> {
  await Promise.all(served.map(({ process }) => process.close()))
}

async function compare(bench: Bench, what: string, served: Served[], sides: Side[]) {
  for (const side of sides) await side.measure(-1)
  const [large, small] = await alternate(sides, bench.options.rounds, bench.say)
  if (!large || !small) throw new Error('two sides were measured')
  return {
    what: `cost of ${what}, ${served[0]?.name}`,
    unit: 'µs',
    ours: 1e6 / large.median,
    rival: { name: small.name, figure: 1e6 / small.median },
    spread: spreadOf(small.rounds, large.rounds),
    goal: { kind: 'at most', value: 1.1 } as const,
    notes: [
      `${bench.options.clients} keep-alive clients; cost is one second by what was done in it; old proposals and reads: the same ${working} in turn on both sides`,
      `per s, ${formatRounds(large)}`,
      `per s, ${formatRounds(small)}`,
    ],
  }
}

function appendSides(bench: Bench, served: Served[], kind: 'new' | 'old'): Side[] {
  const { clients, seconds } = bench.options
  const run = Date.now().toString(36)
  return served.map(({ name, process, proposalIds }) => ({
    name,
    async measure(round) {
      const keyPrefix = `${kind}-${run}-${round + 1}`
      const target =
        kind === 'new'
          ? { to: { prefix: keyPrefix }, bodies: [...bodies] }
          : { to: { proposalIds }, bodies: [furtherLine] }
      // Every further line makes a proposal longer. That costs both sides the same, but must not become what is measured.
      const length = kind === 'new' ? seconds : Math.min(seconds, 2)
      return (await runAppends({ port: process.port, clients, seconds: length, keyPrefix, secret, ...target }))
        .appendsPerSecond
    },
  }))
}

function readSides(bench: Bench, served: Served[]): Promise<Side[]> {
  const { clients, seconds } = bench.options
  return Promise.all(
    served.map(async ({ name, process, proposalIds }) => {
      const targets = targetsOf(await captureStatuses(process.port, proposalIds), 200)
      return {
        name,
        measure: async () => (await runReads({ port: process.port, clients, seconds, secret, targets })).readsPerSecond,
      }
    }),
  )
}
