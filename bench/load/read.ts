import { type Connection, openConnection } from './connection.ts'
import type { ReadJob, ReadResult, ReadTarget } from './jobs.ts'
import { readRequest } from './requests.ts'

interface Request {
  bytes: Buffer
  target: ReadTarget
}

/** Reads as the job says. Fails at the first answer with another status or length than expected. */
export async function read(job: ReadJob): Promise<ReadResult> {
  const requests = job.targets.map((target): Request => {
    return { bytes: Buffer.from(readRequest(target.path, job.secret, target.entityTag)), target }
  })
  const connections = await Promise.all(Array.from({ length: job.clients }, () => openConnection(job.port)))
  const deadline = performance.now() + job.seconds * 1000
  const stride = Math.max(1, Math.floor(requests.length / job.clients))
  const latencies = await Promise.all(
    connections.map((connection, client) => runClient(connection, requests, client * stride, deadline)),
  )
  for (const connection of connections) connection.close()
  const all = Float64Array.from(latencies.flat())
  return { readsPerSecond: all.length / job.seconds, latencies: all }
}

async function runClient(
  connection: Connection,
  requests: Request[],
  first: number,
  deadline: number,
): Promise<number[]> {
  const latencies: number[] = []
  for (let at = first; ; at++) {
    const { bytes, target } = requests[at % requests.length] as Request
    const sent = performance.now()
    const answer = await connection.request(bytes)
    const now = performance.now()
    if (now > deadline) return latencies
    if (answer.status !== target.status || answer.bodyBytes !== target.bodyBytes) {
      throw new Error(
        `GET ${target.path} got ${answer.status} with ${answer.bodyBytes} bytes, not ${target.status} with ${target.bodyBytes}`,
      )
    }
    latencies.push(now - sent)
  }
}
