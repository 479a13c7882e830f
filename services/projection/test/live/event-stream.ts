/** A reader of an event stream that can be stalled, and keeps every byte. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { eventually } from '@commitments/test-kit'

type Cleanup = { after(work: () => unknown): unknown }

export interface StreamReader {
  readonly headers: IncomingHttpHeaders
  text(): string
  /** The positions of the events so far, in the order in which they came. */
  positions(): number[]
  /** Waits until this many events have come. */
  until(count: number): Promise<void>
  pause(): void
  resume(): void
  close(): void
  /** How the body ended: complete, or broken off. */
  readonly ended: Promise<'end' | 'broken'>
}

export async function openStream(t: Cleanup, url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
  const sending = request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false })
  sending.end()
  t.after(() => sending.destroy())
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200)
    throw new Error(`status ${response.statusCode}: ${(await response.toArray()).join('')}`)
  return readerOf(response)
}

function readerOf(response: IncomingMessage): StreamReader {
  const seen = { text: '', rest: '', positions: [] as number[] }
  const { promise: ended, resolve } = Promise.withResolvers<'end' | 'broken'>()
  response.setEncoding('utf8').on('data', (text: string) => take(seen, text))
  response.once('end', () => resolve('end'))
  response.once('error', () => resolve('broken'))
  response.once('close', () => resolve('broken'))
  return {
    headers: response.headers,
    text: () => seen.text,
    positions: () => [...seen.positions],
    until: async (count) => {
      await eventually(() => seen.positions.length >= count, { within: 60_000 })
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void response.destroy(),
    ended,
  }
}

/** A line of the log, or a change. */
const eventFrame = /^id: [0-9a-f-]{36}:(\d+)\ndata: \{(?:"proposalId":"[a-z0-9-]+",)?"position":(\d+),/

/** Processes whole frames only; each piece is read once, or a reader of megabytes would be slower than the service. */
function take(seen: { text: string; rest: string; positions: number[] }, text: string): void {
  seen.text += text
  const frames = (seen.rest + text).split('\n\n')
  seen.rest = frames.pop() ?? ''
  for (const frame of frames) {
    const [, id, position] = eventFrame.exec(frame) ?? []
    if (id !== position) throw new Error(`The id says ${id}, the data ${position}.`)
    if (id !== undefined) seen.positions.push(Number(id))
  }
}
