import type { Bench } from '../lib/context.ts'
import { runBeside, runBulk, runRepeat } from '../lib/load.ts'
import type { RunningServer } from '../lib/processes.ts'
import { createLedger, secret, startCommandService, startProjectionService } from '../lib/product.ts'
import type { Row } from '../lib/report.ts'
import { formatFigure } from '../lib/rounds.ts'
import { percentile } from '../lib/statistics.ts'
import { bodies, smallProposal, yearlyAssessment } from '../lib/workload.ts'

/** Events of the stream that is corrected. */
const longStream = 5_000
/** The most lines that an atomic import may have. */
const importedLines = 10_000

/** A write that takes long, and that one client sends again and again. */
interface Writer {
  what: string
  path: string
  type: string
  body: string
}

/** What others experience while one client sends the most expensive writes. */
export async function measureBesideWriters(bench: Bench): Promise<Row[]> {
  const url = await createLedger(bench, 'bench_beside_writers')
  const [projection, command] = await Promise.all([startProjectionService(url), startCommandService(url)])
  const first = await runBulk({ ...bulkTo(command), prefix: 'usual', lines: 4_000, bodies: [...bodies] })
  const assessments = Array.from({ length: longStream - 1 }, () => yearlyAssessment)
  const long = await runBulk({
    ...bulkTo(command),
    prefix: 'long',
    lines: longStream,
    bodies: [bodies[0] ?? '', ...assessments],
  })
  bench.say(`recorded ${first.recorded + long.recorded} events`)
  const rows: Row[] = []
  for (const writer of [correction(), atomicImport()])
    rows.push(...(await besideWriter(bench, projection, command, writer)))
  await Promise.all([projection.close(), command.close()])
  return rows
}

function bulkTo({ port }: RunningServer) {
  return { port, secret }
}

function correction(): Writer {
  const data = {
    reason: { en: 'The day had been misread: {turn}' },
    corrections: [{ event: 2, occurredOn: '2024-01-02' }],
  }
  const { evidence } = JSON.parse(bodies[0] ?? '{}') as { evidence: unknown }
  const body = JSON.stringify({ type: 'corrected', occurredOn: null, confidence: 'reported', evidence, data })
  const what = `a correction in a stream of ${longStream.toLocaleString('en')} events`
  return { what, path: '/v1/proposals/long-0/events', type: 'application/json', body }
}

function atomicImport(): Writer {
  const lines = Array.from(
    { length: importedLines },
    (_, line) => `{"proposalId":"many-{turn}-${line}",${smallProposal.slice(1)}\n`,
  )
  const what = `an atomic import of ${importedLines.toLocaleString('en')} lines`
  return { what, path: '/v1/events?atomic=true', type: 'application/x-ndjson', body: lines.join('') }
}

async function besideWriter(
  bench: Bench,
  projection: RunningServer,
  command: RunningServer,
  { what, ...write }: Writer,
): Promise<Row[]> {
  const { seconds } = bench.options
  const word = `t${Date.now().toString(36)}`
  const writing = runRepeat({ ...write, port: command.port, word, seconds: seconds + 2, secret })
  // By then it has begun.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const felt = await runBeside({
    commandPort: command.port,
    projectionPort: projection.port,
    seconds,
    statusPath: '/v1/proposals/usual-0',
    body: null,
    prefix: `beside-${word}`,
    secret,
  })
  const notes = [`one client sends ${what} again and again: ${await writing} times within ${seconds + 2} s`]
  const figures = [0.5, 0.99, 1].map((part) => formatFigure(percentile(felt.statuses, part))).join(', ')
  bench.say(`beside ${what}, a status, p50, p99 and most: ${figures} ms`)
  return [
    {
      what: `beside ${what}: a status, p99`,
      unit: 'ms',
      ours: percentile(felt.statuses, 0.99),
      rival: null,
      goal: { kind: 'at most', value: 50 },
      notes: [...notes, `${felt.statuses.length} times; p50, p99 and most: ${figures} ms`],
    },
  ]
}
