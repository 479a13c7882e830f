import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { createInterface } from 'node:readline'
import type { BulkJob, BulkResult } from './jobs.ts'

/** Lines are written in pieces of about this many characters. */
const piece = 64 * 1024

/** Sends all lines over one connection, and reads the results meanwhile. Fails at the first line that is not recorded. */
export async function bulk(job: BulkJob): Promise<BulkResult> {
  const began = performance.now()
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${job.secret}` }
  const call = request({ host: '127.0.0.1', port: job.port, path: '/v1/events', method: 'POST', headers })
  const answered = readResults(call)
  await Promise.race([send(call, job), answered])
  return { recorded: await answered, seconds: (performance.now() - began) / 1000 }
}

async function send(call: ClientRequest, job: BulkJob): Promise<void> {
  let text = ''
  for (let line = 0; line < job.lines; line++) {
    text += lineOf(job, line)
    if (text.length < piece && line < job.lines - 1) continue
    if (!call.write(text)) await once(call, 'drain')
    text = ''
  }
  call.end()
}

/** The events of each proposal follow one another. */
function lineOf({ bodies, prefix }: BulkJob, line: number): string {
  const step = line % bodies.length
  const proposalId = `${prefix}-${(line - step) / bodies.length}`
  return `{"proposalId":"${proposalId}","idempotencyKey":"${prefix}-${line}",${(bodies[step] as string).slice(1)}\n`
}

/** The number of recorded lines, as the summary says. */
async function readResults(call: ClientRequest): Promise<number> {
  const [answer] = await once(call, 'response')
  let last = ''
  for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (answer.statusCode !== 200 || line.includes('"detail"'))
      throw new Error(`the import got ${answer.statusCode}: ${line}`)
    last = line
  }
  const { summary } = JSON.parse(last) as { summary?: { recorded: number } }
  if (summary === undefined) throw new Error('the answer of the import was cut off')
  return summary.recorded
}
