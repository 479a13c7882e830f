import { type Answer, type Connection, openConnection } from './connection.ts'
import type { LagJob, LagResult } from './jobs.ts'
import { appendRequest, positionOf, readRequest } from './requests.ts'

interface Figures {
  lags: number[]
  appendLatencies: number[]
  lateness: number[]
}

/** A proposal in progress: each event is sent when the previous one is acknowledged. */
interface Run {
  proposalId: string
  step: number
}

interface Pool {
  idle: Connection[]
  waiting: ((connection: Connection) => void)[]
}

/**
 * Sends appends at the planned times and reads each back with `atLeast` as soon as it is acknowledged. The lag includes the round trip of
 * the read: it is how long a user waits to see what they have just recorded.
 */
export async function measureLag(job: LagJob): Promise<LagResult> {
  const commands = await openPool(job.commandPort, job.connections)
  const reads = await openPool(job.projectionPort, job.connections)
  const figures: Figures = { lags: [], appendLatencies: [], lateness: [] }
  const total = Math.round(job.appendsPerSecond * job.seconds)
  const started = performance.now()
  await sendAll(job, total, started, commands, reads, figures)
  const seconds = (performance.now() - started) / 1000
  for (const connection of [...commands.idle, ...reads.idle]) connection.close()
  return {
    lags: Float64Array.from(figures.lags),
    appendLatencies: Float64Array.from(figures.appendLatencies),
    lateness: Float64Array.from(figures.lateness),
    appendsPerSecond: total / seconds,
  }
}

async function sendAll(
  job: LagJob,
  total: number,
  started: number,
  commands: Pool,
  reads: Pool,
  figures: Figures,
): Promise<void> {
  const ready: Run[] = []
  const running: Promise<void>[] = []
  let runs = 0
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * job.appendsPerSecond) + 1)
    for (; sent < due; sent++) {
      const planned = started + (sent * 1000) / job.appendsPerSecond
      const run = ready.shift() ?? { proposalId: `${job.prefix}-${runs++}`, step: 0 }
      running.push(appendAndSee(job, run, planned, commands, reads, figures, ready))
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(running)
}

async function appendAndSee(
  job: LagJob,
  run: Run,
  planned: number,
  commands: Pool,
  reads: Pool,
  figures: Figures,
  ready: Run[],
): Promise<void> {
  const key = `${run.proposalId}-${run.step}`
  const body = Buffer.from(job.bodies[run.step] as string)
  const answer = await exchange(commands, appendRequest(run.proposalId, key, job.secret, body), 201, () =>
    figures.lateness.push(performance.now() - planned),
  )
  const acknowledged = performance.now()
  figures.appendLatencies.push(acknowledged - planned)
  const version = ++run.step
  if (version < job.bodies.length) ready.push(run)
  const path = `/v1/proposals/${run.proposalId}?atLeast=${positionOf(answer.head)}`
  const status = await exchange(reads, readRequest(path, job.secret, null), 200, () => undefined)
  figures.lags.push(performance.now() - acknowledged)
  checkShown(status, run.proposalId, version)
}

function checkShown(status: Answer, proposalId: string, version: number): void {
  const shown = JSON.parse(status.body?.toString() ?? 'null') as { proposalId: string; version: number }
  if (shown.proposalId === proposalId && shown.version >= version) return
  throw new Error(`the status of ${proposalId} shows version ${shown.version}, acknowledged was ${version}`)
}

async function exchange(pool: Pool, bytes: string | Buffer, expected: number, sending: () => unknown): Promise<Answer> {
  const connection = pool.idle.pop() ?? (await new Promise<Connection>((resolve) => pool.waiting.push(resolve)))
  sending()
  const answer = await connection.request(bytes, true)
  const next = pool.waiting.shift()
  if (next) next(connection)
  else pool.idle.push(connection)
  if (answer.status !== expected) throw new Error(`got ${answer.status}, not ${expected}: ${answer.body?.toString()}`)
  return answer
}

async function openPool(port: number, size: number): Promise<Pool> {
  return { idle: await Promise.all(Array.from({ length: size }, () => openConnection(port))), waiting: [] }
}
