import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CapturedAnswer, captureStatuses, targetsOf } from '../lib/answers.ts'
import { onEnd } from '../lib/cleanup.ts'
import type { Bench } from '../lib/context.ts'
import { runReads } from '../lib/load.ts'
import { loadedLedger } from '../lib/loaded-ledger.ts'
import { benchFile, type RunningServer, startServer } from '../lib/processes.ts'
import { secret, startProjectionService } from '../lib/product.ts'
import { formatRounds, type Row, rateRow } from '../lib/report.ts'
import { alternate, type Side } from '../lib/rounds.ts'
import { preloadedProposal } from '../lib/workload.ts'

/** How many proposals are read in turn: enough for a dashboard, and far more than there are clients. */
const working = 1000

/** Status reads, complete (200) and confirmed (304), compared with a bare Fastify route that sends the same bytes. */
export async function measureReads(bench: Bench): Promise<Row[]> {
  const url = await loadedLedger(bench, bench.options.events)
  const ours = await startProjectionService(url)
  const proposals = Math.floor(bench.options.events / 4)
  const sample = Array.from({ length: working }, (_, at) => preloadedProposal(Math.floor((at * proposals) / working)))
  const answers = await captureStatuses(ours.port, sample)
  const rival = await startBareServer(answers)
  await checkSameBytes(answers, rival)
  const rows: Row[] = []
  for (const status of [200, 304] as const) rows.push(await compare(bench, ours, rival, answers, status))
  await Promise.all([ours.close(), rival.close()])
  return rows
}

async function compare(
  bench: Bench,
  ours: RunningServer,
  rival: RunningServer,
  answers: CapturedAnswer[],
  status: 200 | 304,
): Promise<Row> {
  const sides = [ours, rival].map((server) => readSide(bench, server, answers, status))
  for (const side of sides) await side.measure(0)
  const [measured, rivalMeasured] = await alternate(sides, bench.options.rounds, bench.say)
  if (!measured || !rivalMeasured) throw new Error('two sides were measured')
  const bytes = Buffer.byteLength(answers[0]?.body ?? '')
  return rateRow(`status reads, ${status}`, 'per s', measured, rivalMeasured, 0.8, [
    `${bench.options.clients} keep-alive clients over ${working} proposals of ${(bench.options.events / 4).toLocaleString('en')}, ${bytes} bytes each, one process per server`,
    `bare Fastify: no database, no authentication, no log; body, ETag and other headers prepared; status and length of each answer checked on both sides, bytes compared once`,
    formatRounds(measured),
    formatRounds(rivalMeasured),
  ])
}

function readSide(bench: Bench, server: RunningServer, answers: CapturedAnswer[], status: 200 | 304): Side {
  const { clients, seconds } = bench.options
  const job = { port: server.port, clients, seconds, secret, targets: targetsOf(answers, status) }
  return { name: `${server.name}, ${status}`, measure: async () => (await runReads(job)).readsPerSecond }
}

function startBareServer(answers: CapturedAnswer[]): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-bench-'))
  onEnd(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  return startServer('bare Fastify', benchFile('rivals/bare-server.ts'), { ANSWERS: file })
}

async function checkSameBytes(answers: CapturedAnswer[], rival: RunningServer): Promise<void> {
  const theirs = await captureStatuses(
    rival.port,
    answers.map(({ proposalId }) => proposalId),
  )
  const differs = answers.find((answer, at) => JSON.stringify(answer) !== JSON.stringify(theirs[at]))
  if (differs) throw new Error(`the bare route answers ${differs.proposalId} with other bytes or headers`)
}
