import { openConnection } from './connection.ts'
import type { CrowdJob, CrowdResult } from './jobs.ts'

/**
 * Anonymous readers, from several addresses of this machine. Each sends its next request when it has an answer, or when the time that it
 * was told to wait is over.
 */
export async function readAsCrowd(job: CrowdJob): Promise<CrowdResult> {
  const deadline = performance.now() + job.seconds * 1000
  const result: CrowdResult = { answered: 0, refused: 0 }
  await Promise.all(Array.from({ length: job.readers }, (_, reader) => readUntil(job, reader, deadline, result)))
  return result
}

async function readUntil(job: CrowdJob, reader: number, deadline: number, result: CrowdResult): Promise<void> {
  const path = job.paths[reader % job.paths.length] as string
  const localAddress = `127.0.0.${2 + (reader % job.addresses)}`
  const connection = await openConnection(job.port, localAddress)
  let isOver = false
  const late = setTimeout(() => {
    isOver = true
    connection.close()
  }, deadline - performance.now())
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
  try {
    while (!isOver) {
      const { status } = await connection.request(request)
      if (status === 200) result.answered += 1
      else if (status === 503) {
        result.refused += 1
        await new Promise((resolve) => setTimeout(resolve, 2_000))
      } else throw new Error(`GET ${path} got ${status}`)
    }
  } catch (error) {
    // Closed because the time is over: by this flag, as a timer may fire a fraction of a millisecond early.
    if (!isOver) throw error
  } finally {
    clearTimeout(late)
    connection.close()
  }
}
