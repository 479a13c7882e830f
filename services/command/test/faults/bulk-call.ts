import { once } from 'node:events'
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { secretOf } from '@commitments/test-kit'
import { type CommandFixture } from '../app-fixture.ts'

export interface BulkCall {
  readonly request: ClientRequest
  /** The head of the answer, which comes with the first result. */
  readonly response: Promise<IncomingMessage>
  /** Resolves when the connection has ended in any way. */
  readonly ended: Promise<unknown>
  /** Resolves when the connection takes more; it takes no more than the service reads. */
  send(line: unknown): Promise<void>
}

/** Begins a bulk call over a real connection; answers are read only when the test reads them. */
export async function beginBulk({ app }: CommandFixture, query = '', agent: Agent | false = false): Promise<BulkCall> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const sending = request({
    host: '127.0.0.1',
    port,
    path: `/v1/events${query}`,
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${secretOf('registry')}`, 'content-type': 'application/x-ndjson' },
  })
  const response = new Promise<IncomingMessage>((resolve) => sending.once('response', resolve))
  const ended = new Promise((resolve) => sending.once('close', resolve))
  // These tests are about the end of the connection.
  sending.on('error', () => {})
  await once(sending, 'socket')
  return { request: sending, response, ended, send: (line) => send(sending, line) }
}

async function send(sending: ClientRequest, line: unknown): Promise<void> {
  const text = typeof line === 'string' ? line : `${JSON.stringify(line)}\n`
  if (sending.destroyed || sending.write(text)) return
  await new Promise<void>((resolve) => {
    const go = () => {
      sending.off('drain', go).off('close', go)
      resolve()
    }
    sending.on('drain', go).on('close', go)
  })
}

export type Result = { line?: number; status?: number; summary?: Record<string, number> } & Record<string, unknown>

/** Reads results, the first `count` of them or all. @throws if the answer is cut off */
export async function readResults(response: IncomingMessage, count = Infinity): Promise<Result[]> {
  const results: Result[] = []
  let rest = ''
  const chunks = response.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) results.push(JSON.parse(line) as Result)
    if (results.length >= count) break
  }
  return results
}
