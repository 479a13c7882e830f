import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../lib/context.ts'
import { type HeapWatch, watchHeap } from '../lib/live-heap.ts'
import { runFile } from '../lib/load.ts'
import { eventsOfHistory } from '../lib/made-histories.ts'
import { madeLedger } from '../lib/made-ledger.ts'
import type { RunningServer } from '../lib/processes.ts'
import { secret, startProjectionService, temporaryFolder } from '../lib/product.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { median } from '../lib/statistics.ts'

/** All made proposals can be published with these. */
const settings = {
  reportingOrg: { ref: 'XX-BENCH-1', type: '10', name: { en: 'Bench' }, secondaryReporter: true },
  reportingParty: 'most-vn',
  language: 'en',
  country: 'VN',
  kinds: ['programme', 'oda-grant-project', 'technical-assistance', 'rnd-centre', 'system'],
  files: 1,
  sectors: {
    materials: '32182',
    ai: '22040',
    energy: '23182',
    health: '12182',
    agriculture: '31182',
    space: '43082',
  },
}

/**
 * Activities a second: IATI's bulk data service waits 25 seconds for a file, and a file of 40 MB, the most that its guidance wants, has some
 * 20,000.
 */
const rateGoal = { kind: 'at least', value: 20_000 / 25 } as const
/**
 * Of what the service holds: a page comes and goes, and what is remembered of other proposals is at most some 3 MiB (services/projection/src/iati).
 * Resident memory says less: V8 collects garbage when the heap has grown by a factor, and keeps the pages.
 */
const growthGoal = { kind: 'at most', value: 8 } as const
const mostRounds = 3

/** The whole ledger as one activity file: its speed, and that memory does not grow with it. */
export async function measureIati(bench: Bench): Promise<Row[]> {
  const { momentProposals: histories, rounds } = bench.options
  const url = await madeLedger(bench, histories)
  const file = join(temporaryFolder(), 'iati.json')
  writeFileSync(file, JSON.stringify(settings))
  const watch = await watchHeap()
  const service = await startProjectionService(url, { IATI_FILE: file }, watch.flags)
  const measured: Download[] = []
  for (let round = 0; round < Math.min(rounds, mostRounds); round += 1) {
    measured.push(await download(service, measured[0]))
    bench.say(`${formatFigure(measured.at(-1)?.rate ?? 0)} activities per s`)
  }
  const [first] = measured
  const held = await heapWhile(watch, () => download(service, measured[0]))
  const { exported, leftOut } = await readReport(service)
  if (first === undefined || first.activities !== exported) throw new Error(`the report has ${exported} activities`)
  await service.close()
  const megabytes = (bytes: number | null) => (bytes === null ? '?' : formatFigure(bytes / 2 ** 20))
  const notes = [
    `${histories.toLocaleString('en')} made proposals of ${eventsOfHistory} events in three levels: ${exported.toLocaleString('en')} published, ${leftOut.toLocaleString('en')} left out (their ending says that they were recorded by mistake); ${(first.bytes / 1e6).toFixed(0)} MB of XML, read by a process of its own`,
    `activities per s: ${measured.map(({ rate }) => formatFigure(rate)).join(', ')}; each round gave the same bytes (SHA-256 ${first.sha256}), and as many activities as the report says`,
  ]
  const most = (some: readonly number[]) => Math.max(...some) / 2 ** 20
  const [early, late] = [held.slice(0, held.length / 2), held.slice(held.length / 2)]
  const live = `live heap, each time after a full collection, ${held.length} times while one more file was read: at most ${formatFigure(most(early))} MiB in the first half, ${formatFigure(most(late))} in the second`
  const resident = `peak resident memory (VmHWM) of the projection service: ${megabytes(first.peaks.before)} MiB before, ${megabytes(first.peaks.tenth)} after a tenth of the first download, ${megabytes(first.peaks.end)} after all of it`
  return [
    {
      what: 'IATI file',
      unit: 'activities per s',
      ours: median(measured.map(({ rate }) => rate)),
      rival: null,
      goal: rateGoal,
      notes,
    },
    {
      what: 'live heap, IATI file: growth',
      unit: 'MiB',
      ours: Math.max(0, most(late) - most(early)),
      rival: null,
      goal: growthGoal,
      notes: [live, resident],
    },
  ]
}

/** Milliseconds between two looks: each collection stops the process. */
const pace = 1_000

/** Bytes of live heap, again and again while something is done. */
async function heapWhile(watch: HeapWatch, work: () => Promise<unknown>): Promise<readonly number[]> {
  const heap = await watch.open()
  const held: number[] = []
  let isDone = false
  const done = work().finally(() => {
    isDone = true
  })
  const watched = async () => {
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, pace))
      held.push(await heap.live())
    }
  }
  await Promise.all([done, watched()]).finally(() => heap.close())
  return held
}

interface Download {
  readonly activities: number
  readonly rate: number
  readonly bytes: number
  readonly sha256: string | null
  readonly peaks: { readonly before: number | null; readonly tenth: number | null; readonly end: number | null }
}

async function download(service: RunningServer, before: Download | undefined): Promise<Download> {
  const peaks: { at: number; bytes: number | null }[] = []
  const look = () => peaks.push({ at: performance.now(), bytes: service.peakMemory() })
  look()
  const watch = setInterval(look, 100)
  const began = performance.now()
  const { port } = service
  const taken = await runFile({ port, path: '/v1/iati/activities.xml', secret, counted: '<iati-activity ' })
  clearInterval(watch)
  look()
  if (before !== undefined && before.sha256 !== taken.sha256) throw new Error('the same moment gave other bytes')
  const tenth = began + (performance.now() - began) / 10
  return {
    activities: taken.count,
    rate: taken.count / taken.seconds,
    bytes: taken.bytes,
    sha256: taken.sha256,
    peaks: {
      before: peaks[0]?.bytes ?? null,
      tenth: peaks.findLast(({ at }) => at <= tenth)?.bytes ?? null,
      end: peaks.at(-1)?.bytes ?? null,
    },
  }
}

async function readReport({ port }: RunningServer): Promise<{ exported: number; leftOut: number }> {
  const headers = { authorization: `Bearer ${secret}` }
  const answer = await fetch(`http://127.0.0.1:${port}/v1/iati/report`, { headers })
  return (await answer.json()) as { exported: number; leftOut: number }
}
