import { openConnection } from './connection.ts'
import type { RepeatJob } from './jobs.ts'

/** One client that sends the same work again and again, each time with another word in place of `{turn}`. Returns how often it was done. */
export async function repeatWrite(job: RepeatJob): Promise<number> {
  const connection = await openConnection(job.port)
  const deadline = performance.now() + job.seconds * 1000
  let turn = 0
  for (; performance.now() < deadline; turn++) {
    const body = Buffer.from(job.body.replaceAll('{turn}', `${job.word}-${turn}`))
    const head = `POST ${job.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${job.type}\r\nAuthorization: Bearer ${job.secret}\r\nContent-Length: ${body.length}\r\n\r\n`
    const { status, body: answer } = await connection.request(Buffer.concat([Buffer.from(head), body]), true)
    if (status !== 200 && status !== 201)
      throw new Error(`POST ${job.path} got ${status}: ${answer?.toString().slice(0, 500)}`)
  }
  connection.close()
  return turn
}
