/** Callers that request much as cheaply as possible: of an answer, only the status is kept. */
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './processes.ts'

/** Outcomes of requests: how many had which status, or `closed` if the connection ended first. */
export type Outcomes = Map<string, number>

export function count(outcomes: Outcomes, what: string, times = 1): void {
  outcomes.set(what, (outcomes.get(what) ?? 0) + times)
}

export interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Takes nothing of the answer for this many seconds; then the caller leaves. */
  readonly idle?: number
}

/** As if from many machines: readers without a key are identified by address. */
let callers = 0
function nextAddress(): string {
  callers += 1
  return `127.0.0.${2 + (callers % 50)}`
}

/** Seconds within which every request must be answered, or its connection closed. */
const answeredWithin = 90

/** One request on a separate connection. Returns the status, or `closed`; `silent` if nothing came, or the answer did not end. */
export function ask(service: Running, { method = 'GET', path, headers = {}, body, idle }: Asked): Promise<string> {
  const sending = request(service.url + path, { method, agent: false, headers, localAddress: nextAddress() })
  return new Promise((resolve) => {
    const end = (what: string) => {
      clearTimeout(timer)
      resolve(what)
      sending.destroy()
    }
    const timer = setTimeout(() => end('silent'), answeredWithin * 1000)
    sending.on('error', () => end('closed'))
    sending.on('response', (response) => {
      const status = String(response.statusCode)
      response.on('error', () => undefined).on('close', () => end(status))
      if (idle === undefined) response.resume()
      else setTimeout(() => end(status), idle * 1000)
    })
    sending.end(body)
  })
}

/**
 * The same request many times on one connection, sent without waiting for answers. If `takes` is false, nothing is read for `seconds`.
 * Returns the number of answers by status; missing answers are `closed`.
 */
export async function pipeline(
  { port }: Running,
  { method = 'GET', path, headers = {}, body = '' }: Asked,
  times: number,
  { takes = true, seconds = 20 } = {},
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const socket = connect({ port, host: '127.0.0.1', localAddress: nextAddress() })
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const all = Object.entries({ host: 'x', ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`)
  const one = `${method} ${path} HTTP/1.1\r\n${all.join('')}\r\n${body}`
  let answered = 0
  let rest = ''
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  socket.on('error', () => end()).on('close', () => end())
  if (takes) {
    socket.setEncoding('latin1').on('data', (text: string) => {
      const found = rest + text
      for (const [, status = ''] of found.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        answered += 1
        count(outcomes, status)
      }
      // No longer than a partial status line, so that no line is counted twice.
      rest = found.slice(-12)
      if (answered >= times) end()
    })
  }
  socket.write(one.repeat(times))
  await Promise.race([over, sleep(seconds * 1000, undefined, { ref: false })])
  socket.destroy()
  if (takes && answered < times) count(outcomes, 'closed', times - answered)
  return outcomes
}

/** Follows the feed from its beginning; if `takes` is false, nothing of it is read. Returns the status, and what ended it. */
export async function follow(service: Running, takes: boolean): Promise<{ status: string; leave: () => void }> {
  const headers = { accept: 'text/event-stream' }
  const sending = request(`${service.url}/v1/events?after=0`, {
    agent: false,
    headers,
    localAddress: nextAddress(),
  }).on('error', () => undefined)
  sending.end()
  const response = await new Promise<IncomingMessage | null>((resolve) => {
    sending.once('response', resolve)
    sending.once('close', () => resolve(null))
  })
  if (takes) response?.resume().on('error', () => undefined)
  return { status: String(response?.statusCode ?? 'closed'), leave: () => sending.destroy() }
}
