import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportLog } from '@commitments/audit-cli'
import type { Bench } from '../lib/context.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { benchFile, type RunningServer, runJob } from '../lib/processes.ts'
import { secret, startProjectionService } from '../lib/product.ts'
import { formatRounds, type Row } from '../lib/report.ts'
import { alternate, type Measured, type Side } from '../lib/rounds.ts'
import type { Audited, AuditJob } from '../load/audit.ts'

/** The promised events a second, without the comparison of statuses: over HTTP, and from a file. */
const goals = [100_000, 200_000] as const

/** `audit.mjs verify`, in a separate process: every line, the tree and its signature; over HTTP, and from an exported file. */
export async function measureVerify(bench: Bench): Promise<Row[]> {
  const { events } = bench.options
  const url = await loadedLedger(bench, events)
  const service = await startProjectionService(url)
  const folder = mkdtempSync(join(tmpdir(), 'commitments-bench-'))
  try {
    const source = `http://127.0.0.1:${service.port}`
    await untilSigned(service, events)
    const file = join(folder, 'log.ndjson')
    await exportLog({ source, file, apiKey: secret })
    const runs: Audited[] = []
    const sides = [sideOf('over HTTP', source, events, runs), sideOf('from a file', file, events, runs)]
    const measured = await alternate(sides, bench.options.rounds, bench.say)
    return measured.map((one, at) =>
      rowOf(
        one,
        runs.filter((_, index) => index % 2 === at),
        events,
        goals[at] ?? 0,
      ),
    )
  } finally {
    await service.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function sideOf(name: string, source: string, events: number, runs: Audited[]): Side {
  return {
    name,
    async measure() {
      const job: AuditJob = { source, apiKey: secret }
      const audited = await runJob<Audited>(benchFile('load/audit.ts'), job)
      if (audited.outcome !== 'valid' || audited.lines !== events)
        throw new Error(`verify ${name}: ${audited.sentence}`)
      runs.push(audited)
      return events / audited.seconds
    },
  }
}

function rowOf(measured: Measured, runs: readonly Audited[], events: number, least: number): Row {
  const cpu = runs.map(({ cpuSeconds }) => ((cpuSeconds / events) * 1e6).toFixed(1))
  const memory = Math.max(...runs.map(({ peakMemory }) => peakMemory)) / 2 ** 20
  const notes = [
    `${events.toLocaleString('en')} events of four a proposal, one process with two threads; each line judged, hashed and put into the tree, root and signature checked, no status compared`,
    formatRounds(measured),
    `µs of CPU for each event, this process alone: ${cpu.join(', ')}; peak memory ${memory.toFixed(0)} MiB`,
    'each round came to the verdict VALID over all lines',
  ]
  const goal = { kind: 'at least', value: least } as const
  return { what: `verify ${measured.name}`, unit: 'events per s', ours: measured.median, rival: null, goal, notes }
}

const signedWithin = 10 * 60_000

async function untilSigned({ port }: RunningServer, events: number): Promise<void> {
  for (const deadline = Date.now() + signedWithin; Date.now() < deadline; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/log/checkpoint`, {
      headers: { authorization: `Bearer ${secret}` },
    })
    const size = Number((await answer.text()).split('\n')[1])
    if (answer.ok && size >= events) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the log was not signed within ${signedWithin / 60_000} minutes`)
}
