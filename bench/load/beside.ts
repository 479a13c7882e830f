import { type Answer, type Connection, openConnection } from './connection.ts'
import type { BesideJob, BesideResult } from './jobs.ts'
import { appendRequest, positionOf, readRequest } from './requests.ts'

/** Milliseconds between two attempts of each kind. */
const every = 20
const appendEvery = 100

/**
 * What one caller experiences while many others read lists: statuses, health, and how long an event takes from its acknowledgement until it
 * is visible. Each has its own connection and sends one request after the other, at fixed times if the answers allow it.
 */
export async function measureBeside(job: BesideJob): Promise<BesideResult> {
  const deadline = performance.now() + job.seconds * 1000
  const [status, health, commands, reads] = (await Promise.all(
    [job.projectionPort, job.projectionPort, job.commandPort, job.projectionPort].map((port) => openConnection(port)),
  )) as [Connection, Connection, Connection, Connection]
  const [statuses, healths, visible] = await Promise.all([
    repeat(deadline, every, () => get(status, job.statusPath, job.secret)),
    repeat(deadline, every, () => get(health, '/health/live', job.secret)),
    job.body === null ? new Float64Array() : repeatAppends(job, job.body, deadline, commands, reads),
  ])
  for (const connection of [status, health, commands, reads]) connection.close()
  return { statuses, healths, visible }
}

/** Milliseconds of each attempt. */
async function repeat(deadline: number, pause: number, take: (turn: number) => Promise<unknown>) {
  const took: number[] = []
  for (let turn = 0; performance.now() < deadline; turn += 1) {
    const from = performance.now()
    await take(turn)
    took.push(performance.now() - from)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + pause - performance.now())))
  }
  return Float64Array.from(took)
}

async function repeatAppends(job: BesideJob, event: string, deadline: number, commands: Connection, reads: Connection) {
  const body = Buffer.from(event)
  const took: number[] = []
  await repeat(deadline, appendEvery, async (turn) => {
    const proposalId = `${job.prefix}-${turn}`
    const { head } = await expected(
      201,
      commands.request(appendRequest(proposalId, proposalId, job.secret, body), true),
    )
    const from = performance.now()
    await get(reads, `/v1/proposals/${proposalId}?atLeast=${positionOf(head)}`, job.secret)
    took.push(performance.now() - from)
  })
  return Float64Array.from(took)
}

function get(connection: Connection, path: string, secret: string): Promise<Answer> {
  return expected(200, connection.request(readRequest(path, secret, null)))
}

async function expected(status: number, asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  if (answer.status !== status) throw new Error(`got ${answer.status}, not ${status}: ${answer.body?.toString()}`)
  return answer
}
