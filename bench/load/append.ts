import { openConnection } from './connection.ts'
import type { AppendJob, AppendResult } from './jobs.ts'
import { appendRequest, positionOf } from './requests.ts'

interface Client {
  number: number
  positions: number[]
  latencies: number[]
  /** How many answers came in time; the last one comes after the end and does not count for the rate. */
  inTime: number
}

/** Appends as the job says. Fails at the first answer that is not 201: a load that is refused measures nothing. */
export async function append(job: AppendJob): Promise<AppendResult> {
  const connections = await Promise.all(Array.from({ length: job.clients }, () => openConnection(job.port)))
  const clients = connections.map((_, number): Client => ({ number, positions: [], latencies: [], inTime: 0 }))
  const deadline = performance.now() + job.seconds * 1000
  await Promise.all(
    clients.map((client, at) => runClient(job, client, connections[at] as (typeof connections)[0], deadline)),
  )
  for (const connection of connections) connection.close()
  return {
    appendsPerSecond: clients.reduce((sum, client) => sum + client.inTime, 0) / job.seconds,
    latencies: Float64Array.from(clients.flatMap((client) => client.latencies)),
    acknowledged: clients.map((client) => Float64Array.from(client.positions)),
  }
}

async function runClient(
  job: AppendJob,
  client: Client,
  connection: Awaited<ReturnType<typeof openConnection>>,
  deadline: number,
): Promise<void> {
  const bodies = job.bodies.map(bodyFor)
  for (let turn = 0; ; turn++) {
    const proposalId = proposalOf(job, client.number, turn)
    for (const [step, bodyOf] of bodies.entries()) {
      const sent = performance.now()
      if (sent >= deadline) return
      const unique = `${job.keyPrefix}-${client.number}-${turn}`
      const answer = await connection.request(
        appendRequest(proposalId, `${unique}-${step}`, job.secret, bodyOf(unique)),
      )
      if (answer.status !== 201)
        throw new Error(`append to ${proposalId} got ${answer.status}: ${answer.body?.toString()}`)
      const now = performance.now()
      client.latencies.push(now - sent)
      client.positions.push(positionOf(answer.head))
      if (now <= deadline) client.inTime++
    }
  }
}

/** The bytes of a body for a turn. Most bodies are the same in every turn, and are encoded once. */
function bodyFor(body: string): (unique: string) => Buffer {
  const bytes = Buffer.from(body)
  return body.includes('{turn}') ? (unique) => Buffer.from(body.replace('{turn}', unique)) : () => bytes
}

/** Also used by the later check (`checkAppends`), which must name proposals as the load did. */
export function proposalOf(job: Pick<AppendJob, 'to' | 'clients'>, client: number, turn: number): string {
  if ('prefix' in job.to) return `${job.to.prefix}-${client}-${turn}`
  const { proposalIds } = job.to
  return proposalIds[(turn * job.clients + client) % proposalIds.length] as string
}
