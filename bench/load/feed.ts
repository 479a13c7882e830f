import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { CopyJob, DownloadResult, FeedJob } from './jobs.ts'

/** Downloads the whole feed over HTTP and drops it (or hashes it). */
export async function downloadFeed(job: FeedJob): Promise<DownloadResult> {
  const began = performance.now()
  const path = `/v1/events?after=0&limit=${job.limit}`
  const headers = { accept: 'application/x-ndjson', authorization: `Bearer ${job.secret}` }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port: job.port, path, headers }, resolve).on('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`GET ${path} got ${answer.statusCode}`)
  return take(answer, job.digest, began)
}

/** Downloads the output of a COPY … TO STDOUT statement through the driver and drops it (or hashes it). */
export async function downloadCopy(job: CopyJob): Promise<DownloadResult> {
  const client = new Client({ connectionString: job.url })
  await client.connect()
  const began = performance.now()
  const result = await take(client.query(copyTo(job.sql)), job.digest, began)
  await client.end()
  return result
}

async function take(source: AsyncIterable<Buffer>, digest: boolean, began: number): Promise<DownloadResult> {
  const hash = digest ? createHash('sha256') : null
  let bytes = 0
  for await (const piece of source) {
    bytes += piece.length
    hash?.update(piece)
  }
  return { seconds: (performance.now() - began) / 1000, bytes, sha256: hash?.digest('hex') ?? null }
}
