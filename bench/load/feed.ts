import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { CopyJob, DownloadResult, FeedJob, FileJob, FileResult } from './jobs.ts'

/** Downloads the whole feed over HTTP and drops it (or hashes it). */
export async function downloadFeed(job: FeedJob): Promise<DownloadResult> {
  const began = performance.now()
  const path = `/v1/events?after=0&limit=${job.limit}`
  return take(await answerTo({ ...job, path, accept: 'application/x-ndjson' }), job.digest, began)
}

/** Downloads a file, counts a text in it, and drops it. */
export async function downloadFile(job: FileJob): Promise<FileResult> {
  const began = performance.now()
  const counted = countIn(await answerTo({ ...job, accept: '*/*' }), job.counted)
  return { ...(await take(counted.pieces, true, began)), count: counted.count() }
}

async function answerTo(job: { port: number; path: string; accept: string; secret: string }): Promise<IncomingMessage> {
  const { port, path, accept, secret } = job
  const headers = { accept, authorization: `Bearer ${secret}` }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`GET ${path} got ${answer.statusCode}`)
  return answer
}

/** The same bytes, in which a text is counted: also one that begins in one piece and ends in the next. */
function countIn(source: AsyncIterable<Buffer>, text: string) {
  let count = 0
  async function* pieces(): AsyncGenerator<Buffer> {
    let end = ''
    for await (const piece of source) {
      const read = end + piece.toString('latin1')
      count += read.split(text).length - 1
      end = read.slice(Math.max(read.lastIndexOf(text) + text.length, read.length - text.length + 1))
      yield piece
    }
  }
  return { pieces: pieces(), count: () => count }
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
